import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeSoftHsm, pkcs11Tool } from '../hsm/softhsm.ts';
import { writeTokenFile } from './token-file.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { ANSWERS, SCRIPT } from '../shipped.ts';

const FILES = [
  ...['root.crt', 'issuing.crt', 'ledger.crt', 'export.crt', 'backup/root-2026.kwp', 'backup/issuing-2026.kwp'],
  ...[1, 2, 3, 4, 5].map((number) => `sheets/share-${number}.pdf`),
  ...['sheets/manifest.pdf', 'sheets/backup-root-2026.pdf', 'sheets/backup-issuing-2026.pdf'],
  ...['manifest.json', 'manifest.json.p7s', 'custody.json', 'custody.json.p7s', 'bundle.cms'],
  ...['sheets/custody.pdf', 'sheets/bag-labels.pdf'],
  ...['script.yaml', 'transcript.pdf', 'transcript.pdf.p7s', 'transcript.json', 'transcript.json.p7s'],
  ...['checkpoint.txt', 'checkpoint.txt.p7s'],
];

/** Standard OpenSSL, in the output folder. Fails the test if it exits with an error. */
function openssl(out: string, ...words: string[]): Buffer {
  return execFileSync('openssl', words, { cwd: out, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Looks at everything that a run leaves, with programs that are not ours. */
async function inspect(out: string, folder: string): Promise<void> {
  for (const file of FILES) expect(existsSync(join(out, file)), file).toBe(true);
  for (const file of FILES) expect(statSync(join(out, file)).mode & 0o777, file).toBe(0o600);

  openssl(out, 'verify', '-x509_strict', '-CAfile', 'root.crt', 'issuing.crt', 'ledger.crt', 'export.crt');
  execFileSync('certtool', ['--verify', '--load-ca-certificate', 'root.crt', '--infile', 'issuing.crt'], { cwd: out });
  for (const name of ['transcript.json', 'transcript.pdf', 'checkpoint.txt', 'manifest.json', 'custody.json']) {
    const words = [
      '-binary',
      '-inform',
      'DER',
      '-in',
      `${name}.p7s`,
      '-content',
      name,
      '-CAfile',
      'root.crt',
      '-out',
      '/dev/null',
    ];
    openssl(out, 'cms', '-verify', ...words);
  }
  openssl(
    out,
    'cms',
    '-decrypt',
    '-inform',
    'DER',
    '-in',
    'bundle.cms',
    '-recip',
    'recipient.crt',
    '-inkey',
    'recipient.key',
    '-out',
    join(folder, 'signed'),
  );
  openssl(
    out,
    'cms',
    '-verify',
    '-inform',
    'DER',
    '-in',
    join(folder, 'signed'),
    '-CAfile',
    'root.crt',
    '-out',
    join(folder, 'tar'),
  );
  const listed = execFileSync('tar', ['tf', join(folder, 'tar')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(listed[0]).toBe('manifest.json');
  expect(listed).toContain('issuing.crt');

  // The paper: a picture of each sheet, both codes read by zbarimg, the same text to type beside them.
  const texts = [1, 2, 3, 4, 5].map((number) => {
    const picture = join(folder, `share-${number}`);
    execFileSync('pdftoppm', ['-r', '150', '-png', '-singlefile', join(out, `sheets/share-${number}.pdf`), picture]);
    const codes = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', `${picture}.png`], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    expect(codes).toHaveLength(2);
    expect(codes[0]).toBe(codes[1]);
    expect(codes[0]).toMatch(/^CLV1[02-9AC-HJ-NP-Z]{151}$/);
    const printed = execFileSync('pdftotext', ['-layout', join(out, `sheets/share-${number}.pdf`), '-'], {
      encoding: 'utf8',
    });
    for (const group of codes[0]?.match(/.{1,4}/g) ?? ['none']) expect(printed).toContain(group);
    expect(printed).toContain('TRAINING');
    return codes[0];
  });
  expect(new Set(texts).size).toBe(5);

  const root = new X509Certificate(readFileSync(join(out, 'root.crt')));
  expect(root.subject).toContain('CN=TRAINING Example Root R1');

  // The online side.
  const into = join(folder, 'online');
  const words = [
    'bundle',
    'import',
    join(out, 'bundle.cms'),
    '--key',
    join(out, 'recipient.key'),
    '--to',
    'directory',
    into,
  ];
  const imported = await claviger(words);
  expect(imported.stderr).toContain('trusted here from now on');
  expect(imported.status).toBe(0);
  expect(readFileSync(join(into, 'issuing.crt'))).toEqual(readFileSync(join(out, 'issuing.crt')));
  expect(readFileSync(join(into, 'backup/root-2026.kwp'))).toEqual(readFileSync(join(out, 'backup/root-2026.kwp')));
  const again = await claviger(words);
  expect(again.status).toBe(1);
  expect(again.stderr).toContain('BUNDLE_REPLAYED');
}

describe('the whole run', () => {
  test('on the software token, the shipped script and sample answers, at their real cost', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out');
    const run = await claviger([
      'ceremony',
      'run',
      SCRIPT,
      '--data',
      join(folder, 'data'),
      '--out',
      out,
      '--answers',
      ANSWERS,
      '--json',
    ]);
    expect(run.stderr).not.toContain('unexpected');
    expect(run.status).toBe(0);
    const view = JSON.parse(run.stdout) as { status: string; steps: { state: string }[] };
    expect(view.status).toBe('completed');
    expect(view.steps.every(({ state }) => state === 'done')).toBe(true);
    await inspect(out, folder);
    expect(readFileSync(join(out, 'passphrases.txt'), 'utf8').trim().split('\n')).toHaveLength(5);

    // The store keeps no share, and what was in it has left its files.
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(folder, 'data'))) {
      if (!name.startsWith('claviger.db')) continue;
      expect(statSync(join(folder, 'data', name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(folder, 'data', name)).includes('CLV1Q'), name).toBe(false);
      expect(readFileSync(join(folder, 'data', name)).includes('orbit maple'), name).toBe(false);
    }
    const listed = await claviger(['ceremony', 'list', '--data', join(folder, 'data'), '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({ ceremonies: [{ status: 'completed', step: 20, steps: 20 }] });
  });

  test('on SoftHSM 2 with an RSA-4096 root, whose backup takes a sheet of several pages', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
    try {
      const folder = temporaryFolder();
      const out = join(folder, 'out');
      const script = cheapScript(folder, (text) =>
        text.replace('{ label: root-2026, algorithm: EC-P384', '{ label: root-2026, algorithm: RSA-4096'),
      );
      const place = ['--data', join(folder, 'data'), '--out', out, '--token', writeTokenFile(folder)];
      const run = await claviger(['ceremony', 'run', script, ...place, '--answers', ANSWERS]);
      expect(run.stderr).toContain('recovered key signed a fresh challenge');
      expect(run.status).toBe(0);
      await inspect(out, folder);
      const root = new X509Certificate(readFileSync(join(out, 'root.crt'))).publicKey;
      expect(root.asymmetricKeyDetails).toMatchObject({ modulusLength: 4096 });
      const pages = execFileSync('pdfinfo', [join(out, 'sheets/backup-root-2026.pdf')], { encoding: 'utf8' });
      expect(Number(/Pages:\s+(\d+)/.exec(pages)?.[1])).toBeGreaterThan(1);
      const wrapped = readFileSync(join(out, 'backup/root-2026.kwp'));
      expect(wrapped.length).toBeGreaterThan(2300);
    } finally {
      softHsm.remove();
    }
  });

  test('on SoftHSM 2, with PINs from files, recovery on a second token', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
    try {
      const folder = temporaryFolder();
      const out = join(folder, 'out');
      const copy = join(folder, 'copy');
      const script = cheapScript(folder);
      const tokenFile = writeTokenFile(folder);
      const before = pkcs11Tool('ceremony', '--list-objects');
      expect(before.trim()).toBe('');
      const run = await claviger([
        'ceremony',
        'run',
        script,
        '--data',
        join(folder, 'data'),
        '--out',
        out,
        '--copy',
        copy,
        '--answers',
        ANSWERS,
        '--token',
        tokenFile,
      ]);
      expect(run.stderr).toContain('recovered key signed a fresh challenge');
      expect(run.status).toBe(0);
      await inspect(out, folder);
      // The sample custodians' passphrases are the command line's, for training; no ceremony writes them.
      execFileSync('diff', ['--recursive', '--exclude=passphrases.txt', out, copy]);
      expect(readFileSync(join(out, 'script.yaml'))).toEqual(readFileSync(script));

      const held = pkcs11Tool('ceremony', '--list-objects');
      for (const label of ['master-key-2026', 'root-2026', 'issuing-2026', 'ledger-2026', 'export-2026'])
        expect(held).toContain(label);
      expect(pkcs11Tool('rehearsal', '--list-objects').trim()).toBe('');
    } finally {
      softHsm.remove();
    }
  });
});
