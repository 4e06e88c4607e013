import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import type { TokenCallOutput } from '../../hsm/process/protocol.ts';
import type { Action } from '../action.ts';
import {
  type BackupProof,
  backupAsks,
  challengesFor,
  lookAtBackups,
  provenFact,
  triedBackup,
} from '../backup-proof.ts';
import { custodiansHere, holdersOf, manifestOf, masterKeyOf } from '../records.ts';
import { inNumbers, shareAsks } from '../share-asks.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

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
  look: (context, { keys }) => lookAtBackups(context, keys),
  asks: ({ state }, { keys, custodians }) => [
    ...backupAsks(state, keys),
    ...numbersOf(state, custodians).flatMap((number) => shareAsks(state, number, 'rehearsal')),
  ],
  prepare: (context, { keys }) => Promise.resolve({ challenges: challengesFor(context, keys) }),
  perform: async (context, { keys, custodians }, intent) => {
    const { state, token, ticket, shareText } = context;
    const { challenges } = prepared.parse(intent);
    const numbers = numbersOf(state, custodians);
    const backups = [];
    for (const label of keys) backups.push(await triedBackup(context, label, challenges[label] ?? ''));
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
    const facts = keys.map((label) => provenFact(state, label, challenges[label] ?? '', proofOf(rehearsed, label)));
    facts.push({ kind: 'row', label: say(state, 'rehearsal.sharesUsed'), value: numbers.join(', ') });
    facts.push({ kind: 'row', label: say(state, 'rehearsal.left'), value: say(state, 'rehearsal.nothing') });
    const proofs = keys.map((label) => ({
      label,
      challenge: challenges[label] ?? '',
      signature: signatureOf(rehearsed, label),
    }));
    return { result: { proofs, sharesUsed: rehearsed.sharesUsed }, facts };
  },
  reconcile: async ({ state, token }) => {
    // Killed in the middle, the token process may have left its temporary keys; what was rehearsed is rehearsed again.
    const { keys } = await token('rehearsal').call('inventory', {});
    const left = keys.map(({ label }) => label).filter((label) => TEMPORARY.test(label));
    for (const label of left) await token('rehearsal').call('destroy', { label });
    const destroyed = say(state, 'rehearsal.destroyed', { labels: left.join(', ') });
    return { undone: left.length > 0 ? destroyed : say(state, 'rehearsal.nothingLeft') };
  },
};

function numbersOf(state: CeremonyState, custodians: number[] | undefined): number[] {
  if (custodians) return custodians;
  const here = custodiansHere(state);
  return holdersOf(state).flatMap((name, index) => (here.includes(name) ? [index + 1] : []));
}

function proofOf(rehearsed: Rehearsed, label: string): BackupProof | null {
  const signature = signatureOf(rehearsed, label);
  if (signature !== null) return { signature };
  const opened = rehearsed.opened.find((candidate) => candidate.label === label);
  return opened ? { opened: opened.challenge } : null;
}

function signatureOf({ signatures }: Rehearsed, label: string): string | null {
  return signatures.find((candidate) => candidate.label === label)?.signature ?? null;
}
