import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { explain } from '../contract/explain.ts';
import type { TokenProcess } from '../hsm/process/client.ts';
import { type Checkpoint, parseCheckpoint } from '../ledger/checkpoint.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** A copy of the last checkpoint in the token (PKCS#11 4.6, CKO_DATA): an older copy of the ledger is noticed without paper. */

const LABEL = 'claviger-checkpoint';
const NAME = 'Checkpoint in the token';

/** What the token remembers, against the ledger that is here. It warns; the paper decides. */
export async function compareTokenCheckpoint(token: TokenProcess, ledger: Ledger): Promise<Fact[]> {
  const say = (verdict: 'go' | 'warning', detail: string): Fact[] => [{ kind: 'check', label: NAME, verdict, detail }];
  const kept = await keptIn(token);
  if (kept === null) return [];
  const seen = parseCheckpoint(kept);
  if (!seen) return say('warning', 'it cannot be read');
  if (seen.origin !== (await ledger.origin())) return say('warning', `it is of another ledger, ${seen.origin}`);
  const { size } = await ledger.head();
  if (seen.size > size) {
    return say('warning', `the token has seen ${seen.size} rows and this ledger has ${size}: is it an older copy?`);
  }
  const { root } = await ledger.checkpoint(seen.size);
  if (!Buffer.from(root).equals(seen.root)) return say('warning', `the first ${seen.size} rows are other ones`);
  return say('go', `its ${seen.size} rows are the first of this ledger`);
}

/** Leaves the checkpoint in the token. A token that keeps no data is said to. */
export async function keepInToken(token: TokenProcess, { text, size }: Checkpoint): Promise<Fact> {
  try {
    await token.call('writeData', { label: LABEL, value: Buffer.from(text).toString('base64') });
    return { kind: 'check', label: NAME, verdict: 'go', detail: `${size} rows` };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'TOKEN_GONE') throw error;
    return { kind: 'check', label: NAME, verdict: 'warning', detail: explain(error.value).says };
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
