import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { sampleAnswers, scriptText } from '../crash/shipped.ts';
import type { Place } from './application.ts';

const ROOT = 'root-and-issuing';

/**
 * What was done before the window opens, by core alone: a shipped ceremony waits before one of its steps, after one that made a root if that is not
 * itself. `made`: where the root's sheets are; `out`: where the ceremony's files go.
 */
export async function untilStep(
  { folder, data }: Place,
  name: string,
  step: string,
): Promise<{ made: string; out: string }> {
  const core = CoreProcess.start({ data });
  try {
    const walk = async (ceremony: string, before: string | null, checkpoint: string | null) => {
      const script = join(folder, `${ceremony}.yaml`);
      writeFileSync(script, scriptText(ceremony));
      const begin = { script, out: join(folder, ceremony), ...(checkpoint === null ? {} : { checkpoint }) };
      let view = valueOf(await core.call('ceremony.begin', begin));
      while (view.current && view.current.id !== before) {
        await giveAnswers(core, view, answersResponder(sampleAnswers(ceremony)));
        view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current.id }));
      }
      return view.out;
    };
    const made = join(folder, ROOT);
    if (name === ROOT) return { made, out: await walk(ROOT, step, null) };
    await walk(ROOT, null, null);
    const out = await walk(name, step, readFileSync(join(made, 'checkpoint.txt'), 'utf8'));
    return { made, out };
  } finally {
    await core.close();
  }
}
