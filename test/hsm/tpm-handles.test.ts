import { createPublicKey, verify } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { prepareTpm } from './grounds/tpm.ts';
import { refused } from './refused.ts';

test('tpm2-pkcs11 gives a new key the handle of another one: it is refused, and the other one keeps its two halves', async () => {
  const ground = await prepareTpm();
  onTestFinished(ground.remove);
  const spec = (label: string) => ({ label, algorithm: 'EC-P256', purpose: 'service' }) as const;
  const token = ground.open('first');
  token.login(ground.pin, null);
  token.generateKey(spec('one'));
  const keys = [token.generateKey(spec('two')), token.generateKey(spec('three'))];
  token.destroy('one');
  const params = await refused('TOKEN_LIED', () => token.generateKey(spec('four')));
  expect(params).toMatchObject({ label: 'four', attribute: 'id' });
  token.close();

  // Opened anew, every handle is of one object.
  const again = ground.open('first');
  again.login(ground.pin, null);
  for (const key of keys) {
    expect(again.read(key.label)).toEqual(key);
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey ?? []), format: 'der', type: 'spki' });
    expect(verify('SHA256', Buffer.from('a'), publicKey, again.sign(key.label, Buffer.from('a'), 'SHA-256'))).toBe(
      true,
    );
  }
  again.close();
});
