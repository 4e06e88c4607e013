import type { CommandInput } from '../core/contract/commands.ts';
import { type Outcome, Refusal } from '../core/contract/errors.ts';
import { SECRET_LIMIT } from '../core/process/secret-channel.ts';
import type { CoreProcess } from '../core/service/client.ts';
import { isShown } from '../core/service/shown.ts';

/** What the private entry may ask of a vault, and as what the command takes the secret. */
const TAKES = {
  'vault.unlock': 'secret',
  'vault.login': 'password',
  'vault.put': 'value',
  'vault.setPassword': 'password',
  'vault.rotateSecret': 'value',
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
  const isLogin = taking === 'vault.login';
  const code = isLogin ? { code: new TextDecoder().decode(typed.subarray(0, CODE_BYTES)) } : {};
  const ticket = await core.sendSecret(isLogin ? typed.subarray(CODE_BYTES) : typed);
  // Core checks the input against the contract.
  return core.call(taking, { ...input, ...code, [TAKES[taking]]: ticket } as CommandInput<Taking>);
}

/** The secret of a vault that is made stands before its administrator's password, and its length (2 bytes, big-endian) before both. */
const LENGTH_BYTES = 2;
export const MADE_LIMIT = LENGTH_BYTES + 2 * SECRET_LIMIT;

/**
 * A command of which something is shown once: a new vault with what two people typed for it, or the key of somebody's one-time codes, for which nothing is typed (`typed` is one byte then).
 * Answers what is shown, which the caller wipes. COMMAND_UNKNOWN, INPUT_INVALID, CORE_GONE.
 */
export async function showOfVault(
  core: CoreProcess,
  query: URLSearchParams,
  typed: Uint8Array,
): Promise<Outcome<Uint8Array>> {
  const command = query.get('command') ?? '';
  if (!isShown(command)) throw new Refusal('COMMAND_UNKNOWN', { command });
  const input = inputOf(query);
  if (command === 'vault.setTotp') return core.callShown(command, input as CommandInput<typeof command>);
  const length = ((typed[0] ?? 0) << 8) | (typed[1] ?? 0);
  const at = LENGTH_BYTES + length;
  if (typed.length <= at) throw new Refusal('INPUT_INVALID', { detail: 'a password is missing' });
  // A token whose file says where its PIN is takes none.
  const secret = length === 0 ? {} : { secret: await core.sendSecret(typed.subarray(LENGTH_BYTES, at)) };
  const password = await core.sendSecret(typed.subarray(at));
  return core.callShown(command, { ...input, ...secret, password } as CommandInput<typeof command>);
}

function inputOf(query: URLSearchParams): object {
  try {
    const input = JSON.parse(query.get('input') ?? '{}') as unknown;
    if (typeof input === 'object' && input !== null) return input;
  } catch {
    // Told below, as what is JSON and no input.
  }
  throw new Refusal('INPUT_INVALID', { detail: 'not the input of a command' });
}
