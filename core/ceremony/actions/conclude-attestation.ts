import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { wordsOf } from '../../contract/words.ts';
import { type Action, filesOnly } from '../action.ts';
import { OF_A_FILE, type SetAttestation, attestationBytes, worthOfSet } from '../attestation.ts';
import { attestedSharesOf, checkedBackupsOf, foundSharesOf, masterKeyOf } from '../records.ts';
import { type ConcludedAttestation, concludedAttestationResult } from '../results.ts';
import { signDetached } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({ signedBy: z.string().min(1).describe('The ledger key, which signs the attestation.') })
  .describe('Says what the attested shares and the checked backups prove together, and what they do not.');
type Prepared = { at: string };

const FILE = 'attestation.json';

/** The year's attestation of a share set, signed: who was there, what that proves, and what it does not. */
export const concludeAttestation: Action<z.infer<typeof parameters>, Prepared, ConcludedAttestation> = {
  name: 'conclude-attestation',
  parameters,
  result: concludedAttestationResult,
  needs: ['main'],
  after: ['attest-share', 'check-backups'],
  once: true,
  lint: (_parameters, { policy, steps }) => {
    const asked = steps.filter(({ action }) => action === 'attest-share').map(({ parameters: { share } }) => share);
    const numbers = Array.from({ length: policy.shareCount }, (_, index) => index + 1);
    return numbers
      .filter((number) => !asked.includes(number))
      .map((number) => `no step asks for share ${number}: who is absent is recorded in it`);
  },
  files: () => [FILE, `${FILE}.p7s`],
  // Who confirms sees what is going to be written.
  look: ({ state }) => Promise.resolve(factsOf(state, recordOf(state, state.latestAt))),
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async (context, { signedBy }, { at }) => {
    const { state, output } = context;
    const record = recordOf(state, at);
    const { bytes, sha256 } = attestationBytes(record);
    const signature = await signDetached(context, signedBy, bytes, new Date(at));
    const words = wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8));
    const facts: Fact[] = [
      ...factsOf(state, record),
      { kind: 'words', label: FILE, words, hex: sha256 },
      await output.write(FILE, bytes),
      await output.write(`${FILE}.p7s`, signature),
    ];
    return { result: { record, sha256 }, facts };
  },
  reconcile: filesOnly,
};

function recordOf(state: CeremonyState, at: string): SetAttestation {
  const { manifest, subsetsChecked } = masterKeyOf(state);
  const { masterKeyId, setId, epoch, threshold, shareCount } = manifest;
  const shares = attestedSharesOf(state)
    .map(({ record: { share, x, custodian, outcome }, sha256 }) => {
      return { share, x, custodian, attested: outcome.is === 'attested', sha256 };
    })
    .toSorted((one, other) => one.share - other.share);
  const counted = { threshold, shareCount, subsetsChecked, shares, backups: checkedBackupsOf(state) };
  return {
    format: 'claviger-attestation-1',
    ceremony: state.id,
    mode: state.mode,
    at,
    masterKeyId,
    setId,
    epoch,
    madeIn: foundSharesOf(state)?.ceremony ?? state.id,
    ...counted,
    ...worthOfSet(OF_A_FILE, counted),
  };
}

function factsOf(state: CeremonyState, record: SetAttestation): Fact[] {
  const { shares } = record;
  const { conclusion, proves, doesNotProve } = worthOfSet(state, record);
  const verdict = { all: 'go', threshold: 'warning', below: 'no-go' } as const;
  const attested = shares.filter((share) => share.attested).map(({ share }) => share);
  const said = say(state, 'attest.shares', { shares: attested.join(', '), count: shares.length });
  const detail = attested.length === 0 ? say(state, 'fact.none') : said;
  return [
    { kind: 'check', label: say(state, 'attest.attested'), verdict: verdict[conclusion], detail },
    ...proves.map((value): Fact => ({ kind: 'row', label: say(state, 'attest.proven'), value })),
    ...doesNotProve.map((value): Fact => ({ kind: 'row', label: say(state, 'attest.notProven'), value })),
  ];
}
