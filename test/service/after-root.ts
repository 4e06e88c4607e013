import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parse } from 'yaml';
import { type Answers, answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { Answer } from '../../core/contract/commands.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { cheapScript } from '../cli/claviger.ts';
import { REPOSITORY } from '../shipped.ts';
import { give } from './core.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');

export function answersOf(name: string): Answers {
  return parse(readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8')) as Answers;
}

/**
 * One store in which the shipped root was made on the training token, for ceremonies that come after it. The first try at its
 * master key failed, so that its share set is of epoch 1.
 */
export function afterRoot() {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-after-root-'));
  const made = join(folder, 'made');
  let core: CoreProcess;
  let count = 0;

  beforeAll(async () => {
    core = CoreProcess.start({ data: join(folder, 'data') });
    let view = valueOf(await core.call('ceremony.begin', { script: cheapScript(folder), out: made }));
    const answers = answersOf('root-and-issuing');
    view = await toStep(core, view, 'master-key', answers);
    const repeated = answers.passphrases?.map(() => 'one passphrase for all') ?? [];
    await giveAnswers(core, view, answersResponder({ ...answers, passphrases: repeated }));
    const failed = await core.call('ceremony.perform', { ceremony: view.id, step: 'master-key' });
    if (failed.ok || failed.error.code !== 'PASSPHRASE_REPEATED') throw new Error('the first try was to fail');
    view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
    view = await toStep(core, view, null, answers);
    if (view.status !== 'completed') throw new Error(view.status);
  });
  afterAll(async () => {
    await core.close();
    rmSync(folder, { recursive: true });
  });

  return {
    folder,
    /** Where the root's ceremony left its files. */
    made,
    get core() {
      return core;
    },
    /** Ends the core process and starts it again. */
    async restart(): Promise<CoreProcess> {
      await core.close();
      core = CoreProcess.start({ data: join(folder, 'data') });
      return core;
    },
    /** Begins a shipped ceremony and does every step up to one; with null, to its end. What was under way is aborted. */
    async begin(name: string, step: string | null, given: Partial<Answers> = {}): Promise<CeremonyView> {
      const { ceremonies } = valueOf(await core.call('ceremony.list', {}));
      for (const { id, status } of ceremonies) {
        if (status === 'completed' || status === 'aborted') continue;
        valueOf(await core.call('ceremony.abort', { ceremony: id, person: 'Jonas Weber', reason: 'the next test' }));
      }
      const text = readFileSync(join(CEREMONIES, `${name}.yaml`), 'utf8');
      const script = join(folder, `${name}-${++count}.yaml`);
      writeFileSync(script, text.replace(/scryptLog2N: 17/, 'scryptLog2N: 10'));
      const out = join(folder, `out-${count}`);
      const lost = { checkpointLost: 'not what is tested here' };
      const view = valueOf(await core.call('ceremony.begin', { script, out, ...lost }));
      return toStep(core, view, step, { ...answersOf(name), ...given });
    },
  };
}

/** Answers and does every step up to one; with null, to the end. */
export async function toStep(
  core: CoreProcess,
  begun: CeremonyView,
  step: string | null,
  answers: Answers,
): Promise<CeremonyView> {
  let view = begun;
  while (view.current && view.current.id !== step) {
    await giveAnswers(core, view, answersResponder(answers));
    view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current.id }));
  }
  return view;
}

/** The same commands as a face gives them, each answering its refusal or null. */
export function at(core: CoreProcess, view: CeremonyView) {
  const place = { ceremony: view.id, step: view.current?.id ?? '' };
  const refusal = (outcome: { ok: boolean; error?: ErrorValue }) => outcome.error ?? null;
  return {
    show: async (ask: string, answer: Answer) => refusal(await core.call('ceremony.answer', { ...place, ask, answer })),
    type: (ask: string, secret: string) => give(core, view, ask, secret),
    perform: async () => {
      const { current } = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
      const shown = current?.shown ?? '';
      for (const { role } of current?.confirming ?? []) await core.call('ceremony.confirm', { ...place, role, shown });
      return refusal(await core.call('ceremony.perform', place));
    },
    view: async () => valueOf(await core.call('ceremony.view', { ceremony: view.id })),
  };
}
