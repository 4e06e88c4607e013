import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unwrapKey, wrapKey } from '../../core/hsm/software/private-key.ts';
import { hkdfSha256, pbkdf2HmacSha256 } from '../../core/kms/derivation.ts';
import { openBytes, openKey, sealWith } from '../../core/process/aes-gcm.ts';

/** Wycheproof's vectors (test/vectors) through the functions that a vault and its KEKs call. */

type Vector = Record<string, string | number> & { tcId: number; result: 'valid' | 'invalid' | 'acceptable' };
type Group = Record<string, unknown> & { tests: Vector[] };

function vectors(name: string, fits: (group: Group) => boolean = () => true): Vector[] {
  const path = join(import.meta.dirname, '../vectors', `wycheproof_${name}.json`);
  const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as { testGroups: Group[] };
  return testGroups.filter(fits).flatMap(({ tests }) => tests);
}
const bytes = (value: string | number | undefined) => new Uint8Array(Buffer.from(String(value), 'hex'));
const hex = (value: Uint8Array | null) => value && Buffer.from(value).toString('hex');

test('AES-256-GCM, with 12-byte IVs: both ways of opening, and sealing', () => {
  const all = vectors('aes_gcm', ({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128);
  expect(all).toHaveLength(66);
  for (const { tcId, result, ...vector } of all) {
    const parts = { iv: bytes(vector['iv']), ciphertext: bytes(vector['ct']), tag: bytes(vector['tag']) };
    const [key, additionalData] = [bytes(vector['key']), bytes(vector['aad'])];
    const expected = result === 'valid' ? vector['msg'] : null;
    expect([tcId, hex(openBytes(key, parts, additionalData))]).toEqual([tcId, expected]);
    expect([tcId, hex(openKey(key, parts, additionalData))]).toEqual([tcId, expected]);
    if (result !== 'valid') continue;
    const { ciphertext, tag } = sealWith(key, parts.iv, bytes(vector['msg']), additionalData);
    expect([tcId, hex(ciphertext), hex(tag)]).toEqual([tcId, vector['ct'], vector['tag']]);
  }
});

test('AES-256-GCM with an IV of another length is refused, right or wrong', () => {
  const all = vectors('aes_gcm', ({ keySize, ivSize }) => keySize === 256 && ivSize !== 96);
  expect(all.length).toBeGreaterThan(30);
  for (const vector of all) {
    const parts = { iv: bytes(vector['iv']), ciphertext: bytes(vector['ct']), tag: bytes(vector['tag']) };
    expect(openBytes(bytes(vector['key']), parts, bytes(vector['aad']))).toBeNull();
  }
});

test('AES-256 key wrap with padding, by which a KEK is backed up', () => {
  const all = vectors('aes_kwp', ({ keySize }) => keySize === 256);
  expect(all.length).toBeGreaterThan(80);
  for (const { tcId, result, ...vector } of all) {
    const [key, blob] = [bytes(vector['key']), bytes(vector['ct'])];
    expect([tcId, hex(unwrapKey('RFC5649', key, blob))]).toEqual([tcId, result === 'valid' ? vector['msg'] : null]);
    if (result === 'valid') expect([tcId, hex(wrapKey(key, bytes(vector['msg'])))]).toEqual([tcId, vector['ct']]);
  }
});

test('PBKDF2-HMAC-SHA-256', () => {
  const all = vectors('pbkdf2_hmacsha256');
  expect(all).toHaveLength(60);
  for (const { tcId, ...vector } of all) {
    const [password, salt] = [bytes(vector['password']), bytes(vector['salt'])];
    const derived = pbkdf2HmacSha256(password, salt, Number(vector['iterationCount']), Number(vector['dkLen']));
    expect([tcId, hex(derived)]).toEqual([tcId, vector['dk']]);
  }
});

test('HKDF-SHA-256', () => {
  const all = vectors('hkdf_sha256');
  expect(all).toHaveLength(86);
  for (const { tcId, result, ...vector } of all) {
    const derive = () =>
      hkdfSha256(bytes(vector['ikm']), bytes(vector['salt']), bytes(vector['info']), Number(vector['size']));
    if (result === 'valid') expect([tcId, hex(derive())]).toEqual([tcId, vector['okm']]);
    // More than 255 blocks (RFC 5869 section 2.3).
    else expect(derive).toThrow(RangeError);
  }
});
