import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { Action, ActionAsk, Unasked } from '../action.ts';
import { certificateOf, custodiansOf, keyOf, manifestOf, masterKeyOf, resultsOf } from '../records.ts';
import { backupResult } from '../results.ts';

const parameters = z
  .strictObject({
    keys: z.array(z.string().min(1)).min(1).max(8).describe('Labels of the keys whose backups are recovered.'),
    custodians: z
      .array(z.int().min(1).max(15))
      .min(2)
      .describe('Numbers of the custodians who bring their sheets: as many as the threshold.'),
  })
  .describe(
    'Recovers keys on a second token from shares and backups, proves each by a signature, and destroys the copies.',
  );
type Parameters = z.infer<typeof parameters>;
/** The labels that core/hsm/process/rehearse.ts gives to its keys. */
const TEMPORARY = /^rehearsal-(master|key)-[0-9a-f]{12}$/;

type Prepared = { challenges: Record<string, string> };
type Result = { proofs: { label: string; challenge: string; signature: string }[]; sharesUsed: number[] };

/**
 * Recovery, proven: on a second token the master key is rebuilt from printed shares, each backup unwrapped, a fresh
 * challenge signed and verified against the issued certificate, and both destroyed. The secret is never shown.
 */
export const rehearseRecovery: Action<Parameters, Prepared, Result> = {
  name: 'rehearse-recovery',
  parameters,
  result: z.custom<Result>(),
  needs: ['rehearsal'],
  after: ['backup-keys', 'print-sheets'],
  lint: ({ custodians }, { policy }) => {
    const complaints: string[] = [];
    if (custodians.length !== policy.threshold) complaints.push(`a rehearsal takes ${policy.threshold} custodians`);
    if (new Set(custodians).size < custodians.length) complaints.push('a custodian stands twice');
    if (custodians.some((number) => number > policy.shareCount)) complaints.push('there are not that many custodians');
    return complaints;
  },
  asks: ({ state }, { custodians }) => {
    const names = custodiansOf(state);
    const sheets = names.map((person, index) => ({ number: index + 1, person }));
    return custodians.flatMap((number): Unasked<ActionAsk>[] => {
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
  },
  prepare: ({ random }, { keys }) =>
    Promise.resolve({
      challenges: Object.fromEntries(keys.map((label) => [label, Buffer.from(random(32)).toString('base64')])),
    }),
  perform: async ({ state, token, ticket, shareText }, { keys, custodians }, { challenges }) => {
    const backups = resultsOf(state, 'backup-keys').flatMap((result) => backupResult.parse(result).backups);
    const asked = keys.map((label) => {
      const backup = backups.find((candidate) => candidate.label === label);
      if (!backup) throw new Refusal('KEY_MISSING', { label: `${label} (its backup)` });
      const { algorithm } = keyOf(state, label);
      const hash = algorithm === 'EC-P384' ? ('SHA-384' as const) : ('SHA-256' as const);
      return { label, algorithm, blob: backup.blob, challenge: challenges[label] ?? '', hash };
    });
    const rehearse = token('rehearsal').call('rehearse', {
      manifest: manifestOf(state),
      shares: custodians.map((number) => ({
        text: shareText(`share-${number}`),
        passphrase: ticket(`passphrase-${number}`),
      })),
      backups: asked,
    });
    const rehearsed = await rehearse.catch((error: unknown) => {
      throw inNumbers(error, masterKeyOf(state).xByCustodian);
    });
    if (rehearsed.leftBehind.length > 0)
      throw new Refusal('REHEARSAL_LEFT', { labels: rehearsed.leftBehind.join(', ') });
    for (const { label, challenge, hash } of asked) {
      const proof = rehearsed.signatures.find((candidate) => candidate.label === label);
      const publicKey = createPublicKey({
        key: Buffer.from(keyOf(state, label).publicKey, 'base64'),
        format: 'der',
        type: 'spki',
      });
      const proven =
        proof !== undefined &&
        verify(
          hash.replace('-', ''),
          Buffer.from(challenge, 'base64'),
          publicKey,
          Buffer.from(proof.signature, 'base64'),
        );
      if (!proven) throw new Refusal('BACKUP_UNOPENED', { label });
    }
    const facts: Fact[] = asked.map(({ label }) => ({
      kind: 'check',
      label: certificateOf(state, label).subject,
      verdict: 'go',
      detail: 'the recovered key signed a fresh challenge that verifies under the certificate',
    }));
    facts.push({ kind: 'row', label: 'Shares used', value: custodians.join(', ') });
    facts.push({
      kind: 'row',
      label: 'Left on the rehearsal token',
      value: 'nothing',
    });
    return {
      result: {
        proofs: rehearsed.signatures.map(({ label, signature }) => ({
          label,
          challenge: challenges[label] ?? '',
          signature,
        })),
        sharesUsed: rehearsed.sharesUsed,
      },
      facts,
    };
  },
  reconcile: async ({ token }) => {
    // Killed in the middle, the token process may have left its temporary keys; what was rehearsed is rehearsed again.
    const { keys } = await token('rehearsal').call('inventory', {});
    const left = keys.map(({ label }) => label).filter((label) => TEMPORARY.test(label));
    for (const label of left) await token('rehearsal').call('destroy', { label });
    return { undone: left.length > 0 ? `destroyed ${left.join(', ')}` : 'nothing was left on the rehearsal token' };
  },
};

/** A refusal that names a share by its point x, named by the number on its sheet: the room knows no other. */
function inNumbers(error: unknown, xByCustodian: number[]): unknown {
  if (!(error instanceof Refusal) || typeof error.params['x'] !== 'number') return error;
  return new Refusal(error.code, { ...error.params, x: xByCustodian.indexOf(error.params['x']) + 1 });
}
