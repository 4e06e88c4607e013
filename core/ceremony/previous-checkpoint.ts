import type { Mode } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { parseCheckpoint, readPaperCheckpoint } from '../ledger/checkpoint.ts';
import { LEDGER_KINDS } from '../ledger/kinds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { CeremonyEvent } from './event.ts';

type Begun = Extract<CeremonyEvent, { kind: 'ceremony.begun' }>['body'];

/** What the newest signed checkpoint covers; null where none was signed. */
export async function newestCheckpoint(ledger: Ledger): Promise<{ size: number; at: string } | null> {
  const [row] = await ledger.read({ kind: 'ledger.checkpoint', limit: 1 });
  if (!row) return null;
  const { body } = LEDGER_KINDS['ledger.checkpoint'].parse(row.body);
  return { size: parseCheckpoint(body)?.size ?? 0, at: row.at };
}

/**
 * Proves that the rows that are there now begin with those of the checkpoint on paper: the rows themselves are hashed for it. A
 * ledger that signed one wants the newest, or to hear why nobody has it; a live ceremony says so in any case. CHECKPOINT_NEEDED,
 * CHECKPOINT_UNSAID, CHECKPOINT_OLDER, CHECKPOINT_INVALID, LEDGER_OTHER, LEDGER_ROLLED_BACK, LEDGER_FORKED, LEDGER_ALTERED.
 */
export async function previousCheckpoint(
  ledger: Ledger,
  mode: Mode,
  given: { paper: string } | { lost: string } | null,
): Promise<Begun['previous']> {
  await ledger.checkLeaves();
  const newest = await newestCheckpoint(ledger);
  if (given === null) {
    if (newest) throw new Refusal('CHECKPOINT_NEEDED', { size: newest.size });
    if (mode === 'live') throw new Refusal('CHECKPOINT_UNSAID');
    return null;
  }
  if ('lost' in given) return given;
  const paper = readPaperCheckpoint(given.paper);
  const origin = await ledger.origin();
  if (paper.origin !== null && paper.origin !== origin) {
    throw new Refusal('LEDGER_OTHER', { paper: paper.origin, origin });
  }
  const { size, root: treeRoot } = await ledger.head();
  if (paper.size > size) {
    throw new Refusal('LEDGER_ROLLED_BACK', { size, paper: paper.size, missing: paper.size - size });
  }
  if (newest && paper.size < newest.size) {
    throw new Refusal('CHECKPOINT_OLDER', { paper: paper.size, size: newest.size });
  }
  const { root } = await ledger.checkpoint(paper.size);
  if (!Buffer.from(root).equals(paper.root)) throw new Refusal('LEDGER_FORKED', { paper: paper.size });
  const proof = await ledger.proveConsistency(paper.size, size);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return {
    size: paper.size,
    root: base64(paper.root),
    treeSize: size,
    treeRoot: base64(treeRoot),
    proof: proof.map(base64),
  };
}
