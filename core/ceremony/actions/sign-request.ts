import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import { issueCertificate } from '../../pki/certificate.ts';
import { type ReadRequest, readRequest, refuseOtherSubject } from '../../pki/request.ts';
import { readFileOrRefuse } from '../../store/files.ts';
import { type Action, filesOnly } from '../action.ts';
import { type IncomingFile, asksForIncoming, incomingPath, lookAtIncoming, readIncoming } from '../incoming.ts';
import {
  type PreparedIssuance,
  certificateParameters,
  subjectParameters,
  issuedEffect,
  prepareIssuance,
  preparedIssuance,
  subjectIn,
} from '../issuance.ts';
import { unusable, writtenTwice } from '../labels.ts';
import { keyPairOf } from '../records.ts';
import { type Certificate, certificateResult } from '../results.ts';
import { certificateDer, tokenSigner } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(64)
      .describe('What the certificate is known by in this ceremony and in later ones: its key is in no token of ours.'),
    issuer: z.string().min(1).describe('The issuing key.'),
    profile: z.enum(['issuing-ca', 'service']).describe('What the certificate is for.'),
    ...certificateParameters,
    subject: subjectParameters.describe('The request must ask for this very subject.'),
  })
  .describe('Certifies a key that is elsewhere, from a request that comes in.');
type Parameters = z.infer<typeof parameters>;

const requestFile = (ceremony: Pick<CeremonyState, 'language'>): IncomingFile => ({
  id: 'request',
  label: say(ceremony, 'request.request'),
  hint: say(ceremony, 'request.hint'),
  optional: false,
  limit: 64 * 1024,
});

/**
 * Certifies a key that is elsewhere, from a request that comes in. Its hash is read aloud, its signature proves that whoever
 * asks has the key, and only the key is taken from it: the subject is the script's, which the request must name too, and
 * the profile decides about extensions.
 */
export const signRequest: Action<Parameters, PreparedIssuance, Certificate> = {
  name: 'sign-request',
  parameters,
  result: certificateResult,
  needs: ['main'],
  files: (_state, { file }) => [file],
  paper: (_parameters, reader) => ({
    incoming: [requestFile(reader)].map(({ label, optional }) => ({ label, optional })),
  }),
  lint: ({ issuer, file }, script) => [...unusable(script, [issuer]), ...writtenTwice(script, file)],
  look: async (context, wanted) => {
    const { state } = context;
    const file = requestFile(state);
    const path = incomingPath(state, file);
    if (path === null) return [];
    const request = accepted(state, wanted, await readFileOrRefuse(path, file.limit), path);
    return [...requestFacts(state, request), ...(await lookAtIncoming(context, file))];
  },
  asks: ({ state }, _parameters, looked) => asksForIncoming(state, requestFile(state), looked),
  prepare: async (context, wanted) => {
    const { state } = context;
    const file = requestFile(state);
    accepted(state, wanted, await readIncoming(state, file), incomingPath(state, file) ?? '');
    return prepareIssuance(context, wanted.validityDays);
  },
  perform: async (context, wanted, intent) => {
    const { state } = context;
    const { name, issuer, profile, subject, crlUrls, issuerUrls, policies, file } = wanted;
    const chosen = preparedIssuance.parse(intent);
    const incoming = requestFile(state);
    const request = accepted(state, wanted, await readIncoming(state, incoming), incomingPath(state, incoming) ?? '');
    const issued = await issueCertificate({
      profile,
      issuer: { signer: tokenSigner(context, issuer), certificate: certificateDer(context, issuer) },
      subject: subjectIn(state, subject),
      subjectPublicKey: request.publicKey,
      serial: Buffer.from(chosen.serial, 'hex'),
      notBefore: new Date(chosen.notBefore),
      notAfter: new Date(chosen.notAfter),
      crlUrls,
      issuerUrls,
      policies,
    });
    const effect = await issuedEffect(context, name, file, issued, chosen);
    return { ...effect, facts: [...requestFacts(state, request), ...effect.facts] };
  },
  reconcile: filesOnly,
};

/** REQUEST_INVALID, REQUEST_KEY_REFUSED, REQUEST_SUBJECT_DIFFERENT. */
function accepted(
  state: CeremonyState,
  { issuer, subject }: Parameters,
  content: Uint8Array,
  path: string,
): ReadRequest {
  const request = readRequest(content, path);
  const { commonName, organisation, country } = subject;
  refuseOtherSubject(request, {
    commonName,
    ...(organisation === undefined ? {} : { organisation }),
    ...(country === undefined ? {} : { country }),
  });
  if (Buffer.from(request.publicKey).toString('base64') === keyPairOf(state, issuer).publicKey) {
    throw new Refusal('REQUEST_KEY_REFUSED', { path, ...because('request.ownKey') });
  }
  return request;
}

function requestFacts(state: CeremonyState, { subject, key }: ReadRequest): Fact[] {
  return [
    { kind: 'row', label: say(state, 'request.asksFor'), value: subject },
    { kind: 'row', label: say(state, 'request.key'), value: key },
    { kind: 'check', label: say(state, 'request.signature'), verdict: 'go', detail: say(state, 'request.verifies') },
  ];
}
