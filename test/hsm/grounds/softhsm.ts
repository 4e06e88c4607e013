import { Pkcs11Token } from '../../../core/hsm/pkcs11/pkcs11-token.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, makeSoftHsm } from '../softhsm.ts';
import { type Ground, PIN } from './ground.ts';

export function prepareSoftHsm(): Ground {
  const { remove } = makeSoftHsm(['first', 'second']);
  return {
    open: (label) => new Pkcs11Token(SOFTHSM_MODULE, label),
    location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'first' },
    pin: Buffer.from(PIN),
    securityOfficerPin: Buffer.from(SECURITY_OFFICER_PIN),
    hasSecond: true,
    remove,
  };
}
