import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENTS } from '../../core/ceremony/event.ts';
import { type Ledger, openLedger } from '../../core/ledger/ledger.ts';
import { type RowText, leafOf } from '../../core/ledger/row.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { openLedgerReader } from '../../core/store/read-only.ts';
import { openStore } from '../../core/store/open.ts';
import { type Figure, measure, rateOf, table } from './rounds.ts';

/** A ledger of a million rows: how fast it is verified beside its bare hashes, and how it is appended to beside a new one. */

const ROWS = 1_000_000;
const ROUNDS = 3;
const TOGETHER = 1000;
/** Verification may take at most twice as long as the hashes alone: half the rows a second. */
const VERIFY_GOAL = 0.5;
/** Appending to the large one beside a new one: flat, but for the noise of the disk. */
const FLAT_GOAL = 0.8;

export async function benchmarkLedger(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-bench-'));
  try {
    const large = join(folder, 'large');
    const store = await openStore(large);
    const ledger = openLedger(store, () => new Date(), EVENTS);
    for (let count = 0; count < ROWS; count += TOGETHER) await ledger.append(sampleRows(count));
    await store.close();
    const verified = await measure(() => bareHashes(large), [
      { name: `rows verified, of ${ROWS}`, run: () => verifyAll(large), goal: VERIFY_GOAL },
    ], ROUNDS); // prettier-ignore
    return [...verified, ...(await benchmarkAppending(folder, large))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchmarkAppending(folder: string, large: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const [newStore, largeStore] = [await openStore(join(folder, 'new')), await openStore(large)];
  try {
    const [small, grown] = [newStore, largeStore].map((store) => openLedger(store, () => new Date(), EVENTS)) as [
      Ledger,
      Ledger,
    ];
    for (const { name, calls, rows } of [
      { name: `rows appended to ${ROWS}, one at a time`, calls: 400, rows: 1 },
      { name: `rows appended to ${ROWS}, ${TOGETHER} at a time`, calls: 20, rows: TOGETHER },
    ]) {
      const appending = (ledger: Ledger) => () =>
        rateOf(calls * rows, async () => {
          for (let call = 0; call < calls; call++) await ledger.append(sampleRows(call).slice(0, rows));
        });
      figures.push(...(await measure(appending(small), [{ name, run: appending(grown), goal: FLAT_GOAL }], ROUNDS)));
    }
    return figures;
  } finally {
    await newStore.close();
    await largeStore.close();
  }
}

function sampleRows(from: number) {
  return Array.from({ length: TOGETHER }, (_, index) => ({
    kind: 'step.answered',
    ceremony: `2026-01-01-${String(Math.floor((from + index) / 100)).padStart(8, '0')}`,
    body: {
      step: 'read-root',
      ask: 'words',
      answer: { text: `row ${from + index}: what somebody typed, of usual length` },
    },
  }));
}

async function verifyAll(folder: string): Promise<number> {
  return rateOf(ROWS, async () => {
    const { size } = await verifyLedger(folder, { kinds: EVENTS, paper: null });
    if (size !== ROWS) throw new Error(`${size} rows were verified`);
  });
}

/** The leaf and node hashes of the same tree, and nothing else: reading the rows is not counted. */
async function bareHashes(folder: string): Promise<number> {
  const reader = await openLedgerReader(folder);
  const children = new Uint8Array(65);
  let milliseconds = 0;
  for (let last = 0; last < ROWS;) {
    const rows = await reader.rows(last, TOGETHER);
    const leaves = rows.map(
      ([seq, at, kind, ceremony, body]) => `\0${leafOf({ seq, at, kind, ceremony, body } as RowText)}`,
    );
    const began = performance.now();
    for (const leaf of leaves) {
      hash('sha256', leaf, 'buffer');
      last += 1;
      for (let place = last; place % 2 === 0; place /= 2) hash('sha256', children, 'buffer');
    }
    milliseconds += performance.now() - began;
  }
  await reader.close();
  return (ROWS / milliseconds) * 1000;
}

export function ledgerSection(figures: Figure[]): string {
  return `${table(figures)}

A ledger of a million rows is verified beside its bare hashes (the bound), and appended to beside a new one (\`npm run bench -- --only ledger\`).
Both are wall time of one run. A ledger of 20,000 rows or more is verified on two threads (core/ledger/growth.ts): one hashes while the other reads
rows, checks them against their schemas and compares stored hashes. So the ratio needs a second processor that is free; in processor time
verification takes more than twice the bare hashes, with one thread or with two.
`;
}
