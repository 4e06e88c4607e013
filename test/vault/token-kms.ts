import { TokenProcess } from '../../core/hsm/process/client.ts';
import { Pkcs11Kms } from '../../core/kms/pkcs11.ts';
import { SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';

export type TokenKms = { kms: Pkcs11Kms; close: () => Promise<void> };

/** A KEK that was made in a SoftHSM of its own, as a ceremony makes it. */
export async function tokenKms(): Promise<TokenKms> {
  const { remove } = makeSoftHsm(['vault']);
  const location = { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'vault' } as const;
  const token = TokenProcess.start();
  await token.call('open', { location });
  await token.call('login', { pin: await token.sendSecret(Buffer.from(USER_PIN)), securityOfficerPin: null });
  await token.call('generateKey', { label: 'vault-kek', algorithm: 'AES-256', purpose: 'kek' });
  await token.close();
  const login = () => Promise.resolve({ pin: new Uint8Array(Buffer.from(USER_PIN)), securityOfficerPin: null });
  const place = {
    members: [{ name: 'vault', location, processes: 1, login }],
    clock: () => 0,
    every: () => () => undefined,
    record: () => undefined,
  };
  const kms = await Pkcs11Kms.open(place, await Pkcs11Kms.enrol(place, 'vault-kek'));
  return {
    kms,
    async close() {
      await kms.close();
      remove();
    },
  };
}
