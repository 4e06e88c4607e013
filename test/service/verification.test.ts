import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { EVENTS } from '../../core/ceremony/event.ts';
import type { VerificationProgress } from '../../core/contract/ledger.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { scanPicture } from '../../core/print/scan.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { startCore } from './core.ts';

/** A store verifies itself while it is open: in the background, with its progress, and to the first bad row. */

const event = (text: string) => ({
  kind: 'step.answered',
  ceremony: 'one',
  body: { step: 'a', ask: 'b', answer: { text } },
});

/** A key, so many rows, a checkpoint, and two rows after it. */
async function signedStore(rows: number): Promise<{ data: string; text: string }> {
  const data = join(temporaryFolder(), 'data');
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date('2026-01-01T00:00:00Z'), EVENTS);
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await ledger.append(Array.from({ length: rows }, (_, index) => event(`row ${index}`)));
  const text = await appendCheckpoint(ledger, key);
  await ledger.append([event('after it')]);
  await store.close();
  return { data, text };
}

/** Waits for what comes after each answer, until `enough`. */
async function until(
  core: CoreProcess,
  enough: (progress: VerificationProgress) => boolean,
): Promise<VerificationProgress[]> {
  const told = [valueOf(await core.call('ledger.verifying', { after: -1 }))];
  for (;;) {
    const last = told.at(-1);
    if (last && enough(last)) return told;
    told.push(valueOf(await core.call('ledger.verifying', { after: last?.version ?? -1 })));
  }
}

/** Gives a core that is held all of these before it sees the first: what they find does not hang on who is faster. */
async function together<T>(core: CoreProcess, give: () => Promise<T>): Promise<T> {
  const pid = core.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  const given = give();
  // Each message takes a few turns on its way into the pipe.
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();
  process.kill(pid, 'SIGCONT');
  return given;
}

const triggers = (database: Database.Database) =>
  database.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).pluck().all() as string[];

const isOver = ({ state }: VerificationProgress) => state !== 'running' && state !== 'paused';

