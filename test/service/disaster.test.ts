import { X509Certificate } from 'node:crypto';
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

let list: string;

beforeAll(async () => {
  // A list that was published before the fire.
  const serial = new X509Certificate(readFileSync(join(ground.made, 'export.crt'))).serialNumber;
  const { out } = await ground.begin('crl', null, { texts: { revocations: `${serial} superseded` } });
  list = join(out, 'root.crl');
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
  view = await toStep(core, begun, 'numbers', { ...answers, texts: { medium: ground.made } });
  here = at(core, view);
});

test('numbers go on after a list that this CA signed, or after what is typed and confirmed', async () => {
  const invalid = { code: 'NUMBER_INVALID' };
  const said = async () => (await here.view()).current?.facts.map((fact) => ('label' in fact ? fact.label : ''));
  expect(await here.show('bundle-number', { text: 'two' })).toMatchObject(invalid);
  expect(await here.show('bundle-number', { text: '2' })).toBeNull();
  expect(await said()).toEqual(['Next bundle', 'Bundle before it']);
  // Of the issuing CA nothing was said.
  expect(await here.show('list-root-2026', { text: list })).toBeNull();
  expect(await here.perform()).toMatchObject(invalid);
  // A list of another CA, an altered one, and a number that the list itself exceeds.
  expect(await here.show('list-issuing-2026', { text: list })).toMatchObject(invalid);
  const altered = join(ground.folder, 'altered.crl');
  writeFileSync(
    altered,
    readFileSync(list).map((byte, index, { length }) => (index === length - 9 ? byte ^ 1 : byte)),
  );
  expect(await here.show('list-root-2026', { text: altered })).toMatchObject(invalid);
  expect(await here.show('number-root-2026', { text: '0' })).toMatchObject(invalid);
  // There was one more list than is left: what it revoked is asked for again.
  expect(await here.show('number-root-2026', { text: '2' })).toBeNull();
  expect(await here.show('number-issuing-2026', { text: '0' })).toBeNull();
  view = await toStep(core, await here.view(), null, answers);
  expect(view.status).toBe('completed');
  const { facts } = view.records.find(({ step }) => step === 'numbers') ?? { facts: [] };
  expect(facts).toMatchObject([
    { label: 'Next revocation list of root-2026', value: 'number 3, after the number that was typed' },
    { label: 'List 1', verdict: 'go', detail: expect.stringContaining('1 entry goes on') as string },
    { label: 'What a list of root-2026 revoked is not known', verdict: 'warning' },
    { label: 'Next revocation list of issuing-2026', value: expect.stringContaining('number 1') as string },
    // Nobody has bundle 2, which bundle 3 would have to name.
    { label: 'Next bundle', value: 'number 4, after the number that was typed' },
    { label: 'Bundle before it', verdict: 'warning' },
  ]);
});
