import { createHash } from 'node:crypto';
import { z } from 'zod';
import { wordsOf } from '../../contract/words.ts';
import type { Fact } from '../../contract/ceremony.ts';
import { printBackupSheet } from '../../print/backup-sheet.ts';
import { type Action, filesOnly } from '../action.ts';
import { certificateOf, keyOf, manifestOf, masterKeyOf } from '../records.ts';
import { backupResult } from '../results.ts';
import { backupSheetPath, scanPartsBack, scansBack } from '../scan-share.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    keys: z.array(z.string().min(1)).min(1).max(8).describe('Labels of the CA keys that are backed up.'),
    paper: z.enum(['A4', 'Letter']).default('A4').describe('The paper that is in the printer.'),
  })
  .describe('Wraps each CA key under the master key, as a file and on paper.');
type Parameters = z.infer<typeof parameters>;
type Prepared = { at: string };

const blobPath = (label: string) => `backup/${label}.kwp`;

/** Wraps each CA key or vault KEK under the master key, as a file and on paper: shares without it recover nothing. */
export const backupKeys: Action<Parameters, Prepared, z.infer<typeof backupResult>> = {
  name: 'backup-keys',
  parameters,
  result: backupResult,
  needs: ['main'],
  after: [['make-master-key', 'find-shares']],
  once: true,
  files: (_state, { keys }) => keys.flatMap((label) => [blobPath(label), backupSheetPath(label)]),
  paper: ({ keys }, reader) => ({
    sealed: keys.map((label) => ({ what: say(reader, 'backup.of', { label }), holder: null })),
  }),
  mechanisms: () => [{ kind: 'wrap', mechanism: 'RFC5649' }],
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async ({ state, token, output }, { keys, paper }, { at }) => {
    const facts: Fact[] = [];
    const backups: z.infer<typeof backupResult>['backups'] = [];
    for (const label of keys) {
      const wrapped = await token('main').call('wrap', { masterKeyLabel: masterKeyOf(state).label, label });
      const blob = Buffer.from(wrapped.blob, 'base64');
      const sha256 = createHash('sha256').update(blob).digest('hex');
      const key = keyOf(state, label);
      const certified = key.purpose === 'vault-kek' ? '' : certificateOf(state, label).sha256;
      const sheet = await printBackupSheet({
        language: state.language,
        organisation: state.script.organisation,
        ceremony: state.script.title,
        ceremonyId: state.id,
        label,
        algorithm: key.algorithm,
        mechanism: wrapped.mechanism,
        masterKeyId: manifestOf(state).masterKeyId,
        setId: manifestOf(state).setId,
        blob,
        blobSha256: sha256,
        certificateWords: wordsOf(Buffer.from(certified, 'hex').subarray(0, 8)),
        madeAt: new Date(at),
        training: state.mode === 'training',
        paper,
      });
      const { mechanism } = wrapped;
      facts.push({ kind: 'row', label, value: say(state, 'backup.wrapped', { mechanism, bytes: blob.length }) });
      facts.push(await output.write(blobPath(label), blob), await output.write(backupSheetPath(label), sheet));
      await scanPartsBack(output, backupSheetPath(label), 'CLVB1', blob);
      facts.push(scansBack(state, label));
      backups.push({ label, file: blobPath(label), mechanism: wrapped.mechanism, blob: wrapped.blob, sha256 });
    }
    return { result: { backups }, facts };
  },
  reconcile: filesOnly,
};
