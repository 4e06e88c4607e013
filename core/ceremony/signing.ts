import { signData } from '../pki/signed-data.ts';
import type { Signer } from '../pki/signer.ts';
import type { EffectContext } from './action.ts';
import { certificateOf, certificatesOf, keyOf } from './records.ts';

/** A key of this ceremony's token, as the certificate and message builders want it. */
export function tokenSigner({ token, state }: EffectContext, label: string): Signer {
  const key = keyOf(state, label);
  const hash = key.algorithm === 'EC-P384' ? 'SHA-384' : 'SHA-256';
  return {
    publicKey: Buffer.from(key.publicKey, 'base64'),
    hash,
    async sign(message) {
      const { signature } = await token('main').call('sign', {
        label,
        message: Buffer.from(message).toString('base64'),
        hash,
      });
      return Buffer.from(signature, 'base64');
    },
  };
}

/** A certificate of this ceremony, DER. */
export function certificateDer({ state }: EffectContext, label: string): Uint8Array {
  return Buffer.from(certificateOf(state, label).der, 'base64');
}

/** A detached CMS signature (DER) by a key of this ceremony, with its certificate and the root's in it. */
export function signDetached(
  context: EffectContext,
  label: string,
  content: Uint8Array,
  at: Date,
): Promise<Uint8Array> {
  const root = certificatesOf(context.state)[0];
  const certificates = root && root.label !== label ? [Buffer.from(root.der, 'base64')] : [];
  return signData({
    content,
    attached: false,
    signer: tokenSigner(context, label),
    certificate: certificateDer(context, label),
    certificates,
    signingTime: at,
  });
}
