import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SCRIPT } from '../shipped.ts';
import { claviger, temporaryFolder } from './claviger.ts';

const script = (folder: string, ...words: string[]) =>
  claviger(['ceremony', 'script', ...words, '--data', join(folder, 'data'), '--json']);

test('claviger ceremony script prints the words that check prints, and replaces nothing unless it is forced', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'script.pdf');
  const printed = await script(folder, SCRIPT, '-o', out);
  expect(printed.status).toBe(0);
  const checked = await claviger(['ceremony', 'check', SCRIPT, '--data', join(folder, 'data'), '--json']);
  const { sha256, words } = JSON.parse(checked.stdout) as { sha256: string; words: string[] };
  expect(JSON.parse(printed.stdout)).toMatchObject({ path: out, sha256, words });
  const pdf = readFileSync(out);
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');

  const again = await script(folder, SCRIPT, '-o', out, '--paper', 'Letter');
  expect(again.status).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'OUTPUT_EXISTS' } });
  expect(readFileSync(out).equals(pdf)).toBe(true);
  const forced = await script(folder, SCRIPT, '-o', out, '--paper', 'Letter', '--force');
  expect(forced.status).toBe(0);
  expect(readFileSync(out).equals(pdf)).toBe(false);
  expect((await script(folder, SCRIPT, '-o', out, '--force')).status).toBe(0);
  expect(readFileSync(out).equals(pdf)).toBe(true);
});

test('of a script that is not valid nothing is printed', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'script.yaml');
  writeFileSync(path, readFileSync(SCRIPT, 'utf8').replace('action: take-roles', 'action: take-rolls'));
  const refused = await script(folder, path, '-o', join(folder, 'script.pdf'));
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('SCRIPT_INVALID: ');
  expect(existsSync(join(folder, 'script.pdf'))).toBe(false);
  expect((await script(folder, SCRIPT, '-o', join(folder, 'no/such/script.pdf'))).stderr).toContain('OUTPUT_MISSING: ');
  expect((await script(folder, SCRIPT, '-o', join(folder, 'x.pdf'), '--paper', 'A5')).status).toBe(2);
});
