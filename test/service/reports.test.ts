import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENTS } from '../../core/ceremony/event.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { ceremoniesOf } from '../../core/ceremony/past.ts';
import type { CeremonyState } from '../../core/ceremony/state.ts';
import { overviewOf } from '../../core/service/reports.ts';
import type { Inventory } from '../../core/contract/reports.ts';
import { inventoryOf } from '../../core/reports/inventory.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { openStore } from '../../core/store/open.ts';
import { cheapScript, claviger } from '../cli/claviger.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { readCsv } from '../reports/read-csv.ts';
import { expectRecomputed } from '../reports/recomputed.ts';
import { ANSWERS } from '../shipped.ts';

/** What a store with one ceremony tells, by the command line and, years later, by its ledger alone. */

let folder: string;
let states: CeremonyState[];
const data = () => ['--data', join(folder, 'data')];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-reports-'));
  const run = ['ceremony', 'run', cheapScript(folder), '--out', join(folder, 'out'), '--answers', ANSWERS];
  expect((await claviger([...run, ...data()])).status).toBe(0);
  const store = await openStore(join(folder, 'data'));
  states = await ceremoniesOf(openLedger(store, () => new Date(), EVENTS));
  await store.close();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** So many days after the ceremony. */
const after = (days: number) => overviewOf(states, new Date(Date.parse(states[0]?.latestAt ?? '') + days * 86_400_000));

test('who holds what, what counts, and which losses are survived', async () => {
  const { status, stdout, stderr } = await claviger(['custody', ...data()]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('3 of 5, epoch 0, TRAINING');
  expect(stdout).toContain('share 2  Chen Wei: scanned back');
  expect(stdout).toContain('share 3  Nadia Okafor: used in a recovery');
  expect(stdout).toContain('sheet: Zürich, safe 3; bag A-1002, seal S-5002');
  expect(stdout).toContain('Manifest sheet: Turku, archive 4; bag A-1301, seal S-5301');
  expect(stdout).toContain('5 of 5 shares count; survived: the loss of any 2 custodians, of any 2 places');
  expect(stdout).toContain('a whole quorum, sheets and cards, lies in 6: ');
  expect(stdout).toContain('Attest every share of master-key-2026');
  expect(stdout).toContain('Rehearse a recovery of master-key-2026');
});

test('two shares kept in one place are told', () => {
  const [made] = states;
  const moved = JSON.parse(JSON.stringify(made).replaceAll('Zürich, safe 3', 'oslo,  deposit box 12')) as CeremonyState;
  const moreMoved = JSON.parse(
    JSON.stringify(moved).replaceAll('Leeds, deposit box 7', 'Oslo, Deposit Box 12'),
  ) as CeremonyState;
  const now = new Date(made?.latestAt ?? '');
  expect(overviewOf([moved], now).sets[0]).toMatchObject({
    survivesPeople: 2,
    survivesPlaces: 1,
    placesForQuorum: expect.objectContaining({ length: 5 }) as unknown,
  });
  const [loss] = overviewOf([moreMoved], now).sets[0]?.placeLosses ?? [];
  expect(loss).toMatchObject({ sheets: [1, 2, 3], cards: [], left: 2, quorum: false });
});

test('a year later nothing counts until it is proven again, and what is due says so', () => {
  expect(after(300).sets[0]).toMatchObject({ valid: 5, alert: 'none' });
  expect(after(300).due.map(({ kind, standing }) => [kind, standing])).toContainEqual(['attestation', 'later']);
  expect(after(340).due.map(({ kind, standing }) => [kind, standing])).toContainEqual(['recovery', 'soon']);
  expect(after(370).sets[0]).toMatchObject({ valid: 0, alert: 'broken', survivesPeople: 0, survivesPlaces: 0 });
  expect(
    after(370)
      .due.filter(({ standing }) => standing === 'overdue')
      .map(({ kind }) => kind),
  ).toEqual(['attestation', 'recovery']);
  // The master key wraps no new backup after two years.
  const rotation = (days: number) => after(days).due.find(({ kind }) => kind === 'rotation');
  expect(rotation(600)).toMatchObject({ label: 'master-key-2026', standing: 'later' });
  expect(rotation(700)?.standing).toBe('soon');
  expect(rotation(740)?.standing).toBe('overdue');
  // Where everything lies is told all the same.
  expect(after(370).sets[0]?.placeLosses).toHaveLength(10);
  // Three were used in the rehearsal after the others were scanned back: for a moment they alone count.
  const [made] = states;
  const scanned = made?.records.find(({ step }) => step.id === 'scan')?.at ?? '';
  const between = new Date(scanned);
  between.setUTCFullYear(between.getUTCFullYear() + 1);
  expect(overviewOf(states, between).sets[0]).toMatchObject({ valid: 3, alert: 'thin', survivesPeople: 0 });
});

test('the dates go out as a calendar, the rehearsals as a report', async () => {
  const calendar = join(folder, 'due.ics');
  expect((await claviger(['report', 'due', '--calendar', calendar, ...data()])).status).toBe(0);
  const text = readFileSync(calendar, 'utf8');
  const year = Number(states[0]?.begunAt.slice(0, 4)) + 1;
  expect(text).toMatch(new RegExp(`DTSTART;VALUE=DATE:${year}\\d{4}\\r\\n`));
  expect(text).toContain('SUMMARY:Attest every share of master-key-2026');
  expect(text.match(/BEGIN:VALARM/g)?.length).toBe(text.match(/BEGIN:VEVENT/g)?.length);
  const again = await claviger(['report', 'due', '--calendar', calendar, ...data()]);
  expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('OUTPUT_EXISTS') as unknown });

  const pdf = join(folder, 'rehearsals.pdf');
  const csv = join(folder, 'rehearsals.csv');
  const told = await claviger(['report', 'rehearsals', '-o', pdf, '--csv', csv, '--json', ...data()]);
  expect(JSON.parse(told.stdout)).toMatchObject({
    ...{ pdf, csv, due: [{ kind: 'attestation' }, { kind: 'recovery' }] },
    rehearsals: [{ kind: 'recovery', shares: [1, 3, 5], keys: [{ label: 'root-2026' }, { label: 'issuing-2026' }] }],
  });
  expect(readCsv(csv)).toMatchObject([
    {
      ...{ at: expect.stringMatching(/Z$/) as unknown, kind: 'recovery', outcome: 'completed', mode: 'training' },
      ...{ title: 'Root and issuing CA 2026', shares: '1; 3; 5', keys: 'root-2026 signed; issuing-2026 signed' },
      people: expect.stringContaining('witness Inês Duarte; ') as unknown,
    },
  ]);
  const read = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
  expect(read).toMatch(/Recomputed from \d+ rows of the ledger, to \d{4}-\d\d-\d\d/);
  expect(read).toContain('TRAINING');
  expect(read).toContain('the recovered key signed a fresh challenge that verifies under its certificate');
  expect(read).toContain('5 of 5; 3 are needed');
  const checkpoint = readFileSync(join(folder, 'out/checkpoint.txt'), 'utf8');
  expect(read).toContain(checkpoint.split('\n')[2] ?? 'none');
});

