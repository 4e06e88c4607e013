import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { wordsOf } from '../contract/words.ts';
import { type IssuedCertificate, SERIAL_BYTES } from '../pki/certificate.ts';
import type { DistinguishedName } from '../pki/distinguished-name.ts';
import type { Effect, EffectContext } from './action.ts';
import type { Certificate } from './results.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** What every step that issues a certificate shares: its parameters, the intent, and what it leaves. */

const url = z.url({ protocol: /^http$/ });

export const subjectParameters = z
  .strictObject({
    commonName: z.string().min(1).max(48).describe('CN; in training TRAINING is put before it.'),
    organisation: z.string().min(1).max(64).optional().describe('O'),
    country: z.string().length(2).optional().describe('C: two letters.'),
  })
  .describe('Distinguished name of the subject.');

export const certificateParameters = {
  subject: subjectParameters,
  validityDays: z.int().min(1).max(9132).describe('Days from now; the profile has a limit of its own.'),
  crlUrls: z.array(url).default([]).describe('Where the revocation list of the issuer is: plain http.'),
  issuerUrls: z.array(url).default([]).describe('Where the certificate of the issuer is: plain http.'),
  policies: z.array(z.string()).default([]).describe('Policy identifiers in dotted form.'),
  file: z
    .string()
    .regex(/^[a-z0-9-]+\.crt$/)
    .describe('Name of the file in the output folder.'),
};

/** Durable before the serial number is used, and never used again. */
export const preparedIssuance = z.strictObject({
  serial: z.string().regex(/^[0-9a-f]+$/),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
});
export type PreparedIssuance = z.infer<typeof preparedIssuance>;

export function prepareIssuance({ random, clock }: EffectContext, validityDays: number): Promise<PreparedIssuance> {
  const notBefore = clock();
  notBefore.setUTCMilliseconds(0);
  const notAfter = new Date(notBefore);
  notAfter.setUTCDate(notAfter.getUTCDate() + validityDays);
  // RFC 5280 4.1.2.5: notAfter is itself the last valid second.
  notAfter.setUTCSeconds(notAfter.getUTCSeconds() - 1);
  return Promise.resolve({
    serial: Buffer.from(random(SERIAL_BYTES)).toString('hex'),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  });
}

/** A subject of a script as it stands in a certificate. */
export function subjectIn(
  { mode }: CeremonyState,
  { commonName, organisation, country }: z.infer<typeof subjectParameters>,
): DistinguishedName {
  return {
    commonName: mode === 'training' ? `TRAINING ${commonName}` : commonName,
    ...(organisation === undefined ? {} : { organisation }),
    ...(country === undefined ? {} : { country }),
  };
}

/** Writes an issued certificate and tells of it. */
export async function issuedEffect(
  { state, output }: EffectContext,
  label: string,
  file: string,
  issued: IssuedCertificate,
  { serial, notBefore, notAfter }: PreparedIssuance,
): Promise<Effect<Certificate>> {
  const subject = new X509Certificate(issued.der).subject.replaceAll('\n', ', ');
  const written = await output.write(file, new TextEncoder().encode(issued.pem));
  return {
    result: { label, file, subject, der: Buffer.from(issued.der).toString('base64'), sha256: issued.sha256 },
    facts: [
      { kind: 'row', label: say(state, 'certificate.subject'), value: subject },
      { kind: 'row', label: say(state, 'fact.serial'), value: serial, mono: true },
      {
        kind: 'row',
        label: say(state, 'certificate.valid'),
        value: say(state, 'certificate.between', { from: notBefore.slice(0, 10), to: notAfter.slice(0, 10) }),
      },
      {
        kind: 'words',
        label: say(state, 'certificate.words'),
        words: wordsOf(Buffer.from(issued.sha256, 'hex').subarray(0, 16)),
        hex: issued.sha256,
      },
      written,
    ],
  };
}
