import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerRow } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { type PostgresServer, pointAt, startPostgres } from '../store/postgres-server.ts';
import { type Ran, runHolder } from './holder-run.ts';
import { SEGMENTS, faultsOf, lostSecrets, otherRows, rowsOf, stopped, unverified } from './seal-faults.ts';

/** The same holder with its store on PostgreSQL: one node of several, killed at a point of a sealing; the same node goes on, or another one with a folder of its own does. */

const PROGRAM = join(import.meta.dirname, 'sealing-holder.ts');

/** `model`: the database of the vault as it was before. */
export type Ground = {
  folder: string;
  server: PostgresServer;
  model: string;
  points: string[];
  rows: LedgerRow[];
  remove: () => void;
};

/** A vault whose ledger is to be sealed, and the points of a holder that is not killed. */
export async function ground(): Promise<Ground> {
  const folder = mkdtempSync('/dev/shm/claviger-seal-');
  const server = await startPostgres();
  const remove = () => {
    server.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    const model = await server.database();
    const home = node(folder, server, model);
    const made = await runHolder(PROGRAM, home, 'make');
    if (made.ended !== 'exit 0') throw new Error(`no vault: ${made.said}`);
    const rows = await rowsOf(join(home, 'data'));
    const start = { folder, server, model, rows, points: [], remove };
    const points = await copied(start, async (database) => {
      const calm = node(folder, server, database);
      const ran = await runHolder(PROGRAM, calm, '0');
      const wrong = [...stopped(ran), ...(await sealed(start, database, calm, [ran]))];
      if (wrong.length > 0) throw new Error(`undisturbed: ${wrong.join('; ')}`);
      return ran.lines.filter((line) => line.startsWith('point '));
    });
    return { ...start, points };
  } catch (error) {
    remove();
    throw error;
  }
}

/** What was lost by a kill at that point; empty where nothing was. `twice`: another node is killed at its own first point before the first one goes on; else another one goes on. */
export function killAt(made: Ground, at: number, twice: boolean): Promise<string[]> {
  const { folder, server } = made;
  return copied(made, async (database) => {
    const [here, there] = [node(folder, server, database), node(folder, server, database)];
    const runs: Ran[] = [];
    const wrong: string[] = [];
    const run = async (home: string, until: string) => {
      const ran = await runHolder(PROGRAM, home, until);
      runs.push(ran);
      await gone(server, database);
      wrong.push(...(ran.ended === 'SIGKILL' ? await unverified(join(home, 'data')) : stopped(ran)));
    };
    await run(here, String(at));
    if (twice) await run(there, '1');
    const last = twice ? here : there;
    await run(last, '0');
    return [...wrong, ...(await sealed(made, database, last, runs))];
  });
}

/** A folder of its own, whose store is that database. */
function node(folder: string, server: PostgresServer, database: string): string {
  const home = mkdtempSync(join(folder, 'node-'));
  mkdirSync(join(home, 'data'), { mode: 0o700 });
  pointAt(join(home, 'data'), server, database);
  return home;
}

/** Work in a copy of the vault, which goes with it. */
async function copied<T>({ server, model }: Ground, work: (database: string) => Promise<T>): Promise<T> {
  await gone(server, model);
  const database = await server.database(`TEMPLATE ${model}`);
  try {
    return await work(database);
  } finally {
    await server.sql('postgres', `DROP DATABASE ${database} WITH (FORCE)`);
  }
}

/** What the server was told last it does; then it notices that whoever told it is not there any more. */
async function gone(server: PostgresServer, database: string): Promise<void> {
  const there = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database}'`;
  while ((await server.sql('postgres', there)).length > 0) continue;
}

/** At the end: the tree, each segment as a file that stands alone, no draft of anything else in the folder of whoever went on, the rows that there were before, and what was called stored. */
async function sealed({ server, rows }: Ground, database: string, home: string, runs: Ran[]): Promise<string[]> {
  const data = join(home, 'data');
  const wrong: string[] = [];
  const whole: string[] = [];
  const faults = await faultsOf(async () => {
    const { segments } = await verifyLedger(data, { kinds: KINDS, paper: null });
    const kept = await server.sql(
      database,
      "SELECT first, string_agg(bytes, '' ORDER BY number) AS bytes FROM ledger_segment_part GROUP BY first",
    );
    if (segments !== SEGMENTS || kept.length !== SEGMENTS) wrong.push(`${segments} segments, ${kept.length} files`);
    for (const { first, bytes } of kept) {
      const file = join(home, `${String(first)}.ledger`);
      writeFileSync(file, bytes as Buffer);
      whole.push(file);
      await verifyLedger(file, { kinds: KINDS, paper: null });
    }
  });
  // Where all was sealed already there is no folder.
  const folder = join(data, '.sealing');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    // Killed when its last rows had left, a node has had nothing to seal since: its draft is what the database has.
    const draft = readFileSync(join(folder, name));
    if (!whole.some((file) => readFileSync(file).equals(draft))) wrong.push(`a draft: ${name}`);
  }
  return [...wrong, ...faults, ...(await otherRows(data, rows)), ...lostSecrets(runs)];
}
