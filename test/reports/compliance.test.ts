import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  AccessReport,
  EmergencyReport,
  LossReport,
  RotationReport,
  VaultKeyLine,
  ViolationReport,
} from '../../core/contract/compliance.ts';
import { claviger } from '../cli/claviger.ts';
import { readCsv } from './read-csv.ts';
import { type Recomputed, recomputed } from './recomputed.ts';
import { LONGEST_NAME, vaultYear } from './vault-year.ts';

/** A year of a vault, and its reports: each line is what another program finds in the signed ledger. */

let home: string;
let told: Recomputed;
const path = (name: string) => join(home, name);
const report = (...words: string[]) => claviger(['report', ...words, '--data', path('data')]);
/** One after the other: each has the store to itself. */
async function json<T>(...words: string[]): Promise<T> {
  const { status, stdout } = await report(...words, '--json');
  expect(status, stdout).toBe(0);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-compliance-'));
  await vaultYear(home, path('all.ledger'));
  told = recomputed(path('all.ledger'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

test('each report is what the signed ledger tells, and says of how many rows', async () => {
  const rotation = await json<RotationReport>('rotation');
  const access = await json<AccessReport>('access');
  const violations = await json<ViolationReport>('violations');
  const inventory = await json<{ vaultKeys: VaultKeyLine[] }>('inventory');
  const emergencies = await json<EmergencyReport>('emergencies');
  const losses = await json<LossReport>('losses');
  expect(rotation.secrets).toEqual(told.rotation);
  expect(rotation.secrets.map(({ name, standing, late }) => [name, standing, late])).toEqual([
    ['db/main', 'overdue', 1],
    ['node/one', 'overdue', 0],
    [LONGEST_NAME, 'overdue', 0],
    ['db/new', 'soon', 0],
  ]);
  expect(access.lines).toEqual(told.access);
  expect(access.months).toEqual(told.months);
  expect(violations.violations).toEqual(told.violations);
  expect(new Set(violations.violations.map(({ what }) => what))).toEqual(
    new Set(['rotation', 'access', 'administration', 'login', 'damage', 'alert']),
  );
  expect(emergencies.emergencies).toEqual(told.emergencies);
  expect(emergencies.emergencies).toMatchObject([{ principal: 'mira', ended: 'expired', reviewedBy: 'ada' }]);
  expect(inventory.vaultKeys).toEqual(told.keys);
  expect(losses).toMatchObject(told.losses);
  expect(losses.secrets.map(({ name, remedy }) => [name, remedy])).toEqual([
    ['db/main', 'replace'],
    ['node/one', 'reissue'],
    [LONGEST_NAME, 'reissue'],
    ['db/new', 'replace'],
  ]);
  const { source } = access;
  expect(source.signed).toBe(source.rows - 1);
  expect(source.root).toMatch(/^[0-9a-f]{64}$/);
});

test('a period leaves out what was before and after, and nothing else', async () => {
  const first = told.violations.find(({ what }) => what === 'access')?.at.slice(0, 10) ?? '';
  const next = new Date(`${first}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  const within = await json<AccessReport>('access', '--since', first, '--before', next.toISOString().slice(0, 10));
  expect(within.lines.map(({ principal, allowed, refused }) => [principal, allowed, refused])).toEqual([
    ['billing', 4, 0],
    ['web', 0, 1],
  ]);
});

test('a table has every line, and another program reads it', async () => {
  const file = path('violations.csv');
  expect((await report('violations', '--csv', file)).status).toBe(0);
  expect(readCsv(file)).toEqual(told.violations.map((line) => ({ ...line, seq: String(line.seq) })));
  expect(await report('violations', '--csv', file)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('OUTPUT_EXISTS') as unknown,
  });
  expect(readFileSync(file, 'utf8').endsWith('\r\n')).toBe(true);
});

test.each([
  ['en', 'rotation', ['Rotation compliance', 'billing/production/db/main: database-password, version 2', 'overdue']],
  ['en', 'access', ['Access frequency', 'By month', 'billing/production/db/main: 6 allowed']],
  ['de', 'violations', ['Verstöße gegen Richtlinien', 'Überfällige Erneuerung', 'keine Berechtigung']],
  ['de', 'emergencies', ['Notfallzugriffe', ' UTC, mira', 'von selbst', 'The password was read.']],
  ['en', 'losses', ['What is gone without the keys', 'billing/production/node/one, version 1']],
  ['de', 'inventory', ['Verzeichnis der Schlüssel', 'Schlüssel des Tresors', 'in Gebrauch']],
])('on paper, %s: %s', async (language, name, texts) => {
  const pdf = path(`${name}.pdf`);
  expect((await report(name, '-o', pdf, '--language', language)).status).toBe(0);
  const read = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
  for (const text of texts) expect(read).toContain(text);
  // No ceremony was done here, so nothing is said of one.
  expect(read).not.toMatch(/TRAINING|ÜBUNG|LIVE|ECHT/);
  const [, , root = 'none'] =
    readFileSync(path('all.ledger'), 'utf8').match(/claviger\/ledger\/[^\\]*\\n(\d+)\\n([^\\]+)\\n/) ?? [];
  expect(read).toContain(root);
});

test('an empty store has nothing to tell', async () => {
  const empty = ['--data', path('empty')];
  expect((await claviger(['report', 'access', ...empty])).stdout).toBe('No secret was asked for.\n');
  expect((await claviger(['report', 'violations', ...empty])).stdout).toBe('Nothing against the policy.\n');
});
