import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Runner } from '../../core/ceremony/runner.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { searchSpool } from '../../core/print/spool.ts';
import { Ceremonies } from '../../core/service/ceremonies.ts';
import { Changes } from '../../core/service/changes.ts';
import { parseShare, writeShare } from '../../core/shares/share.ts';
import { writeSettings } from '../../core/store/settings.ts';
import { openStore } from '../../core/store/open.ts';
import { answer, crashAt, place, printing, walk } from '../ceremony/in-process.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { expectRefusal } from '../shares/sample-set.ts';
import { type Cups, startCups } from './cupsd.ts';

/** Ceremonies whose sheets go to a printer: a real cupsd, with cups-pdf for a printer, in small scripts on software tokens. */

const JONAS = { person: 'Jonas Weber' };

describe('on a printer', () => {
  let cups: Cups;
  beforeEach(async () => {
    cups = await startCups(['paper', 'other']);
  });
  afterEach(async () => {
    await cups.remove();
  });

  /** Jobs on the printer wait until somebody lets them go. */
  const hold = (printer = 'paper') =>
    execFileSync('lpadmin', ['-p', printer, '-o', 'job-hold-until-default=indefinite']);
  const release = () => execFileSync('lpadmin', ['-p', 'paper', '-o', 'job-hold-until-default=no-hold']);
  const sharesOnPaper = (runner: Runner) => cups.papers(runner.state.id).filter((path) => path.includes('share'));

  async function atSheets(sheets: 'printer' | 'either') {
    const ground = place();
    const runner = await ground.begin(printing(sheets), 'out');
    await walk(runner, {}, 'sheets');
    return { ...ground, runner, out: join(ground.folder, 'out') };
  }

  const textsOf = async (data: string, id: string): Promise<string[]> => {
    const store = await openStore(data);
    const rows = await store.db
      .selectFrom('sealed_share')
      .selectAll()
      .where('ceremony', '=', id)
      .orderBy('number')
      .execute();
    await store.close();
    return rows.map(({ text }) => text);
  };

  test('sheets go from memory to the printer, are read back from the paper, and are in no file of ours', async () => {
    const { runner, folder, out, ceremonies } = await atSheets('printer');
    const { asks, facts } = await runner.look();
    expect(facts).toEqual([]);
    await writeSettings(join(folder, 'data'), { printer: 'other' });
    expect((await runner.look()).asks.find(({ kind }) => kind === 'choice')).toMatchObject({ suggestion: 'other' });
    const [choice] = asks.filter(({ kind }) => kind === 'choice');
    if (choice?.kind !== 'choice') return expect.fail('no printer is asked for');
    expect(choice).toMatchObject({ suggestion: null, chosen: null, given: false });
    expect(choice.options.map(({ value }) => value)).toEqual(['other', 'paper']);
    await expectRefusal(() => runner.answer('sheets', 'printer', { text: 'no printer' }), 'INPUT_INVALID');
    await expectRefusal(() => runner.perform('sheets'), 'ANSWERS_PENDING');
    await answer(runner, { printer: 'paper' });
    expect((await runner.look()).facts).toContainEqual({
      ...{ kind: 'check', label: 'Spool', verdict: 'go' },
      detail: `${cups.spool} can be searched after the purge`,
    });
    await runner.perform('sheets');

    // What was seen of each job, and in which order.
    const ledger = await ceremonies.ledger();
    const rows = (await ledger.read({ ceremony: runner.state.id })).filter(({ kind }) => kind.startsWith('print.'));
    expect(rows.map(({ kind, body }) => ({ kind, ...(body as object) }))).toMatchObject(
      ['manifest', 'share-1', 'share-2'].flatMap((sheet, index) => [
        { kind: 'print.intent', sheet, copy: 1, printer: 'paper', again: null },
        { kind: 'print.job', job: `paper-${index + 1}` },
        { kind: 'print.result', outcome: 'ended', others: [], ended: 0 },
      ]),
    );
    expect(runner.state.records.at(-1)?.facts).toEqual(
      expect.arrayContaining([
        { kind: 'row', label: 'Share sheet 1, copy 1', value: 'job paper-2: has ended, and is purged' },
        {
          ...{ kind: 'check', label: 'Spool, after paper was purged', verdict: 'go' },
          detail: `${cups.spool}: 0 files are left, and none holds a sheet`,
        },
      ]),
    );
    expect(readdirSync(join(out, 'sheets'))).toEqual(['manifest.pdf']);

    const papers = sharesOnPaper(runner);
    const texts = await Promise.all(papers.map(async (path) => scanPdf(new Uint8Array(readFileSync(path)))));
    expect(texts.map((codes) => [codes.length, new Set(codes).size])).toEqual([
      [2, 1],
      [2, 1],
    ]);
    const shares = texts.map(([text = '']) => text);
    // The store alone has them, until the paper is read back.
    const before = await searchSpool(folder, shares);
    expect(before).toMatchObject({ looked: true });
    expect('holding' in before && before.holding.every((path) => path.includes('/data/claviger.db'))).toBe(true);
    expect('holding' in before && before.holding.length).toBeGreaterThan(0);

    // The step asks for the paper: of each custodian their own, and a file that is not there serves nobody.
    await expectRefusal(() => runner.perform('scan'), 'ANSWERS_PENDING');
    await expectRefusal(() => runner.answer('scan', 'share-1', { scanSheet: 1 }), 'FILE_MISSING');
    await expectRefusal(() => runner.answer('scan', 'share-1', { scanFile: papers[1] ?? '' }), 'SHARE_NOT_THEIRS');
    await runner.answer('scan', 'share-1', { scanFile: papers[0] ?? '' });
    // A sheet of that very share, as another ceremony would print it: another salt.
    const other = writeShare({ ...parseShare(shares[1] ?? ''), salt: new Uint8Array(16).fill(7) });
    await runner.answer('scan', 'share-2', { text: other });
    await expectRefusal(() => runner.perform('scan'), 'SHEET_DIFFERS', { share: 2 });
    await runner.answer('scan', 'share-2', { text: shares[1] ?? '' });
    await runner.perform('scan');
    expect(runner.state.status).toBe('completed');
    expect(runner.state.records.at(-1)?.facts[0]).toMatchObject({
      detail: 'read back from the paper: it is the very share',
    });
    await ceremonies.close();
    expect(await searchSpool(folder, shares)).toMatchObject({ looked: true, holding: [] });
    expect(await searchSpool(cups.spool, shares)).toMatchObject({ looked: true, holding: [] });
  });

  test('a sheet is printed again for a reason, for one and before another; what was shown of the old copy counts no more', async () => {
    const { runner, ceremonies, folder } = await atSheets('printer');
    await answer(runner, { printer: 'paper' });
    const again = { reason: 'the toner is smudged', person: 'Olga Petrova', seenBy: 'jonas weber' };
    await expectRefusal(() => runner.reprint('sheets', 1, again), 'SHEET_NOT_PRINTED', { sheet: 1 });
    await runner.perform('sheets');
    await runner.answer('scan', 'share-1', { scanFile: sharesOnPaper(runner)[0] ?? '' });
    for (const [change, code] of [
      [{ seenBy: 'Olga Petrova' }, 'DUAL_CONTROL'],
      [{ seenBy: 'Somebody' }, 'PERSON_UNKNOWN'],
    ] as const) {
      await expectRefusal(() => runner.reprint('scan', 1, { ...again, ...change }), code);
    }
    await expectRefusal(() => runner.reprint('scan', 3, again), 'SHEET_NOT_PRINTED');
    expect(sharesOnPaper(runner)).toHaveLength(2);

    await runner.reprint('scan', 1, again);
    const [first = '', , second = ''] = sharesOnPaper(runner);
    const read = (path: string) => new Uint8Array(readFileSync(path));
    expect(await scanPdf(read(second))).toEqual(await scanPdf(read(first)));
    expect(readdirSync(cups.spool).filter((name) => name.startsWith('d'))).toEqual([]);
    const said =
      'Share sheet 1 is printed again, as copy 2, for Olga Petrova: the toner is smudged. Jonas Weber saw destroyed what there was of copy 1.';
    expect(runner.state.incidents.map(({ text }) => text)).toContain(said);

    const { asks, facts } = await runner.look();
    expect(asks.map(({ given }) => given)).toEqual([false, false]);
    expect(facts).toContainEqual({
      ...{ kind: 'row', label: 'Share sheet 1, copy 2' },
      value: 'job paper-4: has ended, and is purged',
    });
    await runner.answer('scan', 'share-1', { scanFile: second });
    await runner.answer('scan', 'share-2', { scanFile: sharesOnPaper(runner)[1] ?? '' });
    await runner.perform('scan');
    expect(runner.state.records.at(-1)?.facts).toContainEqual({
      ...{ kind: 'row', label: 'Copies of share sheet 1 destroyed' },
      value: '1 of 2, each before a witness',
    });
    // The same from the rows alone.
    const { id } = runner.state;
    await ceremonies.close();
    const later = new Ceremonies({
      data: join(folder, 'data'),
      changes: new Changes(),
      clock: () => new Date(),
      random: noRandom,
    });
    onTestFinished(() => later.close());
    expect((await later.runner(id)).state).toEqual(runner.state);
  });

  test('killed while a sheet is at the printer: it is taken back, may have come out, and is printed again before a witness', async () => {
    const { runner, ceremonies, folder } = await atSheets('printer');
    await answer(runner, { printer: 'paper' });
    const ledger = await ceremonies.ledger();
    // The manifest and sheet 1 are out; of sheet 2 the row of its job is the last.
    await crashAt(
      ledger,
      (rows) => isResultOf(rows, 'share-2', runner),
      () => runner.perform('sheets'),
    );
    const { id } = runner.state;
    await ceremonies.close();
    expect(await textsOf(join(folder, 'data'), id)).toHaveLength(2);

    const after = new Ceremonies({
      data: join(folder, 'data'),
      changes: new Changes(),
      clock: () => new Date(),
      random: noRandom,
    });
    onTestFinished(() => after.close());
    const resumed = await after.runner(id);
    expect(resumed.state).toMatchObject({ status: 'interrupted' });
    expect(resumed.state.prints.map(({ outcome }) => outcome)).toEqual(['ended', 'ended', 'pending']);
    await expectRefusal(() => resumed.reprint('sheets', 2, AGAIN), 'SHEET_NOT_PRINTED');
    await answer(resumed);
    await resumed.resume();
    expect(resumed.state).toMatchObject({ status: 'running', intent: null });
    expect(resumed.state.prints.at(-1)).toMatchObject({ sheet: 'share-2', copy: 1, outcome: 'uncertain' });
    expect(existsSync(join(folder, 'out', 'manifest.json'))).toBe(false);
    expect(readdirSync(cups.spool).filter((name) => name.startsWith('d'))).toEqual([]);

    // It is the administrator who watches, where there is no witness.
    const asked = (await resumed.look()).asks.find(({ kind }) => kind === 'accept');
    expect(asked).toMatchObject({
      id: 'destroyed-share-2-1',
      by: 'ceremonyAdministrator',
      label: 'Share sheet 2, copy 1: what came out of it was destroyed before my eyes',
    });
    await resumed.answer('sheets', 'printer', { text: 'paper' });
    await expectRefusal(() => resumed.perform('sheets'), 'ANSWERS_PENDING');
    await answer(resumed, { printer: 'paper' });
    await resumed.perform('sheets');
    // What was out is not printed again.
    expect(resumed.state.prints.map(({ sheet, copy }) => `${sheet} ${copy}`)).toEqual([
      ...['manifest 1', 'share-1 1', 'share-2 1', 'share-2 2'],
    ]);
    expect(resumed.state.prints.at(-1)?.again).toEqual({
      reason: 'interrupted; it was taken back if it was still there, and it may have come out',
      person: 'Olga Petrova',
      seenBy: 'Jonas Weber',
    });
    const papers = sharesOnPaper(resumed);
    expect(papers).toHaveLength(3);
    await resumed.answer('scan', 'share-1', { scanFile: papers[0] ?? '' });
    await resumed.answer('scan', 'share-2', { scanFile: papers[2] ?? '' });
    await resumed.perform('scan');
    expect(resumed.state.status).toBe('completed');
  });

  test('aborted while a job waits: it is taken back at once, and nothing of it is left', async () => {
    const { runner, folder } = await atSheets('printer');
    await answer(runner, { printer: 'paper' });
    hold();
    const failed = expectRefusal(() => runner.perform('sheets'), 'PRINTER_REFUSED');
    const waiting = () => runner.state.prints.at(-1)?.job ?? null;
    await until(() => waiting() !== null);
    expect((await runner.look()).facts).toEqual([
      { kind: 'row', label: 'Manifest sheet, copy 1', value: 'job paper-1: is at the printer' },
    ]);
    await expectRefusal(() => runner.answer('sheets', 'printer', { text: 'other' }), 'STEP_RUNNING');
    await runner.abort('Jonas Weber', 'the fire alarm');
    await failed;
    expect(runner.state).toMatchObject({ status: 'aborted', intent: null });
    expect(runner.state.prints).toMatchObject([{ outcome: 'uncertain', job: 'paper-1' }]);
    expect(execFileSync('lpstat', ['-W', 'all', '-o'], { encoding: 'utf8' })).toBe('');
    expect(readdirSync(cups.spool).filter((name) => /^[cd]\d/.test(name))).toEqual([]);
    expect(existsSync(join(folder, 'out', 'sheets'))).toBe(true);
    release();
  });

  test('killed at the printer and then aborted: the abort takes it back', async () => {
    const { runner, ceremonies, folder } = await atSheets('printer');
    await answer(runner, { printer: 'paper' });
    hold();
    const ledger = await ceremonies.ledger();
    await crashAt(
      ledger,
      ([row]) => row?.kind === 'print.job',
      () => runner.perform('sheets'),
    );
    const { id } = runner.state;
    await ceremonies.close();
    expect(readdirSync(cups.spool).filter((name) => /^d\d/.test(name))).toHaveLength(1);
    const after = new Ceremonies({
      data: join(folder, 'data'),
      changes: new Changes(),
      clock: () => new Date(),
      random: noRandom,
    });
    onTestFinished(() => after.close());
    const resumed = await after.runner(id);
    await resumed.abort('Jonas Weber', 'the fire alarm');
    expect(resumed.state.prints).toMatchObject([{ outcome: 'uncertain', job: null, others: ['paper-1 of root'] }]);
    expect(readdirSync(cups.spool).filter((name) => /^[cd]\d/.test(name))).toEqual([]);
  });

  test('jobs of others are told of before they are purged, and after', async () => {
    const { runner } = await atSheets('printer');
    execFileSync('lp', ['-U', 'alice', '-d', 'paper', '-H', 'indefinite'], { input: 'a letter' });
    execFileSync('lp', ['-U', 'bob', '-d', 'other', '-H', 'indefinite'], { input: 'another letter' });
    await answer(runner, { printer: 'paper' });
    expect((await runner.look()).facts.at(-1)).toMatchObject({
      ...{ kind: 'check', label: 'Jobs of others', verdict: 'warning' },
      detail: expect.stringContaining('paper-1 of alice: the purge takes them too') as string,
    });
    await runner.perform('sheets');
    expect(runner.state.records.at(-1)?.facts).toContainEqual({
      ...{ kind: 'check', label: 'Jobs of others, purged with them', verdict: 'warning' },
      detail: 'paper-1 of alice: not printed; send them again',
    });
    // What another printer has is nobody's business here.
    expect(execFileSync('lpstat', ['-W', 'all', '-o'], { encoding: 'utf8' })).toMatch(/^other-2 +bob /);
  });

  test('where policy leaves it to the room, a printer that is unfit is refused before anything is sent, and media serve', async () => {
    execFileSync('cupsreject', ['other']);
    const { runner, out } = await atSheets('either');
    const [choice] = (await runner.look()).asks;
    expect(choice).toMatchObject({
      suggestion: null,
      options: [
        { value: 'other', detail: 'idle, takes no jobs', fit: false },
        { value: 'paper', fit: true },
        { value: 'no printer', fit: true },
      ],
    });
    await runner.answer('sheets', 'printer', { text: 'other' });
    await expectRefusal(() => runner.perform('sheets'), 'PRINTER_REFUSED');
    expect(runner.state).toMatchObject({ intent: null, prints: [], failure: { code: 'PRINTER_REFUSED' } });
    await runner.answer('sheets', 'printer', { text: 'no printer' });
    await runner.perform('sheets');
    expect(readdirSync(join(out, 'sheets')).sort()).toEqual(['manifest.pdf', 'share-1.pdf', 'share-2.pdf']);
    expect((await runner.look()).asks).toEqual([]);
    await expectRefusal(() => runner.reprint('scan', 1, AGAIN), 'SHEET_NOT_PRINTED');
    await runner.perform('scan');
    expect(runner.state).toMatchObject({ status: 'completed', prints: [] });
    expect(cups.papers(runner.state.id)).toEqual([]);
  });

  test('from the command line: a run stops where the paper is shown, a sheet is printed again, and a resume takes it', async () => {
    const folder = temporaryFolder();
    const [path, data, out] = [join(folder, 'script.yaml'), join(folder, 'data'), join(folder, 'out')];
    const answers = join(folder, 'answers.yaml');
    writeFileSync(path, printing('printer'));
    const given = {
      claviger: 1,
      pin: 'orbit maple pin',
      passphrases: ['orbit maple one two', 'cobalt fern three four'],
    };
    const participants = { operator: ['Olga'], ceremonyAdministrator: ['Jonas'], custodian: ['Amara', 'Nadia'] };
    const say = (texts: object) => {
      writeFileSync(answers, JSON.stringify({ ...given, participants, texts }));
    };
    say({ printer: 'paper' });
    const run = await claviger(['ceremony', 'run', path, '--out', out, '--data', data, '--answers', answers]);
    expect(run.stderr).toContain('FILE_MISSING');
    const [ceremony = ''] = readFileSync(join(out, '.claviger-ceremony'), 'utf8').split('\n');
    const reprint = ['ceremony', 'reprint', '--data', data, '--sheet', '2', '--person', 'Olga', '--reason', 'a jam'];
    const alone = await claviger([...reprint, '--seen-by', 'olga']);
    expect(alone.stderr).toContain('DUAL_CONTROL');
    const again = await claviger([...reprint, '--seen-by', 'Jonas']);
    expect(again.stdout).toContain('Share sheet 2, copy 2: job paper-4: has ended, and is purged');
    const [first = '', , second = ''] = cups.papers(ceremony).filter((paper) => paper.includes('share'));
    say({ 'share-1': first, 'share-2': second });
    const resumed = await claviger(['ceremony', 'resume', '--data', data, '--answers', answers, '--json']);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'completed' });
  });

  test('where the spool may not be read, that it is empty is not claimed', async () => {
    const { runner } = await atSheets('printer');
    process.env['CUPS_SERVERROOT'] = join(cups.spool, 'nowhere');
    await answer(runner, { printer: 'paper' });
    // Whatever user this is: the folder is named by a configuration that is not there.
    const spool = (await runner.look()).facts.find((fact) => fact.kind === 'check' && fact.label === 'Spool');
    expect(spool).toMatchObject({ detail: expect.stringContaining('/var/spool/cups') as string });
  });
});

test('where policy demands a printer and there is none, that is said, and nothing can be chosen', async () => {
  process.env['CUPS_SERVER'] = '/nowhere/cups.sock';
  onTestFinished(() => {
    delete process.env['CUPS_SERVER'];
  });
  const ground = place();
  const runner = await ground.begin(printing('printer'), 'out');
  await walk(runner, {}, 'sheets');
  const { asks, facts } = await runner.look();
  expect(facts).toEqual([]);
  expect(asks).toMatchObject([{ kind: 'choice', options: [], suggestion: null }]);
  await expectRefusal(() => runner.answer('sheets', 'printer', { text: 'paper' }), 'INPUT_INVALID');
});

const AGAIN = { reason: 'a jam', person: 'Olga Petrova', seenBy: JONAS.person };
const noRandom = (): never => {
  throw new Error('nothing is drawn here');
};

function isResultOf(rows: { kind: string }[], sheet: string, { state }: Runner): boolean {
  return rows[0]?.kind === 'print.result' && state.prints.at(-1)?.sheet === sheet;
}

/** Looks at each turn of the loop: what is waited for is done in this process. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}
