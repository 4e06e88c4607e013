import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import type { Action } from '../action.ts';
import { custodiansOf } from '../records.ts';
import { shareSheetPath } from '../scan-share.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({})
  .describe('Removes the files of the dummy sheets from both media, when the paper has been shredded.');
const result = z.strictObject({ removed: z.array(z.string()) });

/** The end of a dummy set: its paper is shredded before a witness, and its sheets' files are removed. */
export const destroyExerciseSet: Action<Record<string, never>, null, z.infer<typeof result>> = {
  name: 'destroy-exercise-set',
  parameters,
  result,
  needs: [],
  after: ['make-exercise-set', 'print-sheets'],
  once: true,
  asks: ({ state }) => [
    {
      id: 'shredded',
      kind: 'accept',
      label: say(state, 'exercise.shredded', { count: custodiansOf(state).length }),
      by: 'witness',
      tone: 'plain',
    },
  ],
  prepare: () => Promise.resolve(null),
  perform: ({ state, output }) => {
    const paths = custodiansOf(state).map((_, index) => shareSheetPath(index + 1));
    for (const path of paths) {
      output.remove(path);
      if (output.exists(path)) throw new Refusal('OUTPUT_UNWRITABLE', { path: join(output.folder, path) });
    }
    return Promise.resolve({
      result: { removed: paths },
      facts: [
        { kind: 'row', label: say(state, 'exercise.paper'), value: say(state, 'exercise.shreddedBefore') },
        { kind: 'row', label: say(state, 'exercise.filesRemoved'), value: paths.join(', ') },
      ],
    });
  },
  reconcile: ({ state }) => Promise.resolve({ undone: say(state, 'exercise.again') }),
};
