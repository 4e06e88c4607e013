import { z } from 'zod';
import { wordsOf } from '../../contract/words.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { certificateOf } from '../records.ts';

const parameters = z
  .strictObject({ certificate: z.string().min(1).describe('The key whose certificate is read aloud.') })
  .describe('Has the fingerprint of a certificate read aloud as words, each ticked by two people.');
type Result = { certificate: string; sha256: string };

/** A certificate's fingerprint read aloud as words, each ticked by two people. */
export const readBack: Action<z.infer<typeof parameters>, null, Result> = {
  name: 'read-back',
  parameters,
  result: z.custom<Result>(),
  needs: [],
  asks: ({ state }, { certificate }) => {
    const { sha256 } = certificateOf(state, certificate);
    const bytes = Buffer.from(sha256, 'hex').subarray(0, 16);
    return [
      {
        id: 'words',
        kind: 'words',
        label: 'SHA-256, first 16 bytes',
        words: wordsOf(bytes),
        hex: bytes.toString('hex'),
        roles: ['witness', 'ceremonyAdministrator'],
      },
    ];
  },
  prepare: () => Promise.resolve(null),
  perform: ({ state }, { certificate }) => {
    const { sha256, subject } = certificateOf(state, certificate);
    const bytes = Buffer.from(sha256, 'hex').subarray(0, 16);
    return Promise.resolve({
      result: { certificate, sha256 },
      facts: [
        { kind: 'row', label: 'Certificate', value: subject },
        { kind: 'words', label: 'Read aloud and matched by both', words: wordsOf(bytes), hex: sha256 },
      ],
    });
  },
  reconcile: nothingToUndo,
};
