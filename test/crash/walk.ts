import { join } from 'node:path';
import { answersResponder } from '../../core/cli/answers.ts';
import { type Core, giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { Ground } from './ground.ts';
import { sampleAnswers } from './shipped.ts';

/** A stretch of a ceremony that is begun and killed as one: its beginning, one step, or its abort. */
export type Stretch =
  { script: string; is: 'begin' } | { script: string; is: 'abort' } | { script: string; is: 'step'; step: string };

/** No stretch takes more tries than this, however it is interrupted. */
const TRIES = 6;

/** The ceremony of a script as core now shows it; null if it has not begun. */
export async function viewOf(core: Core, ground: Ground, script: string): Promise<CeremonyView | null> {
  const { ceremonies } = valueOf(await core.call('ceremony.list', {}));
  const found = ceremonies.find(({ out }) => out === ground.out(script));
  return found ? valueOf(await core.call('ceremony.view', { ceremony: found.id })) : null;
}

/** Does a stretch from wherever it stands to its end, as people at the window would. CORE_GONE if core is killed. */
export async function walk(core: Core, ground: Ground, stretch: Stretch): Promise<CeremonyView> {
  const { script } = stretch;
  let view = await viewOf(core, ground, script);
  if (!view) {
    const folders = { out: ground.out(script), copy: `${ground.out(script)}-copy` };
    const { checkpoint: signed } = valueOf(await core.call('app.info', {}));
    const lost = signed === null ? {} : { checkpointLost: 'the paper is not on this table' };
    const begin = { script: ground.script(script), ...folders, token: ground.tokenFile, ...lost };
    view = valueOf(await core.call('ceremony.begin', begin));
  }
  const ceremony = view.id;
  if (stretch.is === 'begin') return view;
  if (stretch.is === 'abort') {
    if (view.status === 'aborted') return view;
    const abort = { ceremony, person: 'Jonas Weber', reason: 'the fire alarm' };
    return valueOf(await core.call('ceremony.abort', abort));
  }
  const { step } = stretch;
  const { texts, ...sample } = sampleAnswers(script);
  const brought = script === 'vault-recovery' ? 'vault-initialisation' : 'root-and-issuing';
  const medium = texts?.['medium'] === undefined ? {} : { medium: ground.out(brought) };
  const responder = answersResponder({ ...sample, texts: { ...texts, ...medium } });
  for (let tries = 0; view.current?.id === step; tries += 1) {
    if (tries === TRIES) throw new Error(`${join(script, step)} does not end`);
    try {
      await giveAnswers(core, view, responder);
      view = valueOf(
        view.status === 'interrupted'
          ? await core.call('ceremony.resume', { ceremony })
          : await core.call('ceremony.perform', { ceremony, step }),
      );
    } catch (error) {
      // A token process that was killed takes what was typed with it: people type it again.
      if (!(error instanceof Refusal) || !['TOKEN_GONE', 'ANSWERS_PENDING'].includes(error.code)) throw error;
      view = valueOf(await core.call('ceremony.view', { ceremony }));
    }
  }
  return view;
}

/** The stretches of a ceremony that has begun. */
export function stretchesOf(script: string, view: CeremonyView): Stretch[] {
  return view.steps.map(({ id }) => ({ script, is: 'step', step: id }));
}
