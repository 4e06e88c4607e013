import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { backupAsks, challengesFor, lookAtBackups, provenFact, triedBackup } from '../backup-proof.ts';
import { unusable } from '../labels.ts';
import { certificateOf, keyOf, masterKeyOf, wrappedKeysOf } from '../records.ts';
import { type CheckedBackups, checkedBackupsResult } from '../results.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    keys: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(8)
      .describe('Labels of the keys whose backups are tried under the master key in the token.'),
  })
  .describe(
    'Tries each backup under the master key in the token: it opens there for a moment, and its key proves itself.',
  );
type Parameters = z.infer<typeof parameters>;
const prepared = z.strictObject({ challenges: z.record(z.string(), z.base64()) });
type Prepared = z.infer<typeof prepared>;

/**
 * That each backup on the media opens under the master key that is in the token: unwrapped as an object of the session, which
 * may do nothing but meet one challenge, and destroyed. No share is needed, and nothing stays on the token.
 */
export const checkBackups: Action<Parameters, Prepared, CheckedBackups> = {
  name: 'check-backups',
  parameters,
  result: checkedBackupsResult,
  needs: ['main'],
  after: [['backup-keys', 'find-shares']],
  once: true,
  lint: ({ keys }, script) => [
    ...(new Set(keys).size < keys.length ? ['a key stands twice'] : []),
    ...unusable(script, keys),
  ],
  look: (context, { keys }) => lookAtBackups(context, keys),
  asks: ({ state }, { keys }) => backupAsks(state, keys),
  prepare: (context, { keys }) => Promise.resolve({ challenges: challengesFor(context, keys) }),
  perform: async (context, { keys }, intent) => {
    const { state, token } = context;
    const { challenges } = prepared.parse(intent);
    const facts: Fact[] = [];
    const backups: CheckedBackups['backups'] = [];
    for (const label of keys) {
      const challenge = challenges[label] ?? '';
      const backup = await triedBackup(context, label, challenge);
      const masterKeyLabel = masterKeyOf(state).label;
      const proof = await token('main').call('proveBackup', { masterKeyLabel, backup });
      facts.push(provenFact(state, label, challenge, proof));
      backups.push({
        label,
        sha256: wrappedKeysOf(state).find((candidate) => candidate.label === label)?.sha256 ?? '',
        challenge,
        signature: 'signature' in proof ? proof.signature : null,
        certificateSha256: keyOf(state, label).purpose === 'vault-kek' ? null : certificateOf(state, label).sha256,
      });
    }
    facts.push({ kind: 'row', label: say(state, 'checkBackups.left'), value: say(state, 'checkBackups.nothing') });
    return { result: { backups }, facts };
  },
  reconcile: nothingToUndo,
};
