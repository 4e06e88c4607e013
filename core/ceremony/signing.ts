import { signData } from '../pki/signed-data.ts';
import type { Signer } from '../pki/signer.ts';
import type { TokenProcess } from '../hsm/process/client.ts';
import type { EffectContext } from './action.ts';
import { certificateOf, certificatesOf, issuersOf, keyPairOf } from './records.ts';

/** A key of this ceremony's token, made in it or found there, as the certificate and message builders want it. */
export function tokenSigner({ token, state }: EffectContext, label: string): Signer {
  return signerOf(token('main'), keyPairOf(state, label));
}

/** The same of any key that a token process shows. `publicKey`: SubjectPublicKeyInfo, base64. */
export function signerOf(
  token: TokenProcess,
  { label, algorithm, publicKey }: { label: string; algorithm: string; publicKey: string },
): Signer {
  const hash = hashOf({ algorithm });
  return {
    publicKey: Buffer.from(publicKey, 'base64'),
    hash,
    async sign(message) {
      const { signature } = await token.call('sign', {
        label,
        message: Buffer.from(message).toString('base64'),
        hash,
      });
      return Buffer.from(signature, 'base64');
    },
  };
}

/** What a key signs with: as strong as the key (BR 7.1.3.2). */
export function hashOf({ algorithm }: { algorithm: string }): 'SHA-256' | 'SHA-384' {
  return algorithm === 'EC-P384' ? 'SHA-384' : 'SHA-256';
}

/** The certificate of such a key, DER. */
export function certificateDer({ state }: EffectContext, label: string): Uint8Array {
  return Buffer.from(certificateOf(state, label).der, 'base64');
}

/** A detached CMS signature (DER) by such a key, with its certificate and those above it. */
export function signDetached(
  context: EffectContext,
  label: string,
  content: Uint8Array,
  at: Date,
): Promise<Uint8Array> {
  const above = issuersOf(certificateOf(context.state, label), certificatesOf(context.state));
  return signData({
    content,
    attached: false,
    signer: tokenSigner(context, label),
    certificate: certificateDer(context, label),
    certificates: above.map(({ der }) => Buffer.from(der, 'base64')),
    signingTime: at,
  });
}
