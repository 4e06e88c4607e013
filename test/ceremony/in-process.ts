import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Runner } from '../../core/ceremony/runner.ts';
import type { Ask } from '../../core/contract/ceremony.ts';
import { type Answer, COMMANDS } from '../../core/contract/commands.ts';
import type { Participant } from '../../core/contract/script.ts';
import type { Ledger, NewRow } from '../../core/ledger/ledger.ts';
import { Ceremonies } from '../../core/service/ceremonies.ts';
import { Changes } from '../../core/service/changes.ts';
import { temporaryFolder } from '../cli/claviger.ts';

export { masterKey, printing, root, scriptOf, service } from './small-script.ts';

/** Small scripts, walked on real tokens inside this process: what a crash leaves can be made at any row. */

const PEOPLE: Participant[] = [
  { role: 'operator', name: 'Olga Petrova' },
  { role: 'ceremonyAdministrator', name: 'Jonas Weber' },
  { role: 'custodian', name: 'Amara Diallo' },
  { role: 'custodian', name: 'Nadia Okafor' },
];

/** Answers by the id of the ask: a text, or what makes one of it. */
export type Given = Record<string, string>;

/** A store of its own, and a folder for outputs. */
export function place() {
  const folder = temporaryFolder();
  // Each ceremony is a minute after the one before: two lists of one second are refused.
  let begun = 0;
  const ceremonies = new Ceremonies({
    data: join(folder, 'data'),
    changes: new Changes(),
    clock: () => new Date(Date.now() - 3_600_000 + begun * 60_000),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  onTestFinished(() => ceremonies.close());
  return {
    folder,
    ceremonies,
    begin: async (text: string, name: string, more: { copy?: string; tokenFile?: string } = {}): Promise<Runner> => {
      const { copy = null, tokenFile = null } = more;
      begun += 1;
      const checkpoint = { lost: 'not what is tested here' };
      return ceremonies.runner(await ceremonies.begin({ text, out: join(folder, name), copy, tokenFile, checkpoint }));
    },
  };
}

/** Does every step up to one, or to the end. */
export async function walk(runner: Runner, given: Given = {}, until?: string): Promise<void> {
  for (;;) {
    const step = runner.state.script.steps[runner.state.position];
    if (!step || step.id === until) return;
    await answer(runner, given);
    await runner.perform(step.id);
  }
}

/** Answers what the current step asks. */
export async function answer(runner: Runner, given: Given = {}): Promise<void> {
  const step = runner.state.script.steps[runner.state.position]?.id ?? '';
  for (const ask of (await runner.look()).asks.filter((each) => !each.given)) {
    if (ask.kind === 'secret') {
      await runner.provide(step, ask.id, new TextEncoder().encode(`orbit maple ${ask.id} cobalt`));
      continue;
    }
    const said = answerTo(ask, given);
    // As it comes from outside.
    if (said) COMMANDS['ceremony.answer'].input.parse({ ceremony: runner.state.id, step, ask: ask.id, answer: said });
    if (said) await runner.answer(step, ask.id, said);
  }
}

function answerTo(ask: Ask, given: Given): Answer | null {
  if (ask.kind === 'people') return { participants: PEOPLE };
  if (ask.kind === 'accept') return { person: ask.by === 'operator' ? 'Olga Petrova' : 'Jonas Weber' };
  if (ask.kind === 'words') return { ticks: ask.words.map(() => [true, true]) };
  if (ask.kind === 'share') return { text: given[ask.id] ?? '' };
  if (ask.kind !== 'text' && ask.kind !== 'choice') return null;
  const text = given[ask.id] ?? ask.suggestion;
  return text === null ? null : { text };
}

/** What a crash between an effect and its result row leaves: the row is not written. */
export function crashAtResult(ledger: Ledger, work: () => Promise<unknown>): Promise<void> {
  return crashAt(ledger, (rows) => rows.some(({ kind }) => kind === 'step.result'), work);
}

/** The same at other rows; none after them is written either. */
export async function crashAt(
  ledger: Ledger,
  at: (rows: NewRow[]) => boolean,
  work: () => Promise<unknown>,
): Promise<void> {
  const append = ledger.append.bind(ledger);
  let crashed = false;
  ledger.append = (rows: NewRow[]) => {
    crashed ||= at(rows);
    return crashed ? Promise.reject(new Error('crash')) : append(rows);
  };
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'crash') throw error;
  } finally {
    ledger.append = append;
  }
}

export const lastResult = (runner: Runner): unknown => runner.state.records.at(-1)?.result;
export const bytesOf = (...parts: string[]): Buffer => readFileSync(join(...parts));
