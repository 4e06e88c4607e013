import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type Answers, answersResponder } from '../../core/cli/answers.ts';
import type { Responder } from '../../core/cli/responder.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { cheapScript, temporaryFolder } from '../cli/claviger.ts';
import { ANSWERS } from '../shipped.ts';

export const sampleAnswers = parse(readFileSync(ANSWERS, 'utf8')) as Answers;
export const sampleResponder: Responder = answersResponder(sampleAnswers);

/** A core process that is ended with the test. */
export function startCore(data: string): CoreProcess {
  const core = CoreProcess.start({ data });
  onTestFinished(() => core.close());
  return core;
}

export type Begun = { core: CoreProcess; data: string; out: string; view: CeremonyView };

/** A fresh store with the shipped ceremony begun in it, passphrases at a low cost. */
export async function beginCheaply(
  options: { token?: string; copy?: string; change?: (script: string) => string } = {},
): Promise<Begun> {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const out = join(folder, 'out');
  const core = startCore(data);
  const { token, copy } = options;
  const given = { ...(token === undefined ? {} : { token }), ...(copy === undefined ? {} : { copy }) };
  const script = cheapScript(folder, options.change);
  const view = valueOf(await core.call('ceremony.begin', { script, out, ...given }));
  return { core, data, out, view };
}

/** Does every step up to, and not including, the named one. */
export async function walkTo(core: CoreProcess, begun: CeremonyView, step: string): Promise<CeremonyView> {
  let view = begun;
  while (view.current && view.current.id !== step) view = await doStep(core, view);
  return view;
}

export async function doStep(core: CoreProcess, view: CeremonyView): Promise<CeremonyView> {
  await giveAnswers(core, view, sampleResponder);
  return valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current?.id ?? '' }));
}

/** Gives a PIN or passphrase; answers the refusal, if there is one. */
export async function give(
  core: CoreProcess,
  view: CeremonyView,
  ask: string,
  secret: string,
): Promise<ErrorValue | null> {
  const ticket = await core.sendSecret(new TextEncoder().encode(secret));
  const outcome = await core.call('ceremony.provide', { ceremony: view.id, step: view.current?.id ?? '', ask, ticket });
  return outcome.ok ? null : outcome.error;
}
