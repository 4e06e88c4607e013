import type { CommandInput } from '../core/contract/commands.ts';
import { type Outcome, Refusal } from '../core/contract/errors.ts';
import { SECRET_LIMIT } from '../core/process/secret-channel.ts';
import type { CoreProcess } from '../core/service/client.ts';
import { isShown } from '../core/service/shown.ts';
import { inputOf } from './vault-entry.ts';

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
