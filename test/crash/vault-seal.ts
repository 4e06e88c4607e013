import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerRow } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { type Ran, copyFolder, runHolder } from './holder-run.ts';
import { SEGMENTS, faultsOf, lostSecrets, otherRows, rowsOf, stopped, unverified } from './seal-faults.ts';

/** A holder killed at a point of a sealing of its ledger, looked at, started again, perhaps killed again, and looked at when it has come to its end. */

const PROGRAM = join(import.meta.dirname, 'sealing-holder.ts');

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
  const rows = await rowsOf(join(home, 'data'));
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
    const wrong = runs.at(-1)?.ended === 'SIGKILL' ? await unverified(join(home, 'data')) : stopped(runs[0]);
    if (twice) {
      runs.push(await runHolder(PROGRAM, home, '1'));
      wrong.push(...(runs.at(-1)?.ended === 'SIGKILL' ? await unverified(join(home, 'data')) : stopped(runs.at(-1))));
    }
    runs.push(await runHolder(PROGRAM, home, '0'));
    return [...wrong, ...stopped(runs.at(-1)), ...(await sealed(home, rows, runs))];
  } finally {
    rmSync(home, { recursive: true });
  }
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
  return [...wrong, ...faults, ...(await otherRows(data, before)), ...lostSecrets(runs)];
}
