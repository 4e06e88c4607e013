import { createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pkcs11Token } from '../../core/hsm/pkcs11/pkcs11-token.ts';
import { SoftwareToken } from '../../core/hsm/software/software-token.ts';
import type { Token } from '../../core/hsm/token.ts';
import { refused } from './refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from './softhsm.ts';

/** A token that wraps by RFC 3394 only: SoftHSM 2 with the mechanisms of such a one. */

const MASTER_KEY = randomBytes(32);
const NOTHING = new Uint8Array(0);
let softHsm: ReturnType<typeof makeSoftHsm>;
let token: Token;

beforeAll(() => {
  softHsm = makeSoftHsm(
    ['token'],
    'CKM_EC_KEY_PAIR_GEN,CKM_ECDSA,CKM_AES_KEY_GEN,CKM_AES_GCM,CKM_AES_KEY_WRAP,CKM_SHA256',
  );
  token = new Pkcs11Token(SOFTHSM_MODULE, 'token');
  token.login(Buffer.from(USER_PIN), Buffer.from(SECURITY_OFFICER_PIN));
  token.importMasterKey('master', MASTER_KEY);
});
afterAll(() => {
  token.close();
  softHsm.remove();
});

test('a data key is backed up by RFC 3394, declared as such, and comes back on this token and on another', () => {
  expect(token.capabilities()['back up AES-256']).toEqual({ is: 'native', by: 'CKM_AES_KEY_WRAP, RFC3394' });
  token.generateKey({ label: 'kek', algorithm: 'AES-256', purpose: 'kek' });
  const sealed = token.encrypt('kek', Buffer.from('a secret'), NOTHING);
  const wrapped = token.wrap('master', 'kek');
  expect(wrapped.mechanism).toBe('RFC3394');
  const decipher = createDecipheriv('id-aes256-wrap', MASTER_KEY, Buffer.alloc(8, 0xa6));
  expect(Buffer.concat([decipher.update(wrapped.blob), decipher.final()])).toHaveLength(32);

  const folder = mkdtempSync(join(tmpdir(), 'claviger-wraps-'));
  const another = new SoftwareToken(join(folder, 'another'), 'another');
  another.login(Buffer.from(USER_PIN), null);
  another.importMasterKey('master', MASTER_KEY);
  for (const held of [token, another]) {
    held.unwrap('master', wrapped, { label: 'back', algorithm: 'AES-256' });
    expect(Buffer.from(held.decrypt('back', sealed, NOTHING)).toString()).toBe('a secret');
  }
  another.close();
  rmSync(folder, { recursive: true });
});

test('what another mechanism wrapped is refused, and so is one mechanism under the name of the other', async () => {
  const wrapped = token.wrap('master', 'kek');
  const asked = { label: 'never', algorithm: 'AES-256' } as const;
  const params = await refused('MECHANISM_MISSING', () =>
    token.unwrap('master', { ...wrapped, mechanism: 'RFC5649' }, asked),
  );
  expect(params).toEqual({ mechanism: 'RFC5649' });

  const folder = mkdtempSync(join(tmpdir(), 'claviger-wraps-'));
  const another = new SoftwareToken(join(folder, 'another'), 'another');
  another.login(Buffer.from(USER_PIN), null);
  another.importMasterKey('master', MASTER_KEY);
  await refused('BACKUP_UNOPENED', () => another.unwrap('master', { ...wrapped, mechanism: 'RFC5649' }, asked));
  expect(another.inventory().map(({ label }) => label)).toEqual(['master']);
  another.close();
  rmSync(folder, { recursive: true });
});

test('a private key is no whole number of blocks: no CA key is made that could not be backed up', async () => {
  expect(token.capabilities()['back up EC-P384']).toEqual({ is: 'refused', lacks: 'CKM_AES_KEY_WRAP_KWP' });
  const spec = { label: 'ca', algorithm: 'EC-P384', purpose: 'ca' } as const;
  expect(await refused('MECHANISM_MISSING', () => token.generateKey(spec))).toEqual({
    mechanism: 'CKM_AES_KEY_WRAP_KWP',
  });
});
