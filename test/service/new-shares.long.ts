import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Answers, answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { Answer } from '../../core/contract/commands.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { REPOSITORY } from '../shipped.ts';
import { beginCheaply, give, sampleAnswers, walkTo } from './core.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');
type Change = (text: string) => string;

/** One store after the root was made, and ceremonies in it that change its custodians. */
class Place {
  readonly core: CoreProcess;
  readonly folder: string;
  /** The newest checkpoint's file. */
  checkpoint: string;
  view: CeremonyView;
  answers: Answers = sampleAnswers;
  #begun = 0;

  constructor(core: CoreProcess, made: string, view: CeremonyView) {
    this.core = core;
    this.folder = join(made, '..');
    this.checkpoint = join(made, 'checkpoint.txt');
    this.view = view;
  }

  /** Begins a shipped ceremony, and walks to one of its steps. */
  async begin(name: string, until: string, change: { script?: Change; answers?: Change } = {}): Promise<void> {
    const same: Change = (text) => text;
    this.#begun += 1;
    const number = `${this.#begun}`;
    const script = join(this.folder, `${number}.yaml`);
    const text = readFileSync(join(CEREMONIES, `${name}.yaml`), 'utf8');
    writeFileSync(
      script,
      (change.script ?? same)(text.replace(/\{ (share: 2|label: master-key-2027) \}/, '{ $1, scryptLog2N: 10 }')),
    );
    const answers = readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8');
    this.answers = parse((change.answers ?? same)(answers)) as Answers;
    const checkpoint = readFileSync(this.checkpoint, 'utf8');
    const out = join(this.folder, `${name}-${number}`);
    this.view = valueOf(await this.core.call('ceremony.begin', { script, out, checkpoint }));
    while (this.view.current && this.view.current.id !== until) await this.step();
    expect(this.view.current?.id ?? 'the end').toBe(until);
  }

  get out(): string {
    return this.view.out;
  }

