import { type Outcome, Refusal } from '../core/contract/errors.ts';
import type { CoreProcess } from '../core/service/client.ts';

/** What the private entry may ask of a vault, and as what the command takes the secret; null where a one-time code is all that is typed. */
const TAKES = {
  'vault.unlock': 'secret',
  'vault.login': 'password',
  'vault.put': 'value',
  'vault.setPassword': 'password',
  'vault.rotateSecret': 'value',
  'vault.rotateKey': 'secret',
  'vault.continueRotation': 'secret',
  'vault.breakGlass': null,
} as const;
type Taking = keyof typeof TAKES;

/** A login begins with the one-time code, and the password is the rest (bytes). */
const CODE_BYTES = 6;

/**
 * One command of the vault with what was typed for it. `query`: `command`, and `input` in JSON, which the window knows; `typed`: what it does not, and what the caller
 * wipes. COMMAND_UNKNOWN, INPUT_INVALID, CORE_GONE.
 */
export async function callVault(
  core: CoreProcess,
  query: URLSearchParams,
  typed: Uint8Array,
): Promise<Outcome<unknown>> {
  const command = query.get('command') ?? '';
  if (!Object.hasOwn(TAKES, command)) throw new Refusal('COMMAND_UNKNOWN', { command });
  const taking = command as Taking;
  const input = inputOf(query);
  const field = TAKES[taking];
  // Core checks the input against the contract.
  const call = (typedInput: object) => core.call(taking, { ...input, ...typedInput });
  if (field === null) return call({ code: textOf(typed) });
  const isLogin = taking === 'vault.login';
  const code = isLogin ? { code: textOf(typed.subarray(0, CODE_BYTES)) } : {};
  const ticket = await core.sendSecret(isLogin ? typed.subarray(CODE_BYTES) : typed);
  return call({ ...code, [field]: ticket });
}

/** A code counts once, and core takes it as text. */
const textOf = (code: Uint8Array) => new TextDecoder().decode(code);

/** INPUT_INVALID. */
export function inputOf(query: URLSearchParams): object {
  try {
    const input = JSON.parse(query.get('input') ?? '{}') as unknown;
    if (typeof input === 'object' && input !== null) return input;
  } catch {
    // Told below, as what is JSON and no input.
  }
  throw new Refusal('INPUT_INVALID', { detail: 'not the input of a command' });
}
