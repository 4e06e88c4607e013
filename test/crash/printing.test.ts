import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { Print } from '../../core/ceremony/state.ts';
import { stateOf } from '../../core/ceremony/runner.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { openStore } from '../../core/store/open.ts';
import { printing } from '../ceremony/small-script.ts';
import { type Cups, startCups } from '../print/cupsd.ts';
import { compiled } from './compiled.ts';
import { cheapToken } from './ground.ts';
import { type Log, effectsWithoutIntent, readLog } from './points.ts';
import { SEED, drawn } from './sample.ts';
import { sampleAnswers } from './shipped.ts';
import { NO_KILL, type Kill, type RunningCore, startWithPoints } from './running-core.ts';

/** Core is killed while it prints share sheets: every paper has a row, none comes out twice unsaid, and nothing stays in the spool. */

const ANSWERS = {
  claviger: 1 as const,
  pin: sampleAnswers('root-and-issuing').pin,
  passphrases: ['orbit maple one two', 'cobalt fern three four'],
  participants: { operator: ['Olga'], ceremonyAdministrator: ['Jonas'], custodian: ['Amara', 'Nadia'] },
  custody: {},
};
/** `CRASH_PRINTING=all`: every point, and not a sample. */
const ALL = process.env['CRASH_PRINTING'] === 'all';
const TRIES = 2;

let home: string;
let code: string;
let cups: Cups;
let cores = 0;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-crash-print-'));
  code = await compiled();
  cups = await startCups(['paper']);
});
afterAll(async () => {
  await cups.remove();
  rmSync(home, { recursive: true, force: true });
});

const live = () => join(home, 'live');
const out = () => join(live(), 'out-printing');

function start(kill: Kill = NO_KILL): RunningCore {
  return startWithPoints(code, join(live(), 'data'), join(home, `points-${++cores}.log`), kill);
}

async function viewOf(core: RunningCore): Promise<CeremonyView> {
  const [ceremony] = valueOf(await core.call('ceremony.list', {})).ceremonies;
  return valueOf(await core.call('ceremony.view', { ceremony: ceremony?.id ?? '' }));
}

/** Goes on from wherever it stands until a step is current, as people would. CORE_GONE if core is killed. */
async function walk(core: RunningCore, until: string | null, texts: Record<string, string>): Promise<CeremonyView> {
  let view = await viewOf(core);
  const responder = answersResponder({ ...ANSWERS, texts });
  while (view.current && view.current.id !== until) {
    await giveAnswers(core, view, responder);
    const ceremony = view.id;
    view = valueOf(
      view.status === 'interrupted'
        ? await core.call('ceremony.resume', { ceremony })
        : await core.call('ceremony.perform', { ceremony, step: view.current.id }),
    );
  }
  return view;
}

async function printsOf(ceremony: string): Promise<Print[]> {
  const store = await openStore(join(live(), 'data'));
  const { prints } = stateOf(ceremony, await openLedger(store, () => new Date(), {}).read({ ceremony }));
  await store.close();
  return prints;
}

const copy = (from: string, to: string) => execFileSync('cp', ['-a', join(home, from), join(home, to)]);
const toPaper = { printer: 'paper' };

test(
  'core killed while it prints: every paper has a row, none is doubled unsaid, and the spool is empty',
  async () => {
    execFileSync('mkdir', ['-p', live()]);
    const [script, token] = [join(home, 'script.yaml'), join(home, 'token.yaml')];
    const held = join(live(), 'token');
    cheapToken(held);
    writeFileSync(token, `software: ${held}\ntoken: ceremony\npin: prompt\n`);
    writeFileSync(script, printing('printer'));
    const first = start();
    valueOf(await first.call('ceremony.begin', { script, token, out: out() }));
    const { id } = await walk(first, 'sheets', {});
    await first.close();
    copy('live', 'saved');

    // Undisturbed: what there is to be killed at.
    const calm = start();
    await walk(calm, 'scan', toPaper);
    await calm.close();
    const { points } = readLog(calm.log);
    const moments = points.flatMap((label, index) =>
      /^(printer|under way) (lp|cancel)$|print\./.test(label) ? [{ at: index + 1, label }] : [],
    );
    // Before each sheet is sent and when it is; its three rows; before and when it is purged.
    expect(moments).toHaveLength(3 * 7);
    const some = Array.from({ length: TRIES }, (_, index) => drawn(`printing ${index}`, moments.length));
    const chosen = ALL ? moments : moments.filter((_, index) => some.includes(index + 1));

    for (const { at, label } of chosen) {
      rmSync(live(), { recursive: true });
      copy('saved', 'live');
      const before = cups.papers(id).length;
      const killed = start({ at, victim: 'core' });
      const end = await walk(killed, 'scan', toPaper).catch((error: unknown) => error);
      expect(end, `CRASH_SEED=${SEED}: ${label}`).toBeInstanceOf(Refusal);
      expect((end as Refusal).code).toBe('CORE_GONE');
      await killed.ended;

      const after = start();
      await walk(after, 'scan', toPaper);
      const came = cups.papers(id).slice(before);
      const newest = (sheet: string) => came.findLast((path) => path.includes(sheet)) ?? '';
      const { status } = await walk(after, null, { 'share-1': newest('share-1'), 'share-2': newest('share-2') });
      expect(status).toBe('completed');
      await after.close();

      const logs: Log[] = [killed, after].map(({ log }) => readLog(log));
      expect(effectsWithoutIntent(logs, join(live(), 'out-')), label).toEqual([]);
      const prints = await printsOf(id);
      for (const sheet of ['manifest', 'share-1', 'share-2']) {
        const copies = prints.filter((print) => print.sheet === sheet);
        expect(copies.at(-1)?.outcome, label).toBe('ended');
        expect(came.filter((path) => path.includes(sheet)).length, label).toBeLessThanOrEqual(copies.length);
        expect(
          copies.slice(1).every(({ again }) => again?.seenBy === 'Jonas'),
          label,
        ).toBe(true);
        expect(
          copies.slice(0, -1).every(({ outcome }) => outcome === 'uncertain'),
          label,
        ).toBe(true);
      }
      expect(
        readdirSync(cups.spool).filter((name) => /^[cd]\d/.test(name)),
        label,
      ).toEqual([]);
      expect(readdirSync(join(out(), 'sheets')), label).toEqual(['manifest.pdf']);
    }
    process.stdout.write(`printing: ${chosen.length} of ${moments.length} points, CRASH_SEED=${SEED}\n`);
  },
  ALL ? 7_200_000 : 600_000,
);
