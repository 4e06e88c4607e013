import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { tellAttributes } from '../../contract/tell.ts';
import type { KeyRecordMessage } from '../../hsm/process/protocol.ts';
import { type Action, type EffectContext } from '../action.ts';
import { challengesFor, meetsCertificate } from '../backup-proof.ts';
import {
  broughtSetOf,
  certificateOf,
  custodiansOf,
  holdersOf,
  manifestOf,
  masterKeyOf,
  publicKeyOf,
} from '../records.ts';
import { type GeneratedKey, type RecoveredKeys, recoveredKeysResult } from '../results.ts';
import { inNumbers, shareAsks } from '../share-asks.ts';
import { hashOf } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({})
  .describe('Rebuilds the master key in a new token for good, and every lost key from its backup; each proves itself.');
const prepared = z.strictObject({ challenges: z.record(z.string(), z.base64()) });
type Prepared = z.infer<typeof prepared>;

/**
 * Disaster recovery: in a new token the master key is rebuilt from the custodians' shares and stays, each backup comes back as the
 * key that it was, and signs a fresh challenge that verifies under its certificate. The master key is never shown.
 */
export const recoverKeys: Action<Record<string, never>, Prepared, RecoveredKeys> = {
  name: 'recover-keys',
  parameters,
  result: recoveredKeysResult,
  needs: ['main'],
  after: ['bring-share-set', 'open-token'],
  once: true,
  lint: (_parameters, { policy, participants }) =>
    participants.custodian === policy.threshold ? [] : [`a recovery takes ${policy.threshold} custodians`],
  asks: ({ state }) => numbersOf(state).flatMap((number) => shareAsks(state, number, 'main')),
  prepare: async (context) => {
    // Before the intent: a key of one of these labels that is found after an interruption was made by this step.
    const [taken] = await heldOf(context);
    if (taken !== undefined) throw new Refusal('KEY_EXISTS', { label: taken });
    return { challenges: challengesFor(context, labelsOf(context.state)) };
  },
  perform: async (context, _parameters, intent) => {
    const { state, token, ticket, shareText } = context;
    const { challenges } = prepared.parse(intent);
    const { keys: lost, shares } = broughtSetOf(state);
    const restoring = token('main').call('restore', {
      manifest: manifestOf(state),
      shares: numbersOf(state).map((number) => ({
        text: shareText(`share-${number}`),
        passphrase: ticket(`passphrase-${number}`),
      })),
      masterKeyLabel: masterKeyOf(state).label,
      lost: lost.map(({ label, algorithm }) => {
        const backup = shares.backups.find((candidate) => candidate.label === label);
        if (!backup) throw new Error(`no backup of ${label}`);
        const { mechanism, blob } = backup;
        const hash = algorithm === 'AES-256' ? null : hashOf({ algorithm });
        return { label, algorithm, mechanism, blob, challenge: challenges[label] ?? '', hash };
      }),
    });
    const restored = await restoring.catch((error: unknown) => {
      throw inNumbers(error, masterKeyOf(state).xByCustodian);
    });
    const facts: Fact[] = [
      { kind: 'row', label: say(state, 'rehearsal.sharesUsed'), value: numbersOf(state).join(', ') },
      {
        kind: 'check',
        label: say(state, 'fact.masterKey'),
        verdict: 'go',
        detail: say(state, 'recover.rebuilt'),
      },
      {
        kind: 'row',
        label: say(state, 'recover.masterKeyInToken'),
        value: tellAttributes(state, restored.masterKey.attributes),
      },
    ];
    const keys: GeneratedKey[] = [];
    const proofs: RecoveredKeys['proofs'] = [];
    for (const { key, signature } of restored.keys) {
      const challenge = challenges[key.label] ?? '';
      keys.push(recoveredKey(state, key));
      proofs.push({ label: key.label, challenge, signature });
      facts.push(provenFact(state, key, challenge, signature));
      facts.push({
        kind: 'row',
        label: say(state, 'recover.inToken', { label: key.label }),
        value: tellAttributes(state, key.attributes),
      });
    }
    const { sharesUsed, masterKey } = restored;
    return { result: { keys, masterKeyAttributes: { ...masterKey.attributes }, proofs, sharesUsed }, facts };
  },
  reconcile: async (context) => {
    // Nothing depends on them yet, and none has proven itself to this ceremony: they come back in the next try.
    const left = await heldOf(context);
    for (const label of left) await context.token('main').call('destroy', { label });
    const destroyed = say(context.state, 'rehearsal.destroyed', { labels: left.join(', ') });
    return { undone: left.length > 0 ? destroyed : say(context.state, 'recover.none') };
  },
};

function labelsOf(state: CeremonyState): string[] {
  return broughtSetOf(state).keys.map(({ label }) => label);
}

/** What the token holds of the keys that are to come back. */
async function heldOf({ state, token }: EffectContext): Promise<string[]> {
  const { keys } = await token('main').call('inventory', {});
  const wanted = [masterKeyOf(state).label, ...labelsOf(state)];
  return keys.map(({ label }) => label).filter((label) => wanted.includes(label));
}

function recoveredKey(state: CeremonyState, { label, id, algorithm, attributes }: KeyRecordMessage): GeneratedKey {
  if (algorithm === 'AES-256') return { label, id, algorithm, purpose: 'vault-kek', attributes: { ...attributes } };
  const lost = broughtSetOf(state).keys.find((key) => key.label === label);
  if (!lost || lost.algorithm === 'AES-256') throw new Error(`${label} is no key pair`);
  const publicKey = publicKeyOf(certificateOf(state, label));
  return { label, id, algorithm: lost.algorithm, purpose: 'ca', publicKey, attributes: { ...attributes } };
}

/** BACKUP_UNOPENED. */
function provenFact(state: CeremonyState, key: KeyRecordMessage, challenge: string, signature: string | null): Fact {
  const { label } = key;
  if (key.algorithm === 'AES-256') {
    const detail = say(state, 'recover.whole');
    return { kind: 'check', label, verdict: 'go', detail };
  }
  if (!meetsCertificate(certificateOf(state, label), key.algorithm, challenge, signature ?? '')) {
    throw new Refusal('BACKUP_UNOPENED', { label });
  }
  const detail = say(state, 'recover.back');
  return { kind: 'check', label, verdict: 'go', detail };
}

/** The shares of those who are here. */
function numbersOf(state: CeremonyState): number[] {
  const here = custodiansOf(state);
  return holdersOf(state).flatMap((name, index) => (here.includes(name) ? [index + 1] : []));
}
