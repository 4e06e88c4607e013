import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { copyFolder, runHolder } from './holder-run.ts';

/** A holder killed at a point of a rotation of the vault's keys, started again, and looked at when it has come to its end. */

const PROGRAM = join(import.meta.dirname, 'rotating-holder.ts');

export type Ground = { folder: string; points: string[]; remove: () => void };

/** A vault to be rotated, and the points of one that is not killed: how many there are differs a little from run to run. */
export async function ground(): Promise<Ground> {
  const folder = mkdtempSync('/dev/shm/claviger-rotation-');
  const home = join(folder, 'start');
  mkdirSync(home, { mode: 0o700 });
  const made = await runHolder(PROGRAM, home, 'make');
  if (made.ended !== 'exit 0') throw new Error(`no vault: ${made.said}`);
  const calm = join(folder, 'calm');
  copyFolder(home, calm);
  const { lines, ended, said } = await runHolder(PROGRAM, calm, '0');
  if (ended !== 'exit 0' || lines.at(-1) !== 'done') throw new Error(`undisturbed it ended: ${ended} ${said}`);
  rmSync(calm, { recursive: true });
  return {
    folder,
    points: lines.filter((line) => line.startsWith('point ')),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What was lost by a kill at that point; empty where nothing was. */
export async function killAt({ folder }: Ground, at: number): Promise<string[]> {
  const home = mkdtempSync(join(folder, `at-${at}-`));
  try {
    copyFolder(join(folder, 'start/data'), join(home, 'data'));
    const first = await runHolder(PROGRAM, home, String(at));
    if (first.ended !== 'SIGKILL')
      return first.lines.at(-1) === 'done' ? [] : [`it ended: ${first.ended} ${first.said}`];
    const second = await runHolder(PROGRAM, home, '0');
    if (second.lines.at(-1) !== 'done') return [`started again it ended: ${second.ended} ${second.said}`];
    const has = second.lines.find((line) => line.startsWith('has '))?.split(' ') ?? [];
    const stored = first.lines.filter((line) => line.startsWith('stored ')).map((line) => line.slice('stored '.length));
    const lost = stored
      .filter((name) => !has.includes(name))
      .map((name) => `secret ${name} was stored and is not there`);
    await verifyLedger(join(home, 'data'), { kinds: KINDS, paper: null });
    return lost;
  } finally {
    rmSync(home, { recursive: true });
  }
}