  get #place() {
    return { ceremony: this.view.id, step: this.view.current?.id ?? '' };
  }

  async giveAll(): Promise<void> {
    await giveAnswers(this.core, this.view, answersResponder(this.answers));
  }

  /** Does the current step with its sample answers. */
  async step(): Promise<void> {
    await this.giveAll();
    const done = await this.core.call('ceremony.perform', this.#place);
    this.view = valueOf(done);
  }

  async finish(): Promise<void> {
    while (this.view.current) await this.step();
    this.checkpoint = join(this.out, 'checkpoint.txt');
  }

  async abort(): Promise<void> {
    const said = { ceremony: this.view.id, person: 'Jonas Weber', reason: 'refused' };
    valueOf(await this.core.call('ceremony.abort', said));
  }

  async look(): Promise<CeremonyView> {
    this.view = valueOf(await this.core.call('ceremony.view', { ceremony: this.view.id }));
    return this.view;
  }

  async answer(ask: string, answer: Answer): Promise<ErrorValue | null> {
    const outcome = await this.core.call('ceremony.answer', { ...this.#place, ask, answer });
    return outcome.ok ? null : outcome.error;
  }

  async confirm(role: 'witness' | 'ceremonyAdministrator' | 'auditor', shown: string): Promise<ErrorValue | null> {
    const outcome = await this.core.call('ceremony.confirm', { ...this.#place, role, shown });
    return outcome.ok ? null : outcome.error;
  }

  async perform(): Promise<ErrorValue | null> {
    const outcome = await this.core.call('ceremony.perform', this.#place);
    return outcome.ok ? null : outcome.error;
  }
}

async function placeWithRoot(): Promise<Place> {
  const { core, out, view } = await beginCheaply();
  const place = new Place(core, out, await walkTo(core, view, 'close'));
  await place.finish();
  return place;
}

async function sheetText(out: string, number: number): Promise<string> {
  const [text = ''] = await scanPdf(readFileSync(join(out, `sheets/share-${number}.pdf`)));
  return text;
}

test('replacing a share: wrong things are named, nothing is lost, and an approval is good for what was shown alone', async () => {
  const place = await placeWithRoot();

  // Who takes the new sheet holds no other share; whose share is lost brings none.
  for (const [change, code, params] of [
    [(text: string) => text.replace('[Lena Fischer]', '[Pavel Novák]'), 'CUSTODIAN_TWICE', { person: 'Pavel Novák' }],
    [(text: string) => text.replace('[Lena Fischer]', '[nadia okafor]'), 'CUSTODIAN_TWICE', { person: 'nadia okafor' }],
    [(text: string) => text.replace('Nadia Okafor, Ruth', 'Chen Wei, Ruth'), 'SHARE_NOT_LOST', { x: 2 }],
  ] as const) {
    await place.begin('replace-share', 'replace', { answers: change });
    const shown = place.view.current?.facts;
    expect(shown).toMatchObject([{ kind: 'check', verdict: 'no-go' }]);
    await place.giveAll();
    expect(await place.perform()).toMatchObject({ code, params });
    await place.abort();
  }

  await place.begin('replace-share', 'replace');
  expect(await place.answer('share-1', { scanSheet: 2 })).toMatchObject({ code: 'SHARE_NOT_LOST', params: { x: 2 } });
  expect(await place.answer('share-1', { scanSheet: 3 })).toMatchObject({ code: 'SHARE_NOT_THEIRS' });
  await place.giveAll();
  expect(await give(place.core, place.view, 'passphrase-3', 'not the passphrase')).toBeNull();
  const { current } = await place.look();
  const before = current?.shown ?? '';
  for (const role of ['ceremonyAdministrator', 'witness', 'auditor'] as const) {
    expect(await place.confirm(role, before)).toBeNull();
  }
  expect(await place.perform()).toMatchObject({ code: 'SHARE_PASSPHRASE_WRONG', params: { x: 3 } });
  // A failed try ends every approval; the old one cannot be given again.
  for (const { id, person } of (await place.look()).current?.asks.flatMap((ask) =>
    ask.kind === 'secret' ? ask : [],
  ) ?? []) {
    const passphrase = place.answers.passphrases?.[Number(id.split('-').at(-1)) - 1] ?? '';
    expect(await give(place.core, place.view, id, passphrase), person).toBeNull();
  }
  expect(await place.confirm('witness', before)).toEqual({
    ...{ code: 'SHOWN_DIFFERENT', recovery: 'correct' },
    params: { step: 'replace' },
  });
  await place.giveAll();
  expect(await place.perform()).toBeNull();
  await place.look();

  while (place.view.current?.id !== 'bags') await place.step();
  // What is written changes between the look and the word: the word is refused, and so is the effect.
  const custody = place.view.current.asks.find(({ id }) => id === 'custody');
  if (custody?.kind !== 'custody') return expect.fail('no custody is asked for');
  const rows = (await answersResponder(place.answers).answer(custody)) as Extract<Answer, { rows: unknown }>;
  expect(await place.answer('custody', rows)).toBeNull();
  const shown = (await place.look()).current?.shown ?? '';
  const swapped = rows.rows.map((row) =>
    row.item === 'share-2' ? { ...row, bags: row.bags.map((bag) => ({ ...bag, place: `${bag.place}, moved` })) } : row,
  );
  expect(await place.answer('custody', { rows: swapped })).toBeNull();
  expect(await place.confirm('ceremonyAdministrator', shown)).toMatchObject({ code: 'SHOWN_DIFFERENT' });
  expect(await place.perform()).toMatchObject({ code: 'CONFIRMATION_MISSING' });
  expect(await place.answer('custody', rows)).toBeNull();
  expect(await place.confirm('ceremonyAdministrator', shown)).toBeNull();
  await place.finish();
  expect(place.view.status).toBe('completed');
}, 400_000);

test('sharing anew: sheets of an old epoch are refused by name wherever the newest is asked for, and mixed ones too', async () => {
  const place = await placeWithRoot();
  const made = join(place.checkpoint, '..');
  const old = await sheetText(made, 1);
  const superseded = { code: 'SHARE_OLD_EPOCH', params: { epoch: 0, current: 1 } };

  await place.begin('re-share', 'rehearsal');
  const reshared = place.out;
  expect(await place.answer('share-1', { text: old })).toMatchObject(superseded);
  expect(await place.answer('share-4', { text: await sheetText(made, 4) })).toMatchObject(superseded);
  await place.finish();

  // A new set has a policy of its own, and a script that speaks of the old one is refused.
  const wider: Change = (text) => text.replace('shareCount: 5', 'shareCount: 6');
  await place.begin('recovery-rehearsal', 'shares');
  await place.giveAll();
  expect(await place.perform()).toMatchObject({ code: 'POLICY_DIFFERENT' });
  await place.abort();
  // Nobody of the old set alone is let in.
  const stranger: Change = (text) => text.replace('Nadia Okafor', 'Pavel Novák');
  await place.begin('recovery-rehearsal', 'shares', { script: wider, answers: stranger });
  await place.giveAll();
  expect(await place.perform()).toMatchObject({ code: 'CUSTODIAN_UNKNOWN', params: { person: 'Pavel Novák' } });
  await place.abort();

  const passphrases = place.answers.passphrases ?? [];
  expect(passphrases).toHaveLength(5);
  await place.begin('recovery-rehearsal', 'rehearsal', { script: wider });
  expect(await place.answer('share-1', { text: old })).toMatchObject(superseded);
  expect(await place.answer('share-3', { text: await sheetText(made, 3) })).toMatchObject(superseded);
  expect(await place.answer('share-1', { text: await sheetText(reshared, 1) })).toBeNull();
  await place.abort();

  // The lost x of the newest set, by a sheet of the old one: neither is taken.
  const replacing: Change = (text) => text.replace('shareCount: 5', 'shareCount: 6');
  await place.begin('replace-share', 'replace', {
    script: replacing,
    answers: (text) => text.replace('[Lena Fischer]', '[Mateo Silva]'),
  });
  expect(await place.answer('share-1', { text: await sheetText(made, 2) })).toMatchObject(superseded);
  expect(await place.answer('share-1', { text: await sheetText(reshared, 2) })).toMatchObject({
    code: 'SHARE_NOT_LOST',
  });
  await place.abort();

  // A second time: the third epoch, from sheets of the second alone.
  await place.begin('re-share', 're-share', {
    script: (text) =>
      text.replace('policy: { threshold: 3, shareCount: 5 }', 'policy: { threshold: 3, shareCount: 6 }'),
  });
  expect(place.view.current?.facts).toContainEqual({
    kind: 'row',
    label: 'New share set',
    value: 'any 3 of 6, epoch 2',
  });
  expect(await place.answer('share-1', { text: old })).toMatchObject(superseded);
  // Guessing the passphrase of an old share waits; choosing one for the new share of that number does not.
  for (let tries = 0; tries < 3; tries += 1) {
    await place.look();
    expect(await give(place.core, place.view, 'old-passphrase-1', 'a guess')).toBeNull();
    await place.giveAll();
    expect(await place.perform()).toMatchObject({ code: 'SHARE_PASSPHRASE_WRONG', params: { x: 1 } });
  }
  expect(await give(place.core, place.view, 'old-passphrase-1', 'a guess')).toMatchObject({
    ...{ code: 'PASSPHRASE_THROTTLED', params: { share: 1 } },
  });
  expect(await give(place.core, place.view, 'passphrase-1', 'meadow anchor velvet nine')).toBeNull();
  await place.abort();
}, 400_000);

test('what an aborted ceremony had printed is listed until somebody saw it destroyed, and a later one knows it by name', async () => {
  const place = await placeWithRoot();
  const atLarge = async () => {
    const { sets } = valueOf(await place.core.call('custody.overview', {}));
    return sets[0]?.stillValid.map(({ share, epoch, custodian }) => `${share} of ${epoch}, ${custodian}`);
  };
  await place.begin('re-share', 'sheets');
  await place.abort();
  expect(await atLarge()).toEqual([]);

  await place.begin('re-share', 'scan');
  const { id, out } = place.view;
  expect(await atLarge()).toEqual([]);
  await place.abort();
  const people = ['Amara Diallo', 'Lena Fischer', 'Nadia Okafor', 'Kofi Mensah', 'Ruth Goldberg', 'Hana Sato'];
  const printed = people.map((custodian, index) => `${index + 1} of 2, ${custodian}`);
  expect(await atLarge()).toEqual(printed);

  // The next one says so when it finds the shares, and a sheet that is shown is no stranger's.
  await place.begin('re-share', 're-share');
  const facts = place.view.records.find(({ step }) => step === 'shares')?.facts ?? [];
  const named = facts.flatMap((fact) =>
    fact.kind === 'check' && fact.detail.includes(`printed in ${id}`) ? fact.label : [],
  );
  expect(named).toEqual(people.map((_, index) => `Sheet ${index + 1} of epoch 2, still valid`));
  expect(await place.answer('share-1', { text: await sheetText(out, 1) })).toMatchObject({
    ...{ code: 'SHARE_OF_ABORTED', params: { epoch: 2 } },
  });
  while (place.view.current?.id !== 'destroy') await place.step();
  expect(await place.answer('aborted-4', { text: 'it was eaten by a goat, says Kofi' })).toBeNull();
  await place.look();
  await place.finish();
  const destroyed = place.view.records.find(({ step }) => step === 'destroy')?.facts ?? [];
  expect(destroyed).toContainEqual({
    ...{ kind: 'check', label: 'Sheet 3 of an aborted ceremony, epoch 2, of Nadia Okafor', verdict: 'go' },
    detail: 'destroyed before Inês Duarte',
  });
  expect(await atLarge()).toEqual(['4 of 2, Kofi Mensah', '2 of 0, Chen Wei', '4 of 0, Pavel Novák']);
}, 400_000);

test('rotating: no backup is left behind, and the old master key is found no more', async () => {
  const place = await placeWithRoot();
  const made = join(place.checkpoint, '..');
  const partly: Change = (text) =>
    text
      .replace('{ keys: [root-2026, issuing-2026], paper: A4 }', '{ keys: [root-2026], paper: A4 }')
      .replace(
        '{ keys: [root-2026, issuing-2026], custodians: [1, 3, 5] }',
        '{ keys: [root-2026], custodians: [1, 3, 5] }',
      );
  await place.begin('rotate-master-key', 'retire', { script: partly });
  await place.giveAll();
  expect(await place.perform()).toMatchObject({ code: 'BACKUP_NOT_RENEWED', params: { label: 'issuing-2026' } });
  await place.abort();

  // What that one made is no finished ceremony's: the old key is still the one, and a new label is taken.
  await place.begin('rotate-master-key', 'rehearsal', {
    script: (text) => text.replaceAll('master-key-2027', 'master-key-2028'),
  });
  expect(await place.answer('share-1', { text: await sheetText(made, 1) })).toMatchObject({ code: 'SHARE_FOREIGN' });
  await place.finish();

  await place.begin('recovery-rehearsal', 'shares');
  await place.giveAll();
  expect(await place.perform()).toMatchObject({ code: 'MASTER_KEY_RETIRED', params: { label: 'master-key-2026' } });
  await place.abort();
}, 400_000);
