import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { TokenCallInput, TokenCallOutput } from '../../hsm/process/protocol.ts';
import type { Action, ActionAsk, EffectContext, Unasked } from '../action.ts';
import { readKnownBackup } from '../backup-file.ts';
import { inNumbers } from '../given-shares.ts';
import {
  backupsFoundBy,
  certificateOf,
  custodiansHere,
  holdersOf,
  keyOf,
  manifestOf,
  masterKeyOf,
  wrappedKeysOf,
} from '../records.ts';
import type { KeyPair, WrappedKey } from '../results.ts';
import { hashOf } from '../signing.ts';
import type { CeremonyState } from '../state.ts';

const parameters = z
  .strictObject({
    keys: z.array(z.string().min(1)).min(1).max(8).describe('Labels of the keys whose backups are recovered.'),
    custodians: z
      .array(z.int().min(1).max(15))
      .min(2)
      .optional()
      .describe(
        'Numbers of the custodians who bring their sheets, as many as the threshold; left out: all who took that role.',
      ),
  })
  .describe(
    'Recovers keys on a second token from shares and backups, proves each by a signature, and destroys the copies.',
  );
type Parameters = z.infer<typeof parameters>;
/** The labels that core/hsm/process/rehearse.ts gives to its keys. */
const TEMPORARY = /^rehearsal-(master|key)-[0-9a-f]{12}$/;

const prepared = z.strictObject({ challenges: z.record(z.string(), z.base64()) });
type Prepared = z.infer<typeof prepared>;

const result = z.strictObject({
  /** `signature`: of the challenge, by a recovered key pair. A recovered KEK opened the challenge instead. */
  proofs: z.array(z.strictObject({ label: z.string(), challenge: z.base64(), signature: z.base64().nullable() })),
  sharesUsed: z.array(z.int()),
});
type Result = z.infer<typeof result>;

type Rehearsed = TokenCallOutput['rehearse'];

/**
 * Recovery, proven: on a second token the master key is rebuilt from printed shares, each backup unwrapped, a fresh
 * challenge signed and verified against the issued certificate (by a KEK: opened), and both destroyed. The secret is
 * never shown.
 */
export const rehearseRecovery: Action<Parameters, Prepared, Result> = {
  name: 'rehearse-recovery',
  parameters,
  result,
  // A KEK's challenge is encrypted by the original.
  needs: ['main', 'rehearsal'],
  after: [
    ['backup-keys', 'find-shares'],
    ['print-sheets', 'find-shares'],
  ],
  lint: ({ custodians }, { policy, participants }) => {
    const complaints: string[] = [];
    if ((custodians?.length ?? participants.custodian) !== policy.threshold) {
      complaints.push(`a rehearsal takes ${policy.threshold} custodians`);
    }
    if (new Set(custodians).size < (custodians?.length ?? 0)) complaints.push('a custodian stands twice');
    if (custodians?.some((number) => number > policy.shareCount)) complaints.push('there are not that many custodians');
    return complaints;
  },
  look: async ({ state }, { keys }) => {
    const facts: Fact[] = [];
    for (const backup of broughtBackups(state, keys)) {
      const answer = state.answers[askOf(backup)];
      if (!answer || !('text' in answer)) continue;
      await readKnownBackup(answer.text, backup);
      facts.push({
        kind: 'check',
        label: backup.label,
        verdict: 'go',
        detail: `${answer.text} is the backup in the ledger`,
      });
    }
    return facts;
  },
  asks: ({ state }, { keys, custodians }) => {
    const names = holdersOf(state);
    const sheets = names.map((person, index) => ({ number: index + 1, person }));
    const files = broughtBackups(state, keys).map((backup): Unasked<ActionAsk> => {
      return {
        id: askOf(backup),
        kind: 'text',
        label: `Backup of ${backup.label}`,
        hint: 'Path of the wrapped key, on either medium. It is compared with the SHA-256 in the ledger.',
        suggestion: join(backup.folder, backup.file),
        optional: false,
      };
    });
    const shares = numbersOf(state, custodians).flatMap((number): Unasked<ActionAsk>[] => {
      const person = names[number - 1] ?? `Custodian ${number}`;
      return [
        { id: `share-${number}`, kind: 'share', label: `Share of custodian ${number}`, person, sheets },
        {
          id: `passphrase-${number}`,
          kind: 'secret',
          label: `Passphrase of custodian ${number}`,
          manner: 'enter',
          minimumLength: 1,
          person,
          goesTo: 'rehearsal',
        },
      ];
    });
    return [...files, ...shares];
  },
  prepare: ({ random }, { keys }) =>
    Promise.resolve({
      challenges: Object.fromEntries(keys.map((label) => [label, Buffer.from(random(32)).toString('base64')])),
    }),
  perform: async (context, { keys, custodians }, intent) => {
    const { state, token, ticket, shareText } = context;
    const { challenges } = prepared.parse(intent);
    const numbers = numbersOf(state, custodians);
    const backups = [];
    for (const label of keys) backups.push(await tried(context, label, challenges[label] ?? ''));
    const rehearse = token('rehearsal').call('rehearse', {
      manifest: manifestOf(state),
      shares: numbers.map((number) => ({
        text: shareText(`share-${number}`),
        passphrase: ticket(`passphrase-${number}`),
      })),
      backups,
    });
    const rehearsed = await rehearse.catch((error: unknown) => {
      throw inNumbers(error, masterKeyOf(state).xByCustodian);
    });
    if (rehearsed.leftBehind.length > 0)
      throw new Refusal('REHEARSAL_LEFT', { labels: rehearsed.leftBehind.join(', ') });
    const facts = keys.map((label) => provenFact(state, label, challenges[label] ?? '', rehearsed));
    facts.push({ kind: 'row', label: 'Shares used', value: numbers.join(', ') });
    facts.push({ kind: 'row', label: 'Left on the rehearsal token', value: 'nothing' });
    const proofs = keys.map((label) => ({
      label,
      challenge: challenges[label] ?? '',
      signature: signatureOf(rehearsed, label),
    }));
    return { result: { proofs, sharesUsed: rehearsed.sharesUsed }, facts };
  },
  reconcile: async ({ token }) => {
    // Killed in the middle, the token process may have left its temporary keys; what was rehearsed is rehearsed again.
    const { keys } = await token('rehearsal').call('inventory', {});
    const left = keys.map(({ label }) => label).filter((label) => TEMPORARY.test(label));
    for (const label of left) await token('rehearsal').call('destroy', { label });
    return { undone: left.length > 0 ? `destroyed ${left.join(', ')}` : 'nothing was left on the rehearsal token' };
  },
};

