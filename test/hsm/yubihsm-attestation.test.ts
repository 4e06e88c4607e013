import { type KeyObject, X509Certificate, createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evidenceFacts } from '../../core/ceremony/key-evidence.ts';
import { readYubiHsmAttestation, verifyYubiHsmAttestation } from '../../core/hsm/attestation/yubihsm.ts';
import { refused } from './refused.ts';
import { ARC, CA, DEVICE, KEY, certifier } from './yubihsm-chain.ts';

/*
 * A chain made here by OpenSSL, with the extensions of the vendor's documentation. No device has been asked: a real
 * attestation may hold what this one does not.
 */

const folder = mkdtempSync(join(tmpdir(), 'claviger-attestation-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const certify = certifier(folder);
const x509 = (name: string) => new X509Certificate(readFileSync(join(folder, `${name}.crt`)));
const der = (name: string) => new Uint8Array(x509(name).raw);
const spki = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }));
const keyOf = (name: string) => spki(createPublicKey(readFileSync(join(folder, `${name}.key`))));

beforeAll(() => {
  certify('root', 'root', CA);
  certify('intermediate', 'root', CA);
  certify('device', 'intermediate', [...DEVICE, `${ARC}.6=ASN1:INTEGER:0`]);
  certify('leaf', 'device', [...DEVICE, ...KEY], { subject: 'YubiHSM Attestation id:0x0064' });
});

const believe = (leaf: string, change: Partial<Parameters<typeof verifyYubiHsmAttestation>[1]> = {}) =>
  verifyYubiHsmAttestation(der(leaf), {
    chain: [der('device'), der('intermediate')],
    root: der('root'),
    publicKey: keyOf(leaf),
    now: new Date(),
    ...change,
  });

describe('an attestation of a YubiHSM 2, as its documentation has it', () => {
  test('is read, and believed up to the root', () => {
    const attestation = believe('leaf');
    expect(attestation).toMatchObject({
      firmware: '2.4.0',
      serial: '7550054',
      origins: ['generated'],
      domains: [1, 16],
      capabilities: ['sign-ecdsa', 'exportable-under-wrap'],
      objectId: 100,
      label: 'root-2026',
    });
    expect(attestation.publicKey.length).toBe(keyOf('leaf').length);
    expect(evidenceFacts({ language: 'en' }, 'root-2026', { kind: 'yubihsm', attestation })).toContainEqual({
      kind: 'check',
      label: 'root-2026: attested by its device',
      verdict: 'go',
      detail: 'generated in it',
    });
    // With the root in the chain as well it is the same.
    expect(believe('leaf', { chain: [der('device'), der('intermediate'), der('root')] })).toEqual(attestation);
  });

  test('of an imported key is told as such', () => {
    certify('imported', 'device', [...DEVICE, ...KEY.map((line) => line.replace('BITSTRING:01', 'BITSTRING:10'))]);
    const attestation = believe('imported');
    expect(attestation.origins).toEqual(['imported wrapped']);
    expect(evidenceFacts({ language: 'en' }, 'x', { kind: 'yubihsm', attestation })[0]).toMatchObject({
      verdict: 'warning',
    });
  });

  test('is not believed for another key, root, time or order of the chain', async () => {
    certify('other', 'other', CA);
    const detail = async (change: Parameters<typeof believe>[1]) =>
      (await refused('ATTESTATION_INVALID', () => believe('leaf', change))).detail;
    expect(await detail({ publicKey: keyOf('other') })).toContain('another key');
    expect(await detail({ root: der('other') })).toContain('not signed by the next');
    expect(await detail({ chain: [] })).toContain('device certificate is missing');
    expect(await detail({ chain: [der('intermediate'), der('device')] })).toContain('not signed by the next');
    expect(await detail({ now: new Date(Date.now() + 40 * 86_400_000) })).toContain('out of its time');
  });

  test('by another key of the same device, or for another device, is not believed', async () => {
    // What an attacker with a session can do: an ordinary key of the device signs an attestation of its own.
    certify('ordinary', 'device', [...DEVICE, ...KEY, ...CA]);
    certify('forged', 'ordinary', [...DEVICE, ...KEY]);
    const forged = { chain: [der('ordinary'), der('device'), der('intermediate')] };
    await refused('ATTESTATION_INVALID', () => believe('forged', forged));
    certify('loose', 'intermediate', [...DEVICE, `${ARC}.6=ASN1:INTEGER:7`]);
    certify('byloose', 'loose', [...DEVICE, ...KEY]);
    const loose = { chain: [der('loose'), der('intermediate')] };
    const { detail } = await refused('ATTESTATION_INVALID', () => believe('byloose', loose));
    expect(detail).toContain('object 0');
    certify('elsewhere', 'device', [...DEVICE.map((line) => line.replace('7550054', '1')), ...KEY]);
    const elsewhere = await refused('ATTESTATION_INVALID', () => believe('elsewhere'));
    expect(elsewhere.detail).toContain('another device');
  });

  test.each<[string, (line: string) => string]>([
    ['no serial number', (line) => (line.startsWith(`${ARC}.2=`) ? '' : line)],
    ['a firmware of two bytes', (line) => line.replace('OCTETSTRING:020400', 'OCTETSTRING:0204')],
    ['a serial number that is text', (line) => line.replace('INTEGER:7550054', 'UTF8String:7550054')],
    ['domains that are no bits', (line) => line.replace('FORMAT:HEX,BITSTRING:8001', 'INTEGER:1')],
    ['an origin that is not known', (line) => line.replace('BITSTRING:01', 'BITSTRING:04')],
  ])('with %s is refused', async (_, change) => {
    const extensions = [...DEVICE, ...KEY];
    const changed = extensions.map(change).filter((line) => line !== '');
    expect(changed).not.toEqual(extensions);
    certify('odd', 'device', changed);
    await refused('ATTESTATION_INVALID', () => readYubiHsmAttestation(der('odd')));
  });

  test('that is no certificate is refused, whatever the bytes', async () => {
    await refused('ATTESTATION_INVALID', () => readYubiHsmAttestation(new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x00])));
    await refused('ATTESTATION_INVALID', () => readYubiHsmAttestation(der('leaf').subarray(0, 200)));
  });
});

test('without a vendor’s word the attributes are told, as a warning', () => {
  const [check, row] = evidenceFacts({ language: 'en' }, 'root-2026', {
    kind: 'attributes',
    attributes: { local: true, sensitive: true, alwaysSensitive: true, extractable: false },
  });
  expect(check).toMatchObject({ verdict: 'warning' });
  expect(row).toMatchObject({ value: 'local, sensitive, always sensitive' });
});
