import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../core/contract/errors.ts';
import { type LedgerRow, openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { type Ran, copyFolder, runHolder } from './holder-run.ts';

/** A holder killed at a point of a sealing of its ledger, looked at, started again, perhaps killed again, and looked at when it has come to its end. */

const PROGRAM = join(import.meta.dirname, 'sealing-holder.ts');
const SEGMENTS = 3;

/** `rows`: of the ledger as it was before. */
export type Ground = { folder: string; points: string[]; rows: LedgerRow[]; remove: () => void };

/** A vault whose ledger is to be sealed, and the points of a holder that is not killed. */
export async function ground(): Promise<Ground> {
  const folder = mkdtempSync('/dev/shm/claviger-seal-');
  const home = join(folder, 'start');
  mkdirSync(home, { mode: 0o700 });
  const made = await runHolder(PROGRAM, home, 'make');
  if (made.ended !== 'exit 0') throw new Error(`no vault: ${made.said}`);
  const calm = join(folder, 'calm');
  copyFolder(home, calm);
  const rows = await rowsOf(home);
  const ran = await runHolder(PROGRAM, calm, '0');
  const wrong = [...stopped(ran), ...(await sealed(calm, rows, [ran]))];
  if (wrong.length > 0) throw new Error(`undisturbed: ${wrong.join('; ')}`);
  rmSync(calm, { recursive: true });
  return {
    ...{ folder, rows, points: ran.lines.filter((line) => line.startsWith('point ')) },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What was lost by a kill at that point; empty where nothing was. `twice`: whoever goes on from there is killed at its own first point. */
export async function killAt({ folder, rows }: Ground, at: number, twice: boolean): Promise<string[]> {
  const home = mkdtempSync(join(folder, `at-${at}-`));
  try {
    copyFolder(join(folder, 'start/data'), join(home, 'data'));
    const runs = [await runHolder(PROGRAM, home, String(at))];
    const wrong = runs.at(-1)?.ended === 'SIGKILL' ? await left(home) : stopped(runs[0]);
    if (twice) {
      runs.push(await runHolder(PROGRAM, home, '1'));
      wrong.push(...(runs.at(-1)?.ended === 'SIGKILL' ? await left(home) : stopped(runs.at(-1))));
    }
    runs.push(await runHolder(PROGRAM, home, '0'));
    return [...wrong, ...stopped(runs.at(-1)), ...(await sealed(home, rows, runs))];
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** There are fewer points in one that was faster: it came to its end. */
const stopped = (ran: Ran | undefined) =>
  ran?.ended === 'exit 0' && ran.lines.at(-1) === 'done' ? [] : [`it ended: ${ran?.ended ?? ''} ${ran?.said ?? ''}`];

/** As the kill left it: every row is in the table or in a segment, and in one of them alone. */
async function left(home: string): Promise<string[]> {
  return faultsOf(() => verifyLedger(join(home, 'data'), { kinds: KINDS, paper: null }));
}

/** At the end: the tree, each segment as a file that stands alone, no other file, the rows that there were before, and what was called stored. */
async function sealed(home: string, before: LedgerRow[], runs: Ran[]): Promise<string[]> {
  const data = join(home, 'data');
  const wrong: string[] = [];
  const faults = await faultsOf(async () => {
    const { segments } = await verifyLedger(data, { kinds: KINDS, paper: null });
    const names = readdirSync(join(data, 'segments'));
    if (segments !== SEGMENTS || names.length !== SEGMENTS) wrong.push(`${segments} segments: ${names.join(' ')}`);
    for (const name of names) await verifyLedger(join(data, 'segments', name), { kinds: KINDS, paper: null });
  });
  wrong.push(...faults);
  const rows = await rowsOf(home);
  if (rows.some(({ seq }, index) => seq !== index + 1)) wrong.push('a row is missing, or there twice');
  if (JSON.stringify(rows.slice(0, before.length)) !== JSON.stringify(before)) wrong.push('a row is another one');
  const has =
    runs
      .at(-1)
      ?.lines.find((line) => line.startsWith('has '))
      ?.split(' ') ?? [];
  for (const { lines } of runs) {
    for (const [, name = ''] of lines.flatMap((line) => (line.startsWith('stored ') ? [line.split(' ')] : []))) {
      if (!has.includes(name)) wrong.push(`secret ${name} was stored and is not there`);
    }
  }
  return wrong;
}

async function rowsOf(home: string): Promise<LedgerRow[]> {
  const store = await openStore(join(home, 'data'));
  const rows = await openLedger(store, () => new Date(), KINDS).read();
  await store.close();
  return rows;
}

async function faultsOf(look: () => Promise<unknown>): Promise<string[]> {
  try {
    await look();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [`${error.code} ${JSON.stringify(error.params)}`];
  }
}
