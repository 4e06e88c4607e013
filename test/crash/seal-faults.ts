import { Refusal } from '../../core/contract/errors.ts';
import { type LedgerRow, openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import type { Ran } from './holder-run.ts';

/** What is looked at after a kill in a sealing, wherever the store is: each answers what is wrong, and nothing where nothing is. */

/** How many segments a holder makes that comes to its end (sealing-holder.ts). */
export const SEGMENTS = 3;

/** There are fewer points in one that was faster: it came to its end. */
export const stopped = (ran: Ran | undefined) =>
  ran?.ended === 'exit 0' && ran.lines.at(-1) === 'done' ? [] : [`it ended: ${ran?.ended ?? ''} ${ran?.said ?? ''}`];

/** Every row is in the table or in a segment, and in one of them alone. `path`: a data folder, or a segment by itself. */
export const unverified = (path: string) => faultsOf(() => verifyLedger(path, { kinds: KINDS, paper: null }));

export async function faultsOf(look: () => Promise<unknown>): Promise<string[]> {
  try {
    await look();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [`${error.code} ${JSON.stringify(error.params)}`];
  }
}

export async function rowsOf(data: string): Promise<LedgerRow[]> {
  const store = await openStore(data);
  const rows = await openLedger(store, () => new Date(), KINDS).read();
  await store.close();
  return rows;
}

/** The rows that there were before, each once and in order, and those that came later. */
export async function otherRows(data: string, before: LedgerRow[]): Promise<string[]> {
  const wrong: string[] = [];
  const rows = await rowsOf(data);
  if (rows.some(({ seq }, index) => seq !== index + 1)) wrong.push('a row is missing, or there twice');
  if (JSON.stringify(rows.slice(0, before.length)) !== JSON.stringify(before)) wrong.push('a row is another one');
  return wrong;
}

/** What one of them called stored the last one has. */
export function lostSecrets(runs: Ran[]): string[] {
  const has =
    runs
      .at(-1)
      ?.lines.find((line) => line.startsWith('has '))
      ?.split(' ') ?? [];
  return runs
    .flatMap(({ lines }) => lines.filter((line) => line.startsWith('stored ')).map((line) => line.slice(7)))
    .filter((name) => !has.includes(name))
    .map((name) => `secret ${name} was stored and is not there`);
}
