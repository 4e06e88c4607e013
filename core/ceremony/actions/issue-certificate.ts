import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { wordsOf } from '../../contract/words.ts';
import { SERIAL_BYTES, issueCertificate as issue } from '../../pki/certificate.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { type Action, filesOnly } from '../action.ts';
import { keyOf } from '../records.ts';
import { type Certificate, certificateResult } from '../results.ts';
import { certificateDer, tokenSigner } from '../signing.ts';

const url = z.url({ protocol: /^http$/ });
const parameters = z
  .strictObject({
    key: z.string().min(1).describe('The key that is certified, by its label; the certificate is known by it.'),
    profile: z
      .enum(['root-ca', 'issuing-ca', 'service'])
      .describe('What the certificate is for; service is a ledger or export key.'),
    issuer: z.string().min(1).optional().describe('The issuing key; left out by a root, which signs itself.'),
    subject: z
      .strictObject({
        commonName: z.string().min(1).max(48).describe('CN; in training TRAINING is put before it.'),
        organisation: z.string().min(1).max(64).optional().describe('O'),
        country: z.string().length(2).optional().describe('C: two letters.'),
      })
      .describe('Distinguished name of the subject.'),
    validityDays: z.int().min(1).max(9132).describe('Days from now; the profile has a limit of its own.'),
    crlUrls: z.array(url).default([]).describe('Where the revocation list of the issuer is: plain http.'),
    issuerUrls: z.array(url).default([]).describe('Where the certificate of the issuer is: plain http.'),
    policies: z.array(z.string()).default([]).describe('Policy identifiers in dotted form.'),
    file: z
      .string()
      .regex(/^[a-z0-9-]+\.crt$/)
      .describe('Name of the file in the output folder.'),
  })
  .describe('Issues a certificate with a key of the token, reads it back and lints it.');
type Parameters = z.infer<typeof parameters>;
type Prepared = { serial: string; notBefore: string; notAfter: string };

/** Issues a certificate with the token's key. The serial number is durable before it is used, and never used again. */
export const issueCertificate: Action<Parameters, Prepared, Certificate> = {
  name: 'issue-certificate',
  parameters,
  result: certificateResult,
  needs: ['main'],
  files: (_state, { file }) => [file],
  lint: ({ key, profile: name, issuer, validityDays, crlUrls, issuerUrls, policies }, script) => {
    const made = script.steps.filter(({ action }) => action === 'generate-key').map((step) => step.parameters['label']);
    const complaints: string[] = [];
    for (const label of new Set([key, issuer ?? key])) {
      if (!made.includes(label)) complaints.push(`no step makes the key ${label}`);
    }
    const profile = PROFILES[name];
    if (profile.selfSigned !== (issuer === undefined)) complaints.push('a root names no issuer, every other does');
    if (validityDays > profile.longestDays) {
      complaints.push(`a ${name} certificate is valid for at most ${profile.longestDays} days`);
    }
    if (!profile.pointers && crlUrls.length + issuerUrls.length + policies.length > 0) {
      complaints.push(`a ${name} certificate has no CRL address, issuer address or policy`);
    }
    return complaints;
  },
  prepare: ({ random, clock }, { validityDays }) => {
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
  },
  perform: async (context, wanted, { serial, notBefore, notAfter }) => {
    const { state, output } = context;
    const { key, profile, issuer, crlUrls, issuerUrls, policies, file } = wanted;
    const { commonName, organisation, country } = wanted.subject;
    const issued = await issue({
      profile,
      issuer: {
        signer: tokenSigner(context, issuer ?? key),
        certificate: issuer === undefined ? null : certificateDer(context, issuer),
      },
      subject: {
        commonName: state.mode === 'training' ? `TRAINING ${commonName}` : commonName,
        ...(organisation === undefined ? {} : { organisation }),
        ...(country === undefined ? {} : { country }),
      },
      subjectPublicKey: Buffer.from(keyOf(state, key).publicKey, 'base64'),
      serial: Buffer.from(serial, 'hex'),
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      crlUrls,
      issuerUrls,
      policies,
    });
    const { subject } = new X509Certificate(issued.der);
    const written = await output.write(file, new TextEncoder().encode(issued.pem));
    return {
      result: {
        label: key,
        file,
        subject: subject.replaceAll('\n', ', '),
        der: Buffer.from(issued.der).toString('base64'),
        sha256: issued.sha256,
      },
      facts: [
        { kind: 'row', label: 'Subject', value: subject.replaceAll('\n', ', ') },
        { kind: 'row', label: 'Serial number', value: serial, mono: true },
        { kind: 'row', label: 'Valid', value: `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}` },
        {
          kind: 'words',
          label: 'SHA-256 of the certificate, first 16 bytes',
          words: wordsOf(Buffer.from(issued.sha256, 'hex').subarray(0, 16)),
          hex: issued.sha256,
        },
        written,
      ],
    };
  },
  reconcile: filesOnly,
};