/** Backups that an earlier ceremony made are brought as files; this one's own are at hand. */
function broughtBackups(state: CeremonyState, labels: string[]) {
  return backupsFoundBy(state).filter(({ label }) => labels.includes(label));
}

function askOf({ label }: WrappedKey): string {
  return `backup-${label}`;
}

function numbersOf(state: CeremonyState, custodians: number[] | undefined): number[] {
  if (custodians) return custodians;
  const here = custodiansHere(state);
  return holdersOf(state).flatMap((name, index) => (here.includes(name) ? [index + 1] : []));
}

/** A backup with what it has to do. KEY_MISSING, BACKUP_CHANGED. */
async function tried(
  { state, token }: EffectContext,
  label: string,
  challenge: string,
): Promise<TokenCallInput<'rehearse'>['backups'][number]> {
  const backup = wrappedKeysOf(state).find((candidate) => candidate.label === label);
  if (!backup) throw new Refusal('KEY_MISSING', { label: `${label} (its backup)` });
  const answer = state.answers[askOf(backup)];
  const brought = answer && 'text' in answer ? await readKnownBackup(answer.text, backup) : null;
  const blob = brought ? Buffer.from(brought).toString('base64') : backup.blob;
  const { mechanism } = backup;
  const key = keyOf(state, label);
  if (key.purpose !== 'vault-kek') {
    return { label, id: key.id, mechanism, algorithm: key.algorithm, blob, challenge, hash: hashOf(key) };
  }
  const sealed = await token('main').call('encryptChallenge', { label, challenge });
  return { label, id: key.id, mechanism, algorithm: key.algorithm, blob, ...sealed };
}

/** BACKUP_UNOPENED if the challenge was not met. */
function provenFact(state: CeremonyState, label: string, challenge: string, rehearsed: Rehearsed): Fact {
  const key = keyOf(state, label);
  if (key.purpose === 'vault-kek') {
    const opened = rehearsed.opened.find((candidate) => candidate.label === label);
    if (opened?.challenge !== challenge) throw new Refusal('BACKUP_UNOPENED', { label });
    const detail = 'the recovered key opened a fresh challenge that the original had encrypted';
    return { kind: 'check', label, verdict: 'go', detail };
  }
  const signature = signatureOf(rehearsed, label);
  if (signature === null || !verifies(key, challenge, signature)) throw new Refusal('BACKUP_UNOPENED', { label });
  const detail = 'the recovered key signed a fresh challenge that verifies under the certificate';
  return { kind: 'check', label: certificateOf(state, label).subject, verdict: 'go', detail };
}

function signatureOf({ signatures }: Rehearsed, label: string): string | null {
  return signatures.find((candidate) => candidate.label === label)?.signature ?? null;
}

function verifies(key: KeyPair, challenge: string, signature: string): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key.publicKey, 'base64'), format: 'der', type: 'spki' });
  const hash = hashOf(key).replace('-', '');
  return verify(hash, Buffer.from(challenge, 'base64'), publicKey, Buffer.from(signature, 'base64'));
}
