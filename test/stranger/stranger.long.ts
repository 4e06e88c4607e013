import { execFileSync, spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeBackup } from '../../core/print/backup-text.ts';
import { textOfPdf } from '../../core/print/scan.ts';
import { cheapScript, claviger, temporaryFolder } from '../cli/claviger.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { ANSWERS, REPOSITORY } from '../shipped.ts';
import { bytesOf, golden } from '../shares/sample-set.ts';

/**
 * The stranger in thirty years: somebody with the papers, docs/formats/recovery-by-hand.md, Python and openssl. Nothing of
 * Claviger's is used to read or to recover; the program beside this file was written from that page.
 */
const PROGRAM = join(import.meta.dirname, 'recover.py');
const DOCUMENT = readFileSync(join(REPOSITORY, 'docs/formats/recovery-by-hand.md'), 'utf8');

type Papers = { shares: string[]; backup: string[]; passphrases: string[]; more?: string[] };

function recover(folder: string, { shares, backup, passphrases, more = [] }: Papers) {
  const words = [PROGRAM, '--shares', ...shares, '--backup', ...backup, ...more];
  const input = `${passphrases.join('\n')}\n`;
  return spawnSync('/usr/bin/python3', words, { cwd: folder, input, encoding: 'utf8' });
}

/** The stranger's signature over a fresh message, and what OpenSSL says of it. */
function proven(folder: string, papers: Papers, publicKey: string): string {
  const [message, signature] = ['message', 'message.sig'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(message, `a challenge of ${new Date().toISOString()}`);
  const said = recover(folder, { ...papers, more: [...(papers.more ?? []), ...signing(message, signature)] });
  expect(said.stderr).toBe('');
  expect(said.status).toBe(0);
  expect(verified(publicKey, signature, message)).toBe('Verified OK');
  writeFileSync(message, 'another message');
  expect(verified(publicKey, signature, message)).not.toBe('Verified OK');
  return said.stdout;
}

function signing(message: string, signature: string): string[] {
  return ['--message', message, '--signature', signature];
}

function verified(publicKey: string, signature: string, message: string): string {
  const words = ['dgst', '-sha384', '-verify', publicKey, '-signature', signature, message];
  return spawnSync('openssl', words, { encoding: 'utf8' }).stdout.trim();
}

/** The public key of an issued certificate, by OpenSSL. */
function publicKeyOf(folder: string, certificate: string): string {
  const path = join(folder, 'public.pem');
  writeFileSync(path, execFileSync('openssl', ['x509', '-in', certificate, '-pubkey', '-noout']));
  return path;
}

/** A sheet as somebody photographs it, page by page, and what a program on a telephone reads. */
function photographed(folder: string, sheet: string, name: string): string {
  const prefix = join(folder, `photo-${name}`);
  execFileSync('pdftoppm', ['-r', '200', '-jpeg', '-gray', sheet, prefix]);
  const pictures = execFileSync('find', [folder, '-name', `photo-${name}-*.jpg`], { encoding: 'utf8' });
  const words = ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', ...pictures.trim().split('\n')];
  const path = join(folder, `${name}.txt`);
  writeFileSync(path, execFileSync('zbarimg', words));
  return path;
}

/** What somebody types from a sheet: its numbered lines with their check characters, in small letters. */
async function typed(folder: string, sheet: string, name: string): Promise<string> {
  const text = (await textOfPdf(new Uint8Array(readFileSync(sheet)))).replace(/\s+/g, ' ');
  const [, block = ''] = / (1 CLV.*?) (?:After CLV1|Bag number)/.exec(text) ?? [];
  const lines =
    block.match(/\d{1,2} (?:[02-9A-Z]{4} |CLV1 |1QYQ ){1,5}(?:[02-9A-Z]{1,3} )?[02-9A-Z]{2}(?= \d|$)/g) ?? [];
  const path = join(folder, `${name}-typed.txt`);
  writeFileSync(path, `${lines.join('\n').toLowerCase()}\n`);
  return path;
}

describe('the outputs of a real run', () => {
  test('three photographed sheets, three passphrases and the backup sheet sign as the root, and as the issuing CA', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out');
    const place = ['--data', join(folder, 'data'), '--out', out, '--answers', ANSWERS];
    expect((await claviger(['ceremony', 'run', cheapScript(folder), ...place])).status).toBe(0);
    const cards = readFileSync(join(out, 'passphrases.txt'), 'utf8').trim().split('\n');
    const sheet = (name: string) => join(out, 'sheets', `${name}.pdf`);
    const numbers = [5, 1, 3];
    const papers: Papers = {
      shares: numbers.map((number) => photographed(folder, sheet(`share-${number}`), `share-${number}`)),
      backup: [photographed(folder, sheet('backup-root-2026'), 'backup-root')],
      passphrases: numbers.map((number) => cards[number - 1] ?? ''),
    };
    const root = publicKeyOf(folder, join(out, 'root.crt'));
    const more = ['--certificate', join(out, 'root.crt')];
    expect(proven(folder, { ...papers, more }, root)).toContain('it is the key of CN=TRAINING Example Root R1');

    // The other key, with the manifest sheet, from the file instead of the sheet, and typed.
    const issuing = publicKeyOf(folder, join(out, 'issuing.crt'));
    const manifest = ['--manifest', photographed(folder, sheet('manifest'), 'manifest')];
    const blob = join(out, 'backup/issuing-2026.kwp');
    const desk = () => mkdtempSync(join(folder, 'desk-'));
    proven(desk(), { ...papers, backup: [blob], more: manifest }, issuing);
    const hands: Papers = {
      shares: await Promise.all(numbers.map((number) => typed(folder, sheet(`share-${number}`), `share-${number}`))),
      backup: [await typed(folder, sheet('backup-issuing-2026'), 'backup-issuing')],
      passphrases: papers.passphrases,
    };
    proven(desk(), { ...hands, more: ['--manifest', join(out, 'manifest.json')] }, issuing);

    // What goes wrong is named, and nothing is signed.
    const signed = join(folder, 'never.sig');
    const refused = (changes: Partial<Papers>) => {
      const given = { ...papers, ...changes };
      const answer = recover(folder, { ...given, more: [...(given.more ?? []), ...signing(PROGRAM, signed)] });
      expect(answer.status).toBe(1);
      expect(existsSync(signed)).toBe(false);
      return answer.stderr.trim();
    };
    const [first = '', second = '', third = ''] = papers.shares;
    expect(refused({ passphrases: [...papers.passphrases.slice(0, 2), 'orbit maple'] })).toBe(
      `${third}: the passphrase is wrong`,
    );
    expect(refused({ shares: [first, second] })).toBe('2 shares were given, and 3 are needed');
    expect(refused({ shares: [first, second, first] })).toBe('one share was given twice');
    expect(refused({ more: ['--certificate', join(out, 'issuing.crt')] })).toBe(
      'it is not the key of that certificate',
    );
    expect(refused({ shares: [first, second, photographed(folder, sheet('manifest'), 'mistaken')] })).toContain(
      'line 1',
    );
    const rows = readFileSync(hands.shares[1] ?? '', 'utf8').split('\n');
    const misspelt = rows.with(
      3,
      (rows[3] ?? '').replace(/.$/, (letter) => (letter === 'q' ? 'p' : 'q')),
    );
    writeFileSync(join(folder, 'misspelt.txt'), misspelt.join('\n'));
    expect(refused({ shares: [first, 'misspelt.txt', third] })).toBe('misspelt.txt, line 4 does not check');
    const swapped = Buffer.from(readFileSync(blob));
    swapped.writeUInt8(swapped.readUInt8(40) ^ 1, 40);
    writeFileSync(join(folder, 'altered.kwp'), swapped);
    expect(refused({ backup: ['altered.kwp'] })).toContain('the backup does not open');
  });

  test('an RSA-4096 root made in SoftHSM, whose backup is several codes on several pages', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
    try {
      const folder = temporaryFolder();
      const out = join(folder, 'out');
      const script = cheapScript(folder, (text) =>
        text.replace('{ label: root-2026, algorithm: EC-P384', '{ label: root-2026, algorithm: RSA-4096'),
      );
      const place = ['--data', join(folder, 'data'), '--out', out, '--token', writeTokenFile(folder)];
      expect((await claviger(['ceremony', 'run', script, ...place, '--answers', ANSWERS])).status).toBe(0);
      const cards = readFileSync(join(out, 'passphrases.txt'), 'utf8').trim().split('\n');
      const numbers = [2, 3, 4];
      const shares = numbers.map((number) =>
        photographed(folder, join(out, `sheets/share-${number}.pdf`), `share-${number}`),
      );
      const backup = photographed(folder, join(out, 'sheets/backup-root-2026.pdf'), 'backup');
      expect(readFileSync(backup, 'utf8').trim().split('\n').length).toBeGreaterThan(4);
      const passphrases = numbers.map((number) => cards[number - 1] ?? '');
      const more = ['--certificate', join(out, 'root.crt')];
      const said = proven(
        folder,
        { shares, backup: [backup], passphrases, more },
        publicKeyOf(folder, join(out, 'root.crt')),
      );
      expect(said).toContain(
        createHash('sha256')
          .update(readFileSync(join(out, 'backup/root-2026.kwp')))
          .digest('hex'),
      );
    } finally {
      softHsm.remove();
    }
  });
});

