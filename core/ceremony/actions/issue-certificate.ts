import { z } from 'zod';
import { issueCertificate as issue } from '../../pki/certificate.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { type Action, filesOnly } from '../action.ts';
import {
  type PreparedIssuance,
  certificateParameters,
  issuedEffect,
  prepareIssuance,
  preparedIssuance,
  subjectIn,
} from '../issuance.ts';
import { handOver, ledgerKeyRow, refuseWithoutHandOver } from '../ledger-key.ts';
import { unusable } from '../labels.ts';
import { keyPairOf } from '../records.ts';
import { type Certificate, certificateResult } from '../results.ts';
import { certificateDer, tokenSigner } from '../signing.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    key: z.string().min(1).describe('The key that is certified, by its label; the certificate is known by it.'),
    profile: z
      .enum(['root-ca', 'issuing-ca', 'service', 'service-without-root'])
      .describe('What the certificate is for; service is a ledger or export key.'),
    issuer: z.string().min(1).optional().describe('The issuing key; left out by a certificate that signs itself.'),
    signsLedger: z.boolean().default(false).describe('From here on this key signs the ledger’s checkpoints.'),
    ...certificateParameters,
  })
  .describe('Issues a certificate with a key of the token, reads it back and lints it.');
type Parameters = z.infer<typeof parameters>;

/** Issues a certificate with the token's key. The serial number is durable before it is used, and never used again. */
export const issueCertificate: Action<Parameters, PreparedIssuance, Certificate> = {
  name: 'issue-certificate',
  parameters,
  result: certificateResult,
  needs: ['main'],
  files: (_state, { file }) => [file],
  lint: ({ key, profile, issuer, signsLedger, validityDays, crlUrls, issuerUrls, policies }, script) => {
    const complaints = [...unusable(script, [key, issuer ?? key])];
    const { selfSigned, ca, longestDays, pointers } = PROFILES[profile];
    if (signsLedger && ca) complaints.push('a CA key signs no ledger');
    if (selfSigned && issuer !== undefined) complaints.push(`a ${profile} certificate signs itself`);
    if (!selfSigned && issuer === undefined) complaints.push(`a ${profile} certificate names its issuer`);
    if (validityDays > longestDays)
      complaints.push(`a ${profile} certificate is valid for at most ${longestDays} days`);
    if (!pointers && crlUrls.length + issuerUrls.length + policies.length > 0) {
      complaints.push(`a ${profile} certificate has no CRL address, issuer address or policy`);
    }
    return complaints;
  },
  prepare: async (context, { validityDays, signsLedger }) => {
    // What the issuer has signed cannot be taken back: whatever may be refused is refused first.
    if (signsLedger) await refuseWithoutHandOver(context);
    return prepareIssuance(context, validityDays);
  },
  perform: async (context, wanted, intent) => {
    const { state } = context;
    const { key, profile, issuer, subject, crlUrls, issuerUrls, policies, file } = wanted;
    const chosen = preparedIssuance.parse(intent);
    const issued = await issue({
      profile,
      issuer: {
        signer: tokenSigner(context, issuer ?? key),
        certificate: issuer === undefined ? null : certificateDer(context, issuer),
      },
      subject: subjectIn(state, subject),
      subjectPublicKey: Buffer.from(keyPairOf(state, key).publicKey, 'base64'),
      serial: Buffer.from(chosen.serial, 'hex'),
      notBefore: new Date(chosen.notBefore),
      notAfter: new Date(chosen.notAfter),
      crlUrls,
      issuerUrls,
      policies,
    });
    const effect = await issuedEffect(context, key, file, issued, chosen);
    if (!wanted.signsLedger) return effect;
    const row = await ledgerKeyRow(context, issued.der, new Date(chosen.notBefore));
    const said = { kind: 'row' as const, label: say(state, 'certificate.signsLedger'), value: handOver(state, row) };
    return { ...effect, facts: [...effect.facts, said], rows: [row] };
  },
  reconcile: filesOnly,
};
