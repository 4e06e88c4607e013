import { execFileSync } from 'node:child_process';
import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { readRequest, refuseOtherSubject } from '../../core/pki/request.ts';
import { refused } from '../hsm/refused.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-request-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SUBJECT = '/C=PT/O=Example Trust Services/CN=Example Issuing I2';
const WANTED = { commonName: 'Example Issuing I2', organisation: 'Example Trust Services', country: 'PT' };

/** A request as OpenSSL makes it. */
function requestOf(key: string[], options: { subject?: string; words?: string[] } = {}): Buffer {
  const { subject = SUBJECT, words = [] } = options;
  const made = ['req', '-new', '-newkey', ...key, '-nodes', '-keyout', join(folder, 'key.pem'), '-subj', subject];
  return execFileSync('openssl', [...made, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
}

const P384 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'];

describe('a request that is taken', () => {
  test.each<[string, string[], string]>([
    ['EC P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'EC P-256'],
    ['EC P-384', P384, 'EC P-384'],
    ['RSA 3072', ['rsa:3072'], 'RSA 3072'],
  ])('%s: subject and key are OpenSSL’s', (_, key, said) => {
    const read = readRequest(requestOf(key), 'a.csr');
    const made = createPublicKey(createPrivateKey(readFileSync(join(folder, 'key.pem'))));
    expect(Buffer.from(read.publicKey)).toEqual(made.export({ format: 'der', type: 'spki' }));
    expect(read.key).toBe(said);
    expect(read.subject).toBe('CN=Example Issuing I2,O=Example Trust Services,C=PT');
    refuseOtherSubject(read, WANTED);
  });

  test('DER, and extensions that it asks for are read past', () => {
    const words = [
      '-addext',
      'basicConstraints=critical,CA:TRUE,pathlen:9',
      '-addext',
      'subjectAltName=DNS:evil.example',
    ];
    const pem = requestOf(P384, { words });
    const der = execFileSync('openssl', ['req', '-outform', 'DER'], { input: pem });
    const read = readRequest(der, 'a.csr');
    expect(read).toEqual(readRequest(pem, 'a.csr'));
    expect(Object.keys(read).sort()).toEqual(['key', 'publicKey', 'subject']);
  });
});

describe('a request that is refused', () => {
  test.each<[string, string[], RegExp]>([
    ['RSA 2048', ['rsa:2048'], /RSA of 2048 bits/],
    ['RSA with exponent 3', ['rsa:3072', '-pkeyopt', 'rsa_keygen_pubexp:3'], /exponent 3/],
    ['another curve', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'], /secp256k1/],
    ['P-521', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'], /secp521r1/],
    [
      'a curve described, not named',
      ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'],
      /unusual/,
    ],
    ['Ed25519', ['ed25519'], /ed25519/],
  ])('%s', async (_, key, said) => {
    const { path, detail } = await refused('REQUEST_KEY_REFUSED', () => readRequest(requestOf(key), 'a.csr'));
    expect(path).toBe('a.csr');
    expect(String(detail)).toMatch(said);
  });

  test('an RSA modulus with a small factor', async () => {
    // A prime factor of 751, put into a well-formed request; its signature is not looked at before its key.
    const der = execFileSync('openssl', ['req', '-outform', 'DER'], { input: requestOf(['rsa:3072']) });
    const key = createPublicKey(createPrivateKey(readFileSync(join(folder, 'key.pem'))));
    const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
    const value = BigInt(`0x${modulus.toString('hex')}`);
    let divisible = value - (value % 751n);
    if (divisible % 2n === 0n) divisible -= 751n;
    const changed = Buffer.from(divisible.toString(16), 'hex');
    const at = der.indexOf(modulus);
    expect(at).toBeGreaterThan(0);
    changed.copy(der, at);
    const { detail } = await refused('REQUEST_KEY_REFUSED', () => readRequest(der, 'a.csr'));
    expect(String(detail)).toMatch(/divisible by \d+/);
  });

  test('every flipped bit of the signature, and of what is signed', () => {
    const der = execFileSync('openssl', ['req', '-outform', 'DER'], { input: requestOf(P384) });
    readRequest(der, 'a.csr');
    const damaged = (index: number) => {
      const copy = Buffer.from(der);
      copy[index] = (copy[index] ?? 0) ^ 1;
      expect(() => readRequest(copy, 'a.csr'), String(index)).toThrow(Refusal);
    };
    for (let index = 0; index < der.length; index += 7) damaged(index);
    damaged(der.length - 1);
  });

  test('the signature of another key', async () => {
    const one = execFileSync('openssl', ['req', '-outform', 'DER'], { input: requestOf(P384) });
    const other = execFileSync('openssl', ['req', '-outform', 'DER'], { input: requestOf(P384) });
    // The public point of the other, under the signature of the one.
    const point = (der: Buffer) => der.indexOf('03620004', der.indexOf('2b81040022', 0, 'hex'), 'hex');
    other.copy(one, point(one), point(other), point(other) + 100);
    const { detail } = await refused('REQUEST_INVALID', () => readRequest(one, 'a.csr'));
    expect(String(detail)).toContain('does not verify');
  });

  test('what is no request, several in one file, and MD5 or SHA-512 for its signature', async () => {
    await refused('REQUEST_INVALID', () => readRequest(Buffer.from('shopping list'), 'a.csr'));
    const two = Buffer.concat([requestOf(P384), requestOf(P384)]);
    expect((await refused('REQUEST_INVALID', () => readRequest(two, 'a.csr'))).detail).toContain('several');
    for (const hash of ['-sha512', '-sha1']) {
      const weak = requestOf(['rsa:3072'], { words: [hash] });
      expect((await refused('REQUEST_INVALID', () => readRequest(weak, 'a.csr'))).detail).toContain('SHA-256');
    }
    const certificate = join(folder, 'self.crt');
    writeFileSync(certificate, requestOf(P384, { words: ['-x509'] }));
    expect(new X509Certificate(readFileSync(certificate)).subject).toContain('Issuing');
    await refused('REQUEST_INVALID', () => readRequest(readFileSync(certificate), certificate));
  });

  test.each([
    ['another name', '/C=PT/O=Example Trust Services/CN=Example Issuing I3'],
    ['another order', '/CN=Example Issuing I2/O=Example Trust Services/C=PT'],
    ['one attribute more', `${SUBJECT}/OU=Somebody else`],
    ['none', '/'],
  ])('a subject that is not the script’s: %s', async (_, subject) => {
    const request = readRequest(requestOf(P384, { subject }), 'a.csr');
    const { expected } = await refused('REQUEST_SUBJECT_DIFFERENT', () => {
      refuseOtherSubject(request, WANTED);
    });
    expect(expected).toBe('CN=Example Issuing I2,O=Example Trust Services,C=PT');
  });
});