test('another program finds the same keys, certificates, rehearsals and dates in the signed ledger, and the same to lose', async () => {
  // That a ceremony was completed is signed by the next one: here by a checkpoint alone.
  const store = await openStore(join(folder, 'data'));
  const ledger = openLedger(store, () => new Date(), KINDS);
  const key = selfSignedKey('Ledger key', folder);
  await appendKey(ledger, key, null);
  await appendCheckpoint(ledger, key);
  await store.close();
  await expectRecomputed(join(folder, 'data'), join(folder, 'all.ledger'));
});

test('keys and certificates, as chains', async () => {
  const csv = join(folder, 'inventory.csv');
  const { stdout } = await claviger(['report', 'inventory', '--csv', csv, '--json', ...data()]);
  const { keys, certificates } = JSON.parse(stdout) as Inventory;
  const shown = keys.map(({ label, purpose, backups }) => [label, purpose, backups.length]);
  expect(shown).toEqual([
    ['master-key-2026', 'master-key', 0],
    ['root-2026', 'ca', 1],
    ['issuing-2026', 'ca', 1],
    ['ledger-2026', 'service', 0],
    ['export-2026', 'service', 0],
  ]);
  const [root] = certificates;
  expect(certificates.map(({ depth, file, issuedBy }) => [depth, file, issuedBy])).toEqual([
    [0, 'root.crt', null],
    [1, 'issuing.crt', root?.sha256],
    [1, 'ledger.crt', root?.sha256],
    [1, 'export.crt', root?.sha256],
  ]);
  expect(certificates.map(({ algorithm }) => algorithm)).toEqual(['EC-P384', 'EC-P384', 'EC-P384', 'EC-P384']);
  const table = readCsv(csv);
  expect(table.map(({ name, algorithm }) => [name, algorithm])).toEqual(
    [...keys.map(({ label: name, algorithm }) => ({ name, algorithm })), ...certificates].map(({ name, algorithm }) => [
      name,
      algorithm,
    ]),
  );
  expect(table.map(({ backups }) => backups)).toEqual(['0', '1', '1', '0', '0', '', '', '', '']);
  const openssl = ['x509', '-in', join(folder, 'out/issuing.crt'), '-noout', '-serial', '-fingerprint', '-sha256'];
  const said = execFileSync('openssl', openssl, { encoding: 'utf8' }).toLowerCase().replaceAll(':', '');
  expect(said).toContain(certificates[1]?.sha256);
  expect(said).toMatch(new RegExp(`serial=0*${certificates[1]?.serial ?? 'none'}\n`));
  const [key] = keys;
  const ended = { destroyed: [{ label: 'root-2026', id: key?.id ?? '' }] };
  const [made] = states;
  const [record] = made?.records ?? [];
  if (!made || !record) throw new Error('the ceremony is missing');
  const destruction = { ...record, at: '2027-01-02T00:00:00.000Z', step: { ...record.step, action: 'destroy-keys' } };
  const after = { ...made, records: [...made.records, { ...destruction, result: ended }] };
  expect(inventoryOf([after]).keys.map(({ destroyedAt }) => destroyedAt)).toEqual([
    ...[null, '2027-01-02T00:00:00.000Z', null, null, null],
  ]);
});

test('an empty store has nothing to tell', async () => {
  const empty = ['--data', join(folder, 'empty')];
  expect((await claviger(['custody', ...empty])).stdout).toBe('No share set was made yet.\n');
  expect((await claviger(['report', 'due', ...empty])).stdout).toBe('Nothing is due.\n');
  expect((await claviger(['report', 'rehearsals', ...empty])).stdout).toBe('No rehearsal was recorded.\n');
  expect((await claviger(['report', 'inventory', ...empty])).stdout).toBe('No key was made yet.\n');
  expect(existsSync(join(folder, 'empty/claviger.db'))).toBe(true);
});