describe('the example of docs/formats/recovery-by-hand.md', () => {
  const example = DOCUMENT.slice(DOCUMENT.indexOf('## Example'));
  const [texts = '', passphrases = '', masterKey = '', code = '', lines = '', publicKey = ''] = Array.from(
    example.matchAll(/^```\n([\s\S]*?)^```$/gm),
    ([, body = '']) => body,
  );

  function written(folder: string): Papers {
    const shares = texts
      .trim()
      .split('\n')
      .map((text, index) => {
        writeFileSync(join(folder, `share-${index}.txt`), text);
        return `share-${index}.txt`;
      });
    writeFileSync(join(folder, 'backup.txt'), code);
    writeFileSync(join(folder, 'typed.txt'), lines);
    writeFileSync(join(folder, 'public.pem'), publicKey);
    return { shares, backup: ['backup.txt'], passphrases: passphrases.trim().split('\n') };
  }

  test('its papers sign for its public key, from the code and from the lines', () => {
    for (const backup of ['backup.txt', 'typed.txt']) {
      const folder = temporaryFolder();
      const papers = written(folder);
      proven(folder, { ...papers, backup: [backup] }, join(folder, 'public.pem'));
    }
  });

  test('its master key is that of the sample set; OpenSSL alone unwraps with it, by the commands of the page', () => {
    expect(masterKey.trim()).toBe(golden.masterKey);
    const folder = temporaryFolder();
    const papers = written(folder);
    const told = recover(folder, { ...papers, more: ['--key-out', 'key.pem'] });
    expect(told.status).toBe(0);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    const [, commands = ''] = /```\n(openssl enc [\s\S]*?)```/.exec(DOCUMENT) ?? [];
    writeFileSync(join(folder, 'root.kwp'), blobOf(code.trim()));
    execFileSync('sh', ['-ec', commands.replace('MASTER-KEY-IN-HEX', golden.masterKey)], { cwd: folder });
    const half = (path: string) => execFileSync('openssl', ['pkey', '-in', join(folder, path), '-pubout']).toString();
    expect(half('root.key')).toBe(half('key.pem'));
    expect(half('root.key').trim()).toBe(publicKey.trim());
  });

  test('a vault’s key, wrapped with padding or without, comes out as its 32 bytes', () => {
    const folder = temporaryFolder();
    const papers = written(folder);
    const kek = Buffer.alloc(32, 'vault');
    for (const [cipher, iv, name] of [
      ['id-aes256-wrap-pad', 'A65959A6', 'rfc5649'],
      ['id-aes256-wrap', 'A6A6A6A6A6A6A6A6', 'rfc3394'],
    ] as const) {
      const wrap = createCipheriv(cipher, bytesOf(golden.masterKey), Buffer.from(iv, 'hex'));
      const blob = Buffer.concat([wrap.update(kek), wrap.final()]);
      writeFileSync(join(folder, `${name}.txt`), encodeBackup(blob).join('\n'));
      const said = recover(folder, { ...papers, backup: [`${name}.txt`], more: ['--key-out', name] });
      expect(said.status).toBe(0);
      expect(readFileSync(join(folder, name)).equals(kek)).toBe(true);
      const signed = recover(folder, { ...papers, backup: [`${name}.txt`], more: signing('backup.txt', 'no.sig') });
      expect(signed.stderr).toContain('signs nothing');
    }
  });

  test('four shares that contradict each other, and a foreign manifest, are refused', () => {
    const folder = temporaryFolder();
    const papers = written(folder);
    const [, , , fourth] = golden.shares;
    writeFileSync(join(folder, 'share-3.txt'), fourth?.text ?? '');
    const four = {
      shares: [...papers.shares, 'share-3.txt'],
      passphrases: [...papers.passphrases, fourth?.passphrase ?? ''],
    };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(golden.manifest));
    const more = ['--manifest', 'manifest.json'];
    expect(recover(folder, { ...papers, ...four, more }).status).toBe(0);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...golden.manifest, epoch: 1 }));
    expect(recover(folder, { ...papers, ...four, more }).stderr).toContain('the share was altered');
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...golden.manifest, setId: '0'.repeat(32) }));
    expect(recover(folder, { ...papers, more }).stderr).toContain('another set');
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...golden.manifest, keyCheckValue: '0'.repeat(32) }));
    expect(recover(folder, { ...papers, more }).stderr).toContain("not the manifest's master key");
  });
});

/** The wrapped key of one code: what the page says, once more, so that OpenSSL can be tried alone. */
function blobOf(code: string): Buffer {
  const alphabet = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';
  const bits = Array.from(code.slice('CLVB1'.length), (character) =>
    alphabet.indexOf(character).toString(2).padStart(5, '0'),
  ).join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  return bytes.subarray(6, -8);
}
