import { randomBytes, verify } from 'node:crypto';
import pkcs11 from 'pkcs11js';
import { afterAll, expect, test } from 'vitest';
import type { Ground } from './grounds/ground.ts';
import { prepareNss } from './grounds/nss.ts';
import { prepareSoftHsm } from './grounds/softhsm.ts';
import { prepareSoftware } from './grounds/software.ts';
import { refused } from './refused.ts';

const grounds = { software: prepareSoftware(), softHsm: prepareSoftHsm(), nss: prepareNss() };
const MESSAGE = Buffer.from('a to-be-signed certificate');
const NOTHING = new Uint8Array(0);

afterAll(() => {
  for (const ground of Object.values(grounds)) ground.remove();
});

function open(ground: Ground) {
  const token = ground.open('first');
  token.login(ground.pin, ground.securityOfficerPin);
  return token;
}

test('a backup made by one token opens in another', () => {
  const tokens = Object.values(grounds).map(open);
  const masterKey = randomBytes(32);
  for (const token of tokens) token.importMasterKey('master', masterKey);
  let exchanged = 0;
  for (const [index, source] of tokens.entries()) {
    for (const algorithm of ['EC-P384', 'RSA-3072', 'AES-256'] as const) {
      const backsUp = `back up ${algorithm}` as const;
      if (source.capabilities()[backsUp].is === 'refused') continue;
      const label = `${algorithm} of ${index}`;
      const key = source.generateKey(
        algorithm === 'AES-256' ? { label, algorithm, purpose: 'kek' } : { label, algorithm, purpose: 'ca' },
      );
      const wrapped = source.wrap('master', label);
      for (const target of tokens) {
        if (target === source || target.capabilities()[backsUp].is === 'refused') continue;
        target.unwrap('master', wrapped, { label, algorithm });
        if (key.publicKey) {
          const publicKey = { key: Buffer.from(key.publicKey), format: 'der', type: 'spki' } as const;
          expect(verify('SHA256', MESSAGE, publicKey, target.sign(label, MESSAGE, 'SHA-256'))).toBe(true);
        } else {
          const sealed = source.encrypt(label, MESSAGE, NOTHING);
          expect(Buffer.from(target.decrypt(label, sealed, NOTHING)).equals(MESSAGE)).toBe(true);
        }
        exchanged += 1;
      }
    }
  }
  // Private keys between the software token and SoftHSM, both ways; a data key between all three, both ways.
  expect(exchanged).toBe(2 * 2 + 3 * 2);
  for (const token of tokens) token.close();
});

test('NSS would wrap under any key; the token process does not ask it to', async () => {
  const { location, pin } = grounds.nss;
  if (location.kind !== 'pkcs11') throw new Error('NSS is a PKCS#11 module');
  const token = open(grounds.nss);
  token.generateKey({ label: 'kek', algorithm: 'AES-256', purpose: 'kek' });
  token.close();
  // By hand: a key that nobody marked as trusted.
  const module = new pkcs11.PKCS11();
  module.load(location.module);
  module.C_Initialize({ libraryParameters: location.parameters ?? '' });
  const [, slot] = module.C_GetSlotList(true);
  const session = module.C_OpenSession(slot as Buffer, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  module.C_Login(session, pkcs11.CKU_USER, Buffer.from(pin).toString());
  const untrusted = module.C_GenerateKey(session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
    { type: pkcs11.CKA_TOKEN, value: true },
    { type: pkcs11.CKA_LABEL, value: 'untrusted' },
    { type: pkcs11.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11.CKA_WRAP, value: true },
  ]);
  module.C_FindObjectsInit(session, [{ type: pkcs11.CKA_LABEL, value: 'kek' }]);
  const [kek] = module.C_FindObjects(session, 1);
  module.C_FindObjectsFinal(session);
  const wrapped = module.C_WrapKey(session, { mechanism: 0x210b }, untrusted, kek as Buffer, Buffer.alloc(100));
  expect(wrapped).toHaveLength(40);
  module.C_Finalize();
  module.close();

  const again = open(grounds.nss);
  const params = await refused('TOKEN_FAILED', () => again.wrap('untrusted', 'kek'));
  expect(params).toEqual({ operation: 'C_WrapKey', ckr: 'CKR_KEY_NOT_WRAPPABLE' });
  again.close();
});