test('an open store is verified page by page, with a checkpoint from paper, while rows are appended', async () => {
  const { data, text } = await signedStore(4500);
  const core = startCore(data);
  expect(valueOf(await core.call('ledger.verifying', { after: -1 }))).toMatchObject({ state: 'none', verified: null });
  // Both are there before the first page is read: the second wish joins the first.
  const [begun, joined] = await together(core, () =>
    Promise.all([core.call('ledger.verifyOwn', { checkpoint: text }), core.call('ledger.verifyOwn', {})]),
  );
  expect(valueOf(begun)).toMatchObject({ state: 'running', done: 0 });
  expect(valueOf(joined).at).toBe(valueOf(begun).at);
  const told = await until(core, isOver);
  const done = told.map((progress) => progress.done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(told.at(-1)).toMatchObject({
    ...{ state: 'verified', done: 4503, total: 4503, error: null },
    verified: { of: 'store', size: 4503, signed: 4501, notYetSigned: 2, paper: 4501, checkpoints: 1 },
  });
});

test('paused, nothing goes on; gone on with, it comes to its end; stopped, it tells nothing of the rest', async () => {
  const { data } = await signedStore(3000);
  const core = startCore(data);
  // Both are there before the first page is read.
  const [, paused] = await together(core, () =>
    Promise.all([core.call('ledger.verifyOwn', {}), core.call('ledger.verifyTurn', { turn: 'pause' })]),
  );
  expect(valueOf(paused).state).toBe('paused');
  const held = (await until(core, ({ done }) => done > 0)).at(-1);
  expect(held).toMatchObject({ state: 'paused', done: 1000, total: 3003, verified: null });
  expect(valueOf(await core.call('ledger.verifyTurn', { turn: 'continue' })).state).toBe('running');
  expect((await until(core, isOver)).at(-1)).toMatchObject({ state: 'verified', done: 3003 });

  const [, stopped] = await together(core, () =>
    Promise.all([core.call('ledger.verifyOwn', {}), core.call('ledger.verifyTurn', { turn: 'cancel' })]),
  );
  expect(valueOf(stopped)).toMatchObject({ state: 'cancelled', verified: null });
  // Nothing is under way that a turn could be of.
  expect(valueOf(await core.call('ledger.verifyTurn', { turn: 'continue' })).state).toBe('cancelled');
  valueOf(await core.call('ledger.verifyOwn', {}));
  expect((await until(core, isOver)).at(-1)).toMatchObject({ state: 'verified', done: 3003 });
});

test('the first bad row is named, and a checkpoint on paper that is not of this ledger is refused', async () => {
  const { data, text } = await signedStore(20);
  const database = new Database(join(data, 'claviger.db'));
  // Whoever alters a ledger removes what would keep them from it first.
  database.exec(
    triggers(database)
      .map((name) => `DROP TRIGGER ${name};`)
      .join(''),
  );
  database.prepare(`UPDATE ledger SET body = replace(body, 'row 7', 'row 8') WHERE seq = 9`).run();
  database.close();
  const core = startCore(data);
  valueOf(await core.call('ledger.verifyOwn', {}));
  expect((await until(core, isOver)).at(-1)).toMatchObject({
    ...{ state: 'refused', verified: null },
    error: { code: 'LEDGER_ALTERED', params: { seq: 9 } },
  });
  // Its proof is not shown as one either.
  expect(await core.call('ledger.prove', { seq: 9 })).toMatchObject({ ok: false, error: { code: 'LEDGER_ALTERED' } });
  valueOf(await core.call('ledger.prove', { seq: 8 }));
  const later = text.replace('\n21\n', '\n99\n');
  valueOf(await core.call('ledger.verifyOwn', { checkpoint: later }));
  const refused = (await until(core, isOver)).at(-1);
  expect(refused?.error?.code).toBe('LEDGER_ALTERED');
  expect(await core.call('ledger.verifyOwn', { checkpoint: '7 words' })).toMatchObject({
    ...{ ok: false, error: { code: 'CHECKPOINT_INVALID' } },
  });
});

test('rows are found by what stands in them, and before a day', async () => {
  const { data } = await signedStore(12);
  const core = startCore(data);
  const seqs = async (filter: Record<string, unknown>) =>
    valueOf(await core.call('ledger.list', { limit: 100, ...filter })).rows.map(({ seq }) => seq);
  expect(await seqs({ find: 'ROW 1' })).toEqual([3, 12, 13]);
  expect(await seqs({ find: 'Row 1', to: 12 })).toEqual([3, 12]);
  expect(await seqs({ find: 'LEDGER.key' })).toEqual([1]);
  // Nothing of a query is a pattern.
  expect(await seqs({ find: '%' })).toEqual([]);
  expect(await seqs({ before: '2026-01-01' })).toEqual([]);
  expect(await seqs({ before: '2026-01-02', limit: 2 })).toEqual([14, 15]);
  const { size, signed, kinds } = valueOf(await core.call('ledger.list', { limit: 1 }));
  expect({ size, signed }).toEqual({ size: 15, signed: 13 });
  expect(kinds).toContain('bundle.imported');
  // Sealed rows are found too.
  valueOf(await core.call('ledger.seal', { before: '2026-01-02' }));
  expect(await seqs({ find: 'ROW 1' })).toEqual([3, 12, 13]);
  valueOf(await core.call('ledger.verifyOwn', {}));
  expect((await until(core, isOver)).at(-1)).toMatchObject({ state: 'verified', verified: { segments: 1 } });
});

test('the code of the newest checkpoint is read by a scanner as the checkpoint', async () => {
  const { data, text } = await signedStore(3);
  const { qr } = valueOf(await startCore(data).call('ledger.witness', {}));
  const [scale, quiet] = [4, 4];
  const size = (qr.length + 2 * quiet) * scale;
  const dark = (at: number) => {
    const [row, column] = [Math.floor(at / size), at % size].map((pixel) => Math.floor(pixel / scale) - quiet);
    return qr[row ?? -1]?.[column ?? -1] === '1';
  };
  const pixels = Uint8ClampedArray.from({ length: size * size * 4 }, (_, index) =>
    index % 4 !== 3 && dark(Math.floor(index / 4)) ? 0 : 255,
  );
  expect(await scanPicture({ width: size, height: size, data: pixels })).toEqual([text]);
});
