import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { WORTH_A_THREAD, growingTree } from '../../core/ledger/growth.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { leafHash } from '../../core/ledger/tree.ts';
import { openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { naiveRoot } from './naive-tree.ts';
import { KINDS, note, verify } from './sample-ledger.ts';

/** The tree on a thread of its own, and a ledger that is long enough for it. */

const ROWS = WORTH_A_THREAD + 10;
/** In the middle of a page. */
const PAPER = 12_345;
let folder: string;
let root: Uint8Array;
let paper: string;

beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'claviger-growth-'));
  folder = join(home, 'data');
  const store = await openStore(folder);
  const ledger = openLedger(store, () => new Date(), KINDS);
  for (let row = 1; row <= ROWS; row += 2001) {
    await ledger.append(
      Array.from({ length: Math.min(2001, ROWS + 1 - row) }, (_, index) => note(`note ${row + index} ü`)),
    );
  }
  ({ root } = await ledger.head());
  paper = (await ledger.checkpoint(PAPER)).text;
  await store.close();
  return () => {
    rmSync(home, { recursive: true });
  };
});

/** A copy in which somebody who minds no trigger has done this. */
function tampered(...statements: string[]): string {
  const copy = join(temporaryFolder(), 'data');
  cpSync(folder, copy, { recursive: true });
  const database = new Database(join(copy, 'claviger.db'));
  for (const trigger of ['ledger_no_update', 'ledger_no_delete', 'ledger_tree_no_update']) {
    database.exec(`DROP TRIGGER ${trigger}`);
  }
  for (const statement of statements) database.exec(statement);
  database.close();
  return copy;
}

async function badRow(...statements: string[]): Promise<unknown> {
  return (await refused('LEDGER_ALTERED', () => verify(tampered(...statements))))['seq'];
}

const ALTER = (seq: number) => `UPDATE ledger SET body = '{"text":"another"}' WHERE seq = ${seq}`;

test('a tree grows alike here and on a thread, page by page, and as RFC 6962 has it', async () => {
  const leaves = Array.from({ length: 50 }, (_, index) => `leaf ${index} ü`);
  const pages = [leaves.slice(0, 1), leaves.slice(1, 20), [], leaves.slice(20, 33), leaves.slice(33)];
  const grown = async (size: number) => {
    const tree = growingTree(size, 25);
    const growths = await Promise.all(pages.map((page) => tree.grow(page)));
    await tree.close();
    return growths;
  };
  const [here, beside] = [await grown(0), await grown(WORTH_A_THREAD)];
  const plain = ({ hashes, ends, root, markedRoot }: (typeof here)[number]) => ({
    hashes: Buffer.from(hashes).toString('hex'),
    root: Buffer.from(root).toString('hex'),
    ...{ ends, markedRoot: markedRoot && Buffer.from(markedRoot).toString('hex') },
  });
  expect(beside.map(plain)).toEqual(here.map(plain));
  const hex = (bytes: Uint8Array | null | undefined) => bytes && Buffer.from(bytes).toString('hex');
  expect(hex(here.at(-1)?.root)).toBe(hex(naiveRoot(leaves)));
  expect(here.map(({ markedRoot }) => hex(markedRoot))).toEqual([
    ...[null, null, null, hex(naiveRoot(leaves.slice(0, 25))), null],
  ]);
  expect(hex(here[0]?.hashes.subarray(0, here[0].ends[0]))).toBe(hex(leafHash(leaves[0] ?? '')));
});

test('a long ledger is verified, and contains its checkpoint on paper', async () => {
  expect(await verify(folder, paper)).toMatchObject({
    ...{ size: ROWS, root: Buffer.from(root).toString('base64'), paper: PAPER, warnings: [] },
  });
});

test('the first bad row is named, whatever is wrong behind it', async () => {
  expect(await badRow(ALTER(15_500))).toBe(15_500);
  expect(await badRow(ALTER(7_500), 'DELETE FROM ledger WHERE seq = 8200')).toBe(7_500);
  expect(await badRow(ALTER(8_900), 'DELETE FROM ledger WHERE seq = 8200')).toBe(8_200);
  expect(await badRow(`UPDATE ledger SET body = '{' WHERE seq = ${ROWS}`)).toBe(ROWS);
  expect(await badRow(`UPDATE ledger_tree SET hashes = zeroblob(32) WHERE seq = 10001`)).toBe(10_001);
  expect(await badRow(`UPDATE ledger SET kind = 'other' WHERE seq = 3`, ALTER(1_500))).toBe(3);
});
