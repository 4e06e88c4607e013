import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { DERIVATIONS } from '../../core/kms/derivation.ts';
import { createKeystore } from '../../core/kms/keystore.ts';
import { LocalKms } from '../../core/kms/local.ts';
import type { EncryptionContext } from '../../core/kms/provider.ts';
import { contextBytes } from '../../core/kms/wrapped-key.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';

/** The examples of core/kms/README.md and of the two format pages, as they stand there. */

const ROOT = join(import.meta.dirname, '../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-kms-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The fenced blocks of a page, of one language. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, fence]) => fence === language)
    .map(([, , content]) => content as string);
}

/** Runs an example of the README in an empty folder; its imports count from core/kms. */
function run(example: string): string {
  const program = join(folder, 'example.mts');
  const at = (path: string) => pathToFileURL(join(ROOT, 'core/kms', path)).href;
  writeFileSync(
    program,
    example.replaceAll(/from '(\.[^']+)'/g, (_, path: string) => `from '${at(path)}'`),
  );
  return execFileSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
}

test('the example of a keystore prints what the README says', () => {
  const [example] = blocks('core/kms/README.md', 'ts');
  const [printed] = blocks('core/kms/README.md', '');
  expect(run(example as string)).toBe(printed);
});

test('the example of a token prints what the README says', async () => {
  const { remove } = makeSoftHsm(['vault']);
  try {
    const token = TokenProcess.start();
    await token.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'vault' } });
    await token.call('login', { pin: await token.sendSecret(Buffer.from(USER_PIN)), securityOfficerPin: null });
    await token.call('generateKey', { label: 'vault-kek-2026', algorithm: 'AES-256', purpose: 'kek' });
    await token.close();
    writeFileSync(join(folder, 'pin'), USER_PIN);
    chmodSync(join(folder, 'pin'), 0o600);
    writeFileSync(join(folder, 'token.yaml'), `module: ${SOFTHSM_MODULE}\ntoken: vault\npin: { file: pin }\n`);
    const [, example] = blocks('core/kms/README.md', 'ts');
    const [, printed] = blocks('core/kms/README.md', '');
    expect(run(example as string)).toBe(printed);
  } finally {
    remove();
  }
});

test('the wrapped key of docs/formats/wrapped-key.md opens to what that page says', async () => {
  const page = 'docs/formats/wrapped-key.md';
  const wrapped = Buffer.from((blocks(page, '')[0] as string).trim(), 'hex');
  const context = JSON.parse(blocks(page, 'json')[0] as string) as EncryptionContext;
  const kek = guardedCopy(Uint8Array.from({ length: 32 }, (_, index) => index));
  const kms = new LocalKms('6f1c2b9e-0d4a-4c8f-9a57-3e21d8b40c65', kek);
  expect(await kms.decrypt(wrapped, context)).toEqual(Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index));
  await kms.close();
  expect(readFileSync(join(ROOT, page), 'utf8')).toContain(
    `Here: \`${Buffer.from(contextBytes(context)).toString()}\``,
  );
});

test('a stranger opens a keystore and a wrapped key with Python, and what docs/formats/keystore.md says', async () => {
  const path = join(folder, 'vault.keystore');
  const program = join(folder, 'open.py');
  writeFileSync(program, blocks('docs/formats/keystore.md', 'python')[0] as string);
  const passphrase = 'Schl\u00fcssel f\u00fcr den Tresor';
  await createKeystore(path, Buffer.from(passphrase), DERIVATIONS['PBKDF2-HMAC-SHA-256']);
  const kms = await LocalKms.open(path, Buffer.from(passphrase));
  const context = { owner: 'Zoll\u00e4mter', environment: 'production', name: 'a"b\\c', version: '3' };
  const { plaintext, ciphertext } = await kms.generateDataKey(context);
  const words = [program, path, Buffer.from(ciphertext).toString('hex'), JSON.stringify(context)];
  const opened = execFileSync('/usr/bin/python3', words, { input: `${passphrase}\n`, encoding: 'utf8' });
  expect(opened.trim()).toBe(Buffer.from(plaintext).toString('hex'));
  await kms.close();
});
