import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { Transport } from '../../core/client/transport.ts';
import type { HolderProcess } from '../../core/service/holder-client.ts';
import { REPOSITORY } from '../shipped.ts';
import { bytes } from '../vault/sample-vault.ts';
import { PASSPHRASE, makeVault, serve } from '../vault/served-vault.ts';
import { temporaryFolder } from './claviger.ts';

/** docs/ops/secure-deletion.md: its commands, one block after another, at a vault that is served, and a search of its files for the bytes that are to be gone. */

const page = readFileSync(join(REPOSITORY, 'docs/ops/secure-deletion.md'), 'utf8');
const blocks = new Map(
  [...page.matchAll(/^## (.+)\n[^#]*?^```sh\n([\s\S]*?)^```$/gm)].map(([, title = '', block = '']) => [title, block]),
);

/** With two secrets, of which one has two versions. */
async function served(folder: string): Promise<HolderProcess> {
  writeFileSync(join(folder, 'passphrase'), PASSPHRASE, { mode: 0o600 });
  const { holder } = await makeVault(folder);
  onTestFinished(() => holder.close());
  writeFileSync(join(folder, 'holder.pid'), String(holder.pid));
  const keeper = new Transport({ socket: await serve(holder, folder) });
  for (const name of ['db/main', 'db/main', 'db/other']) {
    const wanted = { owner: 'billing', environment: 'production', name, category: 'database-password' } as const;
    await keeper.call('vault.put', wanted, { value: bytes(`the value of ${name}`) });
  }
  keeper.close();
  return holder;
}

/** Wrapped data keys and ciphertexts of a secret, as a thief of the files reads them. */
function keptOf(folder: string, name: string): Buffer[] {
  const copy = mkdtempSync(join(folder, 'thief-'));
  for (const file of ['claviger.db', 'claviger.db-wal']) {
    copyFileSync(join(folder, 'vault', file), join(copy, file));
  }
  const database = new Database(join(copy, 'claviger.db'));
  const read = (query: string) => database.prepare(query).pluck().all(name) as Buffer[];
  const of = 'JOIN vault_secret s ON s.id = t.secret WHERE s.name = ?';
  const found = [
    ...read(`SELECT t.data_key FROM vault_data_key t ${of}`),
    ...read(`SELECT t.ciphertext FROM vault_version t ${of}`),
  ];
  database.close();
  expect(found.length).toBeGreaterThan(1);
  return found;
}

/** How many of them some file of the data folder has, whole or its better half. */
function there(folder: string, wanted: Buffer[]): number {
  const files = readdirSync(join(folder, 'vault'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  const pieces = (one: Buffer) => [one.subarray(0, Math.ceil(one.length / 2)), one.subarray(one.length / 2)];
  return wanted.filter((one) => files.some((file) => pieces(one).some((piece) => file.includes(piece)))).length;
}

test('the commands of the page leave no wrapped data key, no ciphertext and no keystore of what they erase', async () => {
  const folder = temporaryFolder();
  const holder = await served(folder);
  mkdirSync(join(folder, 'bin'));
  const launcher = join(REPOSITORY, 'core/cli/claviger.js');
  const npx = `#!/bin/sh\nshift\nexec '${process.execPath}' '${launcher}' "$@"\n`;
  writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    CLAVIGER_VAULT_SOCKET: join(folder, 'run/vault.sock'),
  };
  const run = (heading: string) =>
    promisify(execFile)('bash', ['-euo', 'pipefail', '-c', blocks.get(heading) ?? 'false'], { cwd: folder, env });
  expect([...blocks.keys()]).toEqual([
    ...['Erase a secret', 'What was replaced', 'The key that was above', 'A whole vault'],
  ]);

  const main = keptOf(folder, 'db/main');
  const first = keptOf(folder, 'db/other');
  expect([there(folder, main), there(folder, first)]).toEqual([main.length, first.length]);
  await run('Erase a secret');
  expect([there(folder, main), there(folder, first)]).toEqual([0, first.length]);

  await run('What was replaced');
  const second = keptOf(folder, 'db/other');
  expect([there(folder, first), there(folder, second)]).toEqual([0, second.length]);

  const keystore = () => readdirSync(join(folder, 'vault')).filter((name) => name.endsWith('.keystore'));
  const before = keystore();
  const old = readFileSync(join(folder, 'vault', before[0] ?? ''));
  await run('The key that was above');
  // Of what the new KEK wraps the ciphertext stays: the data key is the same.
  const [third, wrapped] = [keptOf(folder, 'db/other'), second.slice(0, 1)];
  expect([there(folder, wrapped), there(folder, third)]).toEqual([0, third.length]);
  expect(keystore()).toHaveLength(1);
  expect(keystore()).not.toEqual(before);
  expect(there(folder, [old])).toBe(0);

  await run('A whole vault');
  expect(existsSync(join(folder, 'vault'))).toBe(false);
  expect(await holder.ended).toBe('exit 0');
});
