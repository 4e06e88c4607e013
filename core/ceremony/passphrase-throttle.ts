import { Refusal } from '../contract/errors.ts';
import type { CeremonyState } from './state.ts';

/** Wrong passphrases of one share that cost nothing but the typing. */
const FREE_TRIES = 3;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * After three wrong passphrases of a share the next one waits: a minute, and twice as long each time. Counted from the ledger, so
 * that a new start of the program begins no new count. PASSPHRASE_THROTTLED.
 */
export function refuseTooSoon({ wrongPassphrases }: CeremonyState, share: number, now: Date): void {
  const wrong = wrongPassphrases.filter((one) => one.share === share);
  const last = wrong.at(-1);
  if (!last || wrong.length < FREE_TRIES) return;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (wrong.length - FREE_TRIES), LONGEST_WAIT_MS);
  const sinceMs = now.getTime() - new Date(last.at).getTime();
  // A clock that has gone back is a matter of its own: somebody accepts it by name.
  if (sinceMs < 0 || sinceMs >= waitMs) return;
  throw new Refusal('PASSPHRASE_THROTTLED', { share, seconds: Math.ceil((waitMs - sinceMs) / 1000) });
}
