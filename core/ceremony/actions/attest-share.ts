import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { type Action, type ActionAsk, type EffectContext, type Unasked, filesOnly } from '../action.ts';
import { OF_A_FILE, type ShareAttestation, attestationBytes, worthOfShare } from '../attestation.ts';
import { inBag } from '../custody-register.ts';
import { foldedName } from '../names.ts';
import { holdersOf, manifestOf, masterKeyOf, registersOf } from '../records.ts';
import { type AttestedShare, attestedShareResult } from '../results.ts';
import { inNumbers, shareAsks } from '../share-asks.ts';
import { signDetached } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    share: z.int().min(1).max(15).describe('The number on the sheet. Each share of the set has a step of its own.'),
    signedBy: z.string().min(1).describe('The ledger key, which signs the attestation.'),
  })
  .describe('One custodian proves one share alone, in a process that opens nothing else; or is recorded as absent.');
type Parameters = z.infer<typeof parameters>;
type Prepared = { at: string };

/**
 * One custodian shows one share and proves its passphrase. It is opened in a process of its own, compared with the commitment
 * in the manifest, and that process has ended before this step does: plain shares never meet.
 */
export const attestShare: Action<Parameters, Prepared, AttestedShare> = {
  name: 'attest-share',
  parameters,
  result: attestedShareResult,
  needs: ['main', 'share'],
  after: ['find-shares'],
  lint: ({ share }, { policy, steps }) => [
    ...(share > policy.shareCount ? ['there are not that many shares'] : []),
    ...(steps.filter(({ action, parameters: other }) => action === 'attest-share' && other['share'] === share).length >
    1
      ? [`share ${share} is attested twice`]
      : []),
  ],
  files: (_state, { share }) => [pathOf(share), `${pathOf(share)}.p7s`],
  look: ({ state }, { share }) => Promise.resolve(whereItLies(state, share)),
  asks: ({ state }, { share }) => {
    const absent: Unasked<ActionAsk> = {
      id: `absent-${share}`,
      kind: 'text',
      label: say(state, 'attest.why', { person: holderOf(state, share) }),
      hint: say(state, 'attest.whyHint'),
      suggestion: null,
      optional: true,
    };
    return absenceOf(state, share) === null ? [absent, ...shareAsks(state, share, 'share')] : [absent];
  },
  prepare: ({ state, clock }, { share }) => {
    const person = holderOf(state, share);
    // Who confirms what others do here does not speak for a share as well.
    const hasRole = state.participants.some(
      ({ role, name }) => role !== 'custodian' && foldedName(name) === foldedName(person),
    );
    if (hasRole && absenceOf(state, share) === null) throw new Refusal('DUAL_CONTROL', { person });
    return Promise.resolve({ at: clock().toISOString() });
  },
  perform: async (context, { share, signedBy }, { at }) => {
    const { state, output } = context;
    await openAlone(context, share);
    const record = recordOf(state, share, at);
    const { bytes, sha256 } = attestationBytes(record);
    const signature = await signDetached(context, signedBy, bytes, new Date(at));
    const facts: Fact[] = [
      factOf(state, record),
      await output.write(pathOf(share), bytes),
      await output.write(`${pathOf(share)}.p7s`, signature),
    ];
    return { result: { record, sha256 }, facts };
  },
  reconcile: filesOnly,
};

/** Nothing if the custodian is absent. The process ends whatever happens: the next try has another one. */
async function openAlone({ state, token, ticket, shareText }: EffectContext, share: number): Promise<void> {
  const process = token('share');
  try {
    if (absenceOf(state, share) !== null) return;
    const shown = { text: shareText(`share-${share}`), passphrase: ticket(`passphrase-${share}`) };
    await process.call('attestShare', { manifest: manifestOf(state), share: shown });
  } catch (error) {
    throw inNumbers(error, masterKeyOf(state).xByCustodian);
  } finally {
    await process.close();
  }
}

function recordOf(state: CeremonyState, share: number, at: string): ShareAttestation {
  const { manifest, xByCustodian } = masterKeyOf(state);
  const x = xByCustodian[share - 1] ?? 0;
  const reason = absenceOf(state, share);
  const outcome = reason === null ? { is: 'attested' as const } : { is: 'absent' as const, reason };
  return {
    format: 'claviger-share-attestation-1',
    ceremony: state.id,
    mode: state.mode,
    at,
    masterKeyId: manifest.masterKeyId,
    setId: manifest.setId,
    epoch: manifest.epoch,
    share,
    x,
    custodian: holderOf(state, share),
    commitment: manifest.shares.find((candidate) => candidate.x === x)?.commitment ?? '',
    outcome,
    ...worthOfShare(OF_A_FILE, outcome),
  };
}

function factOf(state: CeremonyState, { share, custodian, outcome }: ShareAttestation): Fact {
  const label = say(state, 'scan.share', { number: share, person: custodian });
  if (outcome.is === 'absent') {
    return {
      kind: 'check',
      label,
      verdict: 'warning',
      detail: say(state, 'attest.absent', { reason: outcome.reason }),
    };
  }
  const detail = say(state, 'attest.alone');
  return { kind: 'check', label, verdict: 'go', detail };
}

/** What the custodian should have brought, for the witness to compare with the bags. */
function whereItLies(state: CeremonyState, share: number): Fact[] {
  const row = registersOf(state)
    .at(-1)
    ?.register.shares.find((candidate) => candidate.share === share);
  const holder: Fact = {
    kind: 'row',
    label: say(state, 'share.number', { number: share }),
    value: holderOf(state, share),
  };
  if (!row) return [holder];
  return [
    holder,
    { kind: 'row', label: say(state, 'attest.sheet'), value: inBag(state, row.sheet) },
    { kind: 'row', label: say(state, 'attest.card'), value: inBag(state, row.card) },
  ];
}

/** Why the custodian is not here; null if the share is shown. */
function absenceOf({ answers }: CeremonyState, share: number): string | null {
  const answer = answers[`absent-${share}`];
  const reason = answer && 'text' in answer ? answer.text.trim() : '';
  return reason === '' ? null : reason;
}

function holderOf(state: CeremonyState, share: number): string {
  return holdersOf(state)[share - 1] ?? say(state, 'share.custodian', { number: share });
}

function pathOf(share: number): string {
  return `attestation/share-${share}.json`;
}
