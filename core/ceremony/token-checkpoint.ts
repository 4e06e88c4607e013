import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { explain } from '../contract/explain.ts';
import type { TokenProcess } from '../hsm/process/client.ts';
import { type Checkpoint, parseCheckpoint } from '../ledger/checkpoint.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { say } from './say.ts';
import type { CeremonyState } from './state.ts';

/** A copy of the last checkpoint in the token (PKCS#11 4.6, CKO_DATA): an older copy of the ledger is noticed without paper. */

const LABEL = 'claviger-checkpoint';

/** What the token remembers, against the ledger that is here. It warns; the paper decides. */
export async function compareTokenCheckpoint(
  state: CeremonyState,
  token: TokenProcess,
  ledger: Ledger,
): Promise<Fact[]> {
  const label = say(state, 'tokenCheckpoint.name');
  const compared = (verdict: 'go' | 'warning', detail: string): Fact[] => [{ kind: 'check', label, verdict, detail }];
  const kept = await keptIn(token);
  if (kept === null) return [];
  const seen = parseCheckpoint(kept);
  if (!seen) return compared('warning', say(state, 'tokenCheckpoint.unreadable'));
  if (seen.origin !== (await ledger.origin())) {
    return compared('warning', say(state, 'tokenCheckpoint.other', { origin: seen.origin }));
  }
  const { size } = await ledger.head();
  if (seen.size > size) {
    return compared('warning', say(state, 'tokenCheckpoint.older', { seen: seen.size, size }));
  }
  const { root } = await ledger.checkpoint(seen.size);
  if (!Buffer.from(root).equals(seen.root)) {
    return compared('warning', say(state, 'tokenCheckpoint.forked', { seen: seen.size }));
  }
  return compared('go', say(state, 'tokenCheckpoint.same', { seen: seen.size }));
}

/** Leaves the checkpoint in the token. A token that keeps no data is said to. */
export async function keepInToken(
  state: CeremonyState,
  token: TokenProcess,
  { text, size }: Checkpoint,
): Promise<Fact> {
  const label = say(state, 'tokenCheckpoint.name');
  try {
    await token.call('writeData', { label: LABEL, value: Buffer.from(text).toString('base64') });
    return { kind: 'check', label, verdict: 'go', detail: say(state, 'tokenCheckpoint.kept', { size }) };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'TOKEN_GONE') throw error;
    return { kind: 'check', label, verdict: 'warning', detail: explain(error.value, state.language).says };
  }
}

/** Null where there is none, or the token keeps no data. */
async function keptIn(token: TokenProcess): Promise<string | null> {
  try {
    const { value } = await token.call('readData', { label: LABEL });
    return value === null ? null : Buffer.from(value, 'base64').toString();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'TOKEN_GONE') throw error;
    return null;
  }
}
