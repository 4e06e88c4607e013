import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { wordsOf } from '../../contract/words.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { certificateOf, revocationListsOf } from '../records.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .union([
    z.strictObject({ certificate: z.string().min(1).describe('The key whose certificate is read aloud.') }),
    z.strictObject({ revocationList: z.string().min(1).describe('The key that signed the list that is read aloud.') }),
  ])
  .describe(
    'Has the fingerprint of a certificate or of a revocation list read aloud as words, each ticked by two people.',
  );
type Parameters = z.infer<typeof parameters>;

const result = z.union([
  z.strictObject({ certificate: z.string(), sha256: z.string() }),
  z.strictObject({ revocationList: z.string(), sha256: z.string() }),
]);
type Result = z.infer<typeof result>;

/** The fingerprint of a certificate or a revocation list read aloud as words, each ticked by two people. */
export const readBack: Action<Parameters, null, Result> = {
  name: 'read-back',
  parameters,
  result,
  needs: [],
  asks: ({ state }, wanted) => {
    const bytes = Buffer.from(spoken(state, wanted).sha256, 'hex').subarray(0, 16);
    return [
      {
        id: 'words',
        kind: 'words',
        label: say(state, 'readBack.words'),
        words: wordsOf(bytes),
        hex: bytes.toString('hex'),
        roles: ['witness', 'ceremonyAdministrator'],
      },
    ];
  },
  prepare: () => Promise.resolve(null),
  perform: ({ state }, wanted) => {
    const { what, name, sha256 } = spoken(state, wanted);
    const bytes = Buffer.from(sha256, 'hex').subarray(0, 16);
    return Promise.resolve({
      result: { ...wanted, sha256 },
      facts: [
        { kind: 'row', label: what, value: name },
        { kind: 'words', label: say(state, 'readBack.matched'), words: wordsOf(bytes), hex: sha256 },
      ],
    });
  },
  reconcile: nothingToUndo,
};

function spoken(state: CeremonyState, wanted: Parameters): { what: string; name: string; sha256: string } {
  if ('certificate' in wanted) {
    const { subject, sha256 } = certificateOf(state, wanted.certificate);
    return { what: say(state, 'readBack.certificate'), name: subject, sha256 };
  }
  const list = revocationListsOf(state).find((candidate) => candidate.label === wanted.revocationList);
  if (!list) throw new Refusal('KEY_MISSING', { label: `${wanted.revocationList} (its revocation list)` });
  const { number, label } = list;
  const name = say(state, 'readBack.listNumber', { number, label });
  return { what: say(state, 'readBack.list'), name, sha256: list.sha256 };
}
