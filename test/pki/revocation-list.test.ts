import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lintRevocationList } from '../../core/pki/lint-revocation-list.ts';
import { type RevokedEntry, issueRevocationList } from '../../core/pki/revocation-list.ts';
import { refused } from '../hsm/refused.ts';
import { type MemoryKind, memorySigner } from './memory-signer.ts';
import { NOW, daysFrom, issueRoot, issueUnder } from './sample-authority.ts';

const YEAR = daysFrom(NOW, 365);

async function authority(kind: MemoryKind = 'EC-P384') {
  const signer = memorySigner(kind);
  const root = await issueRoot(signer, 'Wurzel');
  const below = await Promise.all(
    ['One', 'Two'].map((name) => issueUnder(root, signer, 'issuing-ca', memorySigner('EC-P256').publicKey, name)),
  );
  return { signer, root, below, issuer: { signer, certificate: root.der } };
}

function entry(der: Uint8Array, reason: RevokedEntry['reason']): RevokedEntry {
  return { serial: new X509Certificate(der).serialNumber.toLowerCase(), reason, at: daysFrom(NOW, -1) };
}

function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-crl-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('a revocation list', () => {
  test.each<MemoryKind>(['EC-P256', 'EC-P384', 'RSA-3072'])('of %s is what OpenSSL and GnuTLS take', async (kind) => {
    const { root, below, issuer } = await authority(kind);
    const [one, two] = below;
    if (!one || !two) throw new Error('two certificates');
    const revoked = [entry(one.der, 'keyCompromise')];
    const list = await issueRevocationList({ issuer, number: 7, thisUpdate: NOW, nextUpdate: YEAR, revoked });
    const folder = folderWith({ 'root.crt': root.pem, 'one.crt': one.pem, 'two.crt': two.pem, 'root.crl': list.der });
    const run = (program: string, ...words: string[]) =>
      execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

    const text = run('openssl', 'crl', '-inform', 'DER', '-in', 'root.crl', '-noout', '-text');
    expect(text).toContain('Version 2');
    expect(text).toMatch(/X509v3 CRL Number:\s+7/);
    expect(text).toMatch(/X509v3 CRL Reason Code:\s+Key Compromise/);
    expect(text).toContain(revoked[0]?.serial.toUpperCase());
    run('openssl', 'crl', '-inform', 'DER', '-in', 'root.crl', '-noout', '-CAfile', 'root.crt');
    const checked = ['verify', '-x509_strict', '-crl_check', '-CRLfile', 'root.crl', '-CAfile', 'root.crt'];
    expect(run('openssl', ...checked, 'two.crt')).toContain('OK');
    expect(() => run('openssl', ...checked, 'one.crt')).toThrow(/certificate revoked/);
    run('openssl', 'crl', '-inform', 'DER', '-in', 'root.crl', '-out', 'root.pem');
    const verified = run('certtool', '--verify-crl', '--load-ca-certificate', 'root.crt', '--infile', 'root.pem');
    expect(verified).toContain('Verified');
  });

  test('with nothing on it leaves the entries out; many stay in their order', async () => {
    const { issuer, root } = await authority();
    const plain = { issuer, number: 1, thisUpdate: NOW, nextUpdate: YEAR };
    const empty = await issueRevocationList({ ...plain, revoked: [] });
    const folder = folderWith({ 'root.crl': empty.der });
    const words = ['crl', '-inform', 'DER', '-in', 'root.crl', '-noout', '-text'];
    expect(execFileSync('openssl', words, { cwd: folder, encoding: 'utf8' })).toContain('No Revoked Certificates');
    const many = Array.from({ length: 300 }, (_, index): RevokedEntry => {
      return { serial: (0x80 + index).toString(16), reason: 'superseded', at: NOW };
    });
    const list = await issueRevocationList({ ...plain, number: 2, revoked: many });
    expect(lintRevocationList({ list: list.der, issuer: root.der })).toEqual([]);
    writeFileSync(join(folder, 'root.crl'), list.der);
    const text = execFileSync('openssl', words, { cwd: folder, encoding: 'utf8' });
    const serials = [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => parseInt(serial ?? '', 16));
    expect(serials).toEqual(many.map(({ serial }) => parseInt(serial, 16)));
  });

  test.each<[string, string, (plain: Parameters<typeof issueRevocationList>[0]) => object]>([
    ['a year and more until the next', 'update_period', () => ({ nextUpdate: daysFrom(NOW, 367) })],
    ['the next before this one', 'update_order', () => ({ nextUpdate: daysFrom(NOW, -1) })],
    ['no number', 'number', () => ({ number: 0 })],
    ['a certificate twice', 'serials_unique', ({ revoked }) => ({ revoked: [...revoked, ...revoked] })],
    [
      'revoked tomorrow',
      'revoked_before',
      ({ revoked }) => ({ revoked: revoked.map((one) => ({ ...one, at: daysFrom(NOW, 1) })) }),
    ],
    [
      'on hold',
      'reason',
      ({ revoked }) => ({ revoked: revoked.map((one) => ({ ...one, reason: 'certificateHold' })) }),
    ],
    [
      'zero as a serial number',
      'serial_positive',
      ({ revoked }) => ({ revoked: revoked.map((one) => ({ ...one, serial: '0' })) }),
    ],
  ])('is not handed out with %s', async (_, lint, change) => {
    const { issuer, below } = await authority();
    const revoked = below.slice(0, 1).map(({ der }) => entry(der, 'superseded'));
    const plain = { issuer, number: 1, thisUpdate: NOW, nextUpdate: YEAR, revoked };
    await issueRevocationList(plain);
    const { detail } = await refused('REVOCATION_LIST_PROFILE', () =>
      issueRevocationList({ ...plain, ...change(plain) }),
    );
    expect(String(detail)).toContain(lint);
  });

  test('is not handed out by a key that may not sign lists, or another than the certificate’s', async () => {
    const { issuer, signer, root } = await authority();
    const plain = { number: 1, thisUpdate: NOW, nextUpdate: YEAR, revoked: [] };
    const other = memorySigner('EC-P384');
    const service = await issueUnder(root, signer, 'service', other.publicKey, 'Export');
    const wrong = await refused('REVOCATION_LIST_PROFILE', () =>
      issueRevocationList({ ...plain, issuer: { signer: other, certificate: service.der } }),
    );
    expect(String(wrong.detail)).toMatch(/issuer_is_ca.*issuer_signs_lists/);
    const foreign = await refused('REVOCATION_LIST_PROFILE', () =>
      issueRevocationList({ ...plain, issuer: { ...issuer, signer: other } }),
    );
    expect(String(foreign.detail)).toContain('signature_verifies');
  });

  test('with any byte changed is found', async () => {
    const { issuer, below, root } = await authority();
    const revoked = below.map(({ der }) => entry(der, 'cessationOfOperation'));
    const { der } = await issueRevocationList({ issuer, number: 3, thisUpdate: NOW, nextUpdate: YEAR, revoked });
    for (let index = 0; index < der.length; index += 3) {
      const copy = Uint8Array.from(der);
      copy[index] = (copy[index] ?? 0) ^ 4;
      expect(lintRevocationList({ list: copy, issuer: root.der }).length, String(index)).toBeGreaterThan(0);
    }
  });
});
