import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { type Answers, answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { SOFTHSM_MODULE, makeSoftHsm, pkcs11ToolAs } from '../hsm/softhsm.ts';
import { REPOSITORY } from '../shipped.ts';
import { startCore } from './core.ts';

const shipped = (name: string) => join(REPOSITORY, 'resources/ceremonies', name);

test('core killed in the birth of a token: it is begun again, and one token is born', async () => {
  const { remove } = makeSoftHsm([]);
  onTestFinished(remove);
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const token = join(folder, 'token.yaml');
  writeFileSync(token, `module: ${SOFTHSM_MODULE}\ntoken: born\npin: prompt\n`);
  const responder = answersResponder(
    parse(readFileSync(shipped('answers/token-initialisation.yaml'), 'utf8')) as Answers,
  );
  const doStep = async (core: CoreProcess, view: CeremonyView) => {
    await giveAnswers(core, view, responder);
    return valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current?.id ?? '' }));
  };

  let core = startCore(data);
  const begin = { script: shipped('token-initialisation.yaml'), token, out: join(folder, 'out') };
  let view = valueOf(await core.call('ceremony.begin', begin));
  while (view.current?.id !== 'initialise') view = await doStep(core, view);

  await giveAnswers(core, view, responder);
  const { version } = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
  const performed = core.call('ceremony.perform', { ceremony: view.id, step: 'initialise' });
  // One change when the step begins to run, the next when its intent stands in the ledger.
  const running = valueOf(await core.call('app.changes', { after: version })).version;
  if (running < version + 2) await core.call('app.changes', { after: running });
  process.kill(core.pid ?? 0, 'SIGKILL');
  await core.ended;
  await performed;

  core = startCore(data);
  view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
  expect(view.status).toBe('interrupted');
  view = valueOf(await core.call('ceremony.resume', { ceremony: view.id }));
  expect(view.current?.id).toBe('initialise');
  while (view.current) view = await doStep(core, view);
  expect(view.status).toBe('completed');
  const asUser = ['--login', '--pin', 'training-2026'];
  expect(pkcs11ToolAs('born', asUser, '--list-objects').trim()).toBe('');
  const listed = pkcs11ToolAs('born', [], '--list-slots');
  expect(listed.match(/token label +: born/g)).toHaveLength(1);
});
