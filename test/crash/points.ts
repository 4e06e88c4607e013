import { existsSync, readFileSync } from 'node:fs';

/** What a core process told of itself while it ran. */
export type Log = { points: string[]; spawned: number[]; lines: string[] };

export function readLog(path: string): Log {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    lines,
    points: after('point').map((line) => line.slice(line.indexOf(' ') + 1)),
    spawned: after('spawned').map(Number),
  };
}

/** Calls to a token process that do more than look: there are no points at others. */
const EFFECTS = /^token |^printer lp$/;
/** Those that happen at most once an intent. */
const ONCE = /^token (generateKey|makeMasterKey|initialiseToken|rehearse|rebuildShare|reshare)$|^printer lp$/;

/**
 * Effects that were begun with no intent in the ledger, or twice under one: lines that say so. The logs are those of the
 * core processes of one stretch in their order; `out` is the folder of the ceremony's files.
 */
export function effectsWithoutIntent(logs: Log[], out: string): string[] {
  const found: string[] = [];
  let intended = false;
  /** A print is an effect with rows of its own, within a step's or alone. */
  let printing = false;
  let done = new Set<string>();
  for (const line of logs.flatMap(({ lines }) => lines)) {
    const [, durable = ''] = /^durable \d+ (.*)$/.exec(line) ?? [];
    if (durable.includes('step.intent')) {
      intended = true;
      done = new Set();
    }
    if (durable.includes('print.intent')) {
      printing = true;
      done.delete('printer lp');
    }
    if (durable.includes('print.result')) printing = false;
    if (/step\.(result|undone|failed)|ceremony\.aborted/.test(durable)) intended = false;
    const [, what = ''] = /^point \d+ (.*)$/.exec(line) ?? [];
    const inFolder = what.split(out)[1]?.split('/')[1];
    // The folder's marker is written when the ceremony begins, before any step.
    const isFile = inFolder !== undefined && !inFolder.includes('.claviger-ceremony');
    const under = what === 'printer lp' ? printing : intended;
    if ((EFFECTS.test(what) || isFile) && !under) found.push(`without an intent: ${what}`);
    if (ONCE.test(what) && done.has(what)) found.push(`twice under one intent: ${what}`);
    if (ONCE.test(what)) done.add(what);
  }
  return found;
}
