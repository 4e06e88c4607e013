import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answersResponder } from '../../core/cli/answers.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { REPOSITORY } from '../shipped.ts';
import { afterRoot, answersOf, at, toStep } from './after-root.ts';

/** What is brought after a fire, in a store that knows nothing: what is not what it says is refused, and nothing of it stays. */

const ground = afterRoot();
const answers = answersOf('disaster-recovery');
let core: CoreProcess;
let view: CeremonyView;
let here: ReturnType<typeof at>;

beforeAll(async () => {
  core = CoreProcess.start({ data: join(ground.folder, 'new-data') });
  const script = join(REPOSITORY, 'resources/ceremonies/disaster-recovery.yaml');
  view = valueOf(await core.call('ceremony.begin', { script, out: join(ground.folder, 'recovered') }));
  view = await toStep(core, view, 'medium', answers);
  here = at(core, view);
});
afterAll(() => core.close());

/** A copy of the medium with one thing changed. */
function mediumWith(change: (folder: string) => void): { text: string } {
  const folder = join(ground.folder, 'medium');
  rmSync(folder, { recursive: true, force: true });
  cpSync(ground.made, folder, { recursive: true });
  change(folder);
  return { text: folder };
}
const rewritten = (file: string, from: string, to: string) =>
  mediumWith((folder) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  });
const instead = (file: string, other: string) =>
  mediumWith((folder) => {
    cpSync(join(folder, other), join(folder, file));
  });

test('a medium of which anything was altered is refused when it is named', async () => {
  const cases: [string, { text: string }, object][] = [
    ['no medium', { text: join(ground.folder, 'none') }, { code: 'FILE_MISSING' }],
    ['a manifest of another threshold', rewritten('manifest.json', '"threshold":3', '"threshold":2'), {}],
    ['a register with other holders', rewritten('custody.json', 'Chen Wei', 'Eve Stranger'), {}],
    ['the signature of another file', instead('manifest.json.p7s', 'custody.json.p7s'), {}],
  ];
  for (const [name, medium, refusal] of cases) {
    expect(await here.show('medium', medium), name).toMatchObject({ code: 'MANIFEST_INVALID', ...refusal });
  }
  // The root of somebody else signs nothing here.
  expect(await here.show('medium', instead('root.crt', 'issuing.crt'))).toMatchObject({ code: 'MANIFEST_INVALID' });
  expect(await here.show('medium', instead('issuing.crt', 'recipient.crt'))).toMatchObject({
    code: 'CERTIFICATE_INVALID',
  });
});

test('a word that differs stops it, and what was ticked for one root is not ticked for another', async () => {
  expect(await here.show('medium', { text: ground.made })).toBeNull();
  const words = (await here.view()).current?.asks.find(({ kind }) => kind === 'words');
  if (words?.kind !== 'words') throw new Error('the words are asked for');
  expect(words.words).toHaveLength(8);
  const ticks = words.words.map((): [boolean, boolean] => [true, true]);
  const one = { ticks: ticks.map((pair, index): [boolean, boolean] => (index === 3 ? [true, false] : pair)) };
  expect(await here.show(words.id, one)).toMatchObject({ code: 'WORDS_DIFFER' });
});

test('a backup that opens to nothing leaves no key behind; the right medium goes on to the end', async () => {
  const altered = mediumWith((folder) => {
    const path = join(folder, 'backup/issuing-2026.kwp');
    writeFileSync(
      path,
      readFileSync(path).map((byte, index) => (index === 9 ? byte ^ 1 : byte)),
    );
  });
  await giveAnswers(core, await here.view(), answersResponder({ ...answers, texts: { medium: altered.text } }));
  expect(await here.show('medium', altered)).toBeNull();
  view = await toStep(core, await here.view(), 'recovery', { ...answers, texts: { medium: altered.text } });
  here = at(core, view);
  await giveAnswers(core, view, answersResponder(answers));
  const held = () =>
    readdirSync(join(ground.folder, 'new-data/tokens', view.id, 'training'), { recursive: true }).sort();
  const before = held();
  expect(await here.perform()).toMatchObject({ code: 'BACKUP_UNOPENED', params: { label: 'issuing-2026' } });
  expect(held()).toEqual(before);
  // This medium is no good: the ceremony ends, and another one begins.
  valueOf(
    await core.call('ceremony.abort', { ceremony: view.id, person: 'Jonas Weber', reason: 'the medium is damaged' }),
  );
  const script = join(REPOSITORY, 'resources/ceremonies/disaster-recovery.yaml');
  const begun = valueOf(await core.call('ceremony.begin', { script, out: join(ground.folder, 'recovered-2') }));
  const ended = await toStep(core, begun, null, { ...answers, texts: { medium: ground.made } });
  expect(ended.status).toBe('completed');
});
