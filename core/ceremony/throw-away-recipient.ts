import { generateKeyPairSync, sign } from 'node:crypto';
import { SERIAL_BYTES, issueCertificate } from '../pki/certificate.ts';

/**
 * A recipient for training, so that the far side can be shown too: its key is left beside its certificate for
 * anyone to read. A live ceremony never makes one.
 */
export async function throwAwayRecipient(
  random: (length: number) => Uint8Array,
  now: Date,
): Promise<{ certificatePem: Uint8Array; keyPem: Uint8Array }> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const subjectPublicKey = publicKey.export({ format: 'der', type: 'spki' });
  const notAfter = new Date(now);
  notAfter.setUTCDate(notAfter.getUTCDate() + 365);
  const { pem } = await issueCertificate({
    profile: 'recipient',
    issuer: {
      signer: {
        publicKey: subjectPublicKey,
        hash: 'SHA-384',
        sign: (message) => Promise.resolve(sign('SHA384', message, privateKey)),
      },
      certificate: null,
    },
    subject: { commonName: 'TRAINING throw-away recipient' },
    subjectPublicKey,
    serial: random(SERIAL_BYTES),
    notBefore: now,
    notAfter,
  });
  return {
    certificatePem: Buffer.from(pem),
    keyPem: Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })),
  };
}
