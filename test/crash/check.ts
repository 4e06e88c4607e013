import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { type Evidence, type Row, tokensOf } from './evidence.ts';
import type { Ground } from './ground.ts';
import { type Log, effectsWithoutIntent } from './points.ts';
import type { Job } from './shipped.ts';

/** What stands after a stretch, without what chance chose: two runs of it are equal in this. */
export type Standing = {
  view: unknown;
  results: unknown;
  files: string[];
  tokens: string[];
  shares: number;
  transcript: string[];
};

/** What a kill cost. Empty lists are what is wanted. */
export type Verdict = { lost: string[]; repeated: string[] };

export function standingOf(ground: Ground, job: Job, view: CeremonyView, { rows, files, shares }: Evidence): Standing {
  const { status, current, records, participants } = view;
  return {
    view: {
      status,
      current: current?.id ?? null,
      participants,
      records: records.map(({ step, facts }) => ({
        step,
        facts: facts.map((fact) => [fact.kind, 'label' in fact ? placeless(ground, fact.label) : fact.path]),
      })),
    },
    results: resultsOf(rows, view.id).map((result) => shapeOf(result)),
    files: [...files.keys()].sort(),
    tokens: tokensOf(ground, job),
    shares: shares.length,
    transcript: transcriptOf(view.out),
  };
}

/** Holds the end of a stretch against what stood when it was killed and against a run that was not killed. */
export function verdictOn(
  ground: Ground,
  run: { kills: Evidence[]; end: Evidence; standing: Standing; reference: Standing; logs: Log[] },
): Verdict {
  const { kills, end, standing, reference, logs } = run;
  const lost: string[] = [];
  const repeated: string[] = [];

  for (const { rows, files } of kills) {
    if (!rows.every((row, index) => JSON.stringify(row) === JSON.stringify(end.rows[index]))) lost.push('ledger rows');
    const since = end.rows.slice(rows.length).filter(({ kind }) => /^step\.(undone|failed|result)$/.test(kind));
    const told = since.map(({ body }) => body).join('\n');
    for (const [path, file] of files) {
      const now = end.files.get(path);
      const name = path.slice(path.indexOf('/') + 1);
      if (now?.inode === file.inode && now.sha256 === file.sha256) continue;
      if (/\.tmp$/.test(name)) continue;
      // A begin that was killed before its row is begun anew, under another id.
      if (name === '.claviger-ceremony' && !isBegun(rows, path.slice(0, path.indexOf('/')))) continue;
      if (!told.includes(name)) (now ? repeated : lost).push(`${name} is another file, and no row says so`);
    }
  }
  const durable = Math.max(
    0,
    ...logs.flatMap(({ lines }) => lines.map((line) => Number(/^durable (\d+)/.exec(line)?.[1] ?? 0))),
  );
  if (end.rows.length < durable) lost.push(`ledger rows up to ${durable}`);
  for (const part of ['view', 'results', 'files', 'tokens', 'shares', 'transcript'] as const) {
    const [is, was] = [JSON.stringify(standing[part]), JSON.stringify(reference[part])];
    if (is !== was) lost.push(`${part}: ${differenceOf(was, is)}`);
  }
  for (const { path, sha256 } of filesToldOf(end.rows)) {
    const held = [...end.files].find(([name]) => name === path)?.[1];
    if (held && held.sha256 !== sha256) lost.push(`${path} is not what its row says`);
  }

  repeated.push(...doubles(standing.tokens).map((key) => `in the token twice: ${key}`));
  repeated.push(...doubles(numbersOf(end.rows)).map((number) => `used twice: ${number}`));
  repeated.push(...effectsWithoutIntent(logs, join(ground.live, 'out-')));
  const of = (...kinds: string[]) => end.rows.filter(({ kind }) => kinds.includes(kind));
  const steps = of('step.result').map(
    ({ ceremony, body }) => `${ceremony ?? ''} ${(JSON.parse(body) as { step: string }).step}`,
  );
  repeated.push(...doubles(steps).map((step) => `two results: ${step}`));
  const open = of('ceremony.aborted').filter(
    ({ body }) => (JSON.parse(body) as { unreconciled: unknown }).unreconciled !== null,
  );
  if (of('step.intent').length !== of('step.result', 'step.undone', 'step.failed').length + open.length)
    lost.push('the end of an intent');
  return { lost, repeated };
}

function resultsOf(rows: Row[], ceremony: string): unknown[] {
  return rows
    .filter((row) => row.kind === 'step.result' && row.ceremony === ceremony)
    .map(({ body }) => (JSON.parse(body) as { result: unknown }).result);
}

/** Serial numbers, sequence numbers and the like, each used up by an intent. */
function numbersOf(rows: Row[]): string[] {
  return rows.flatMap(({ kind, body }) => {
    if (kind !== 'step.intent') return [];
    const { action, prepared } = JSON.parse(body) as { action: string; prepared: Record<string, unknown> | null };
    return Object.entries(prepared ?? {})
      .filter(([name]) => /serial|sequence|number|masterKeyId/i.test(name))
      .map(([name, value]) => `${name === 'serial' ? '' : action} ${name} ${JSON.stringify(value)}`);
  });
}

function isBegun(rows: Row[], folder: string): boolean {
  return rows.some(({ kind, body }) => kind === 'ceremony.begun' && body.includes(`/${folder}"`));
}

/** Files that the results of each ceremony name, by their path below the ground. */
function filesToldOf(rows: Row[]): { path: string; sha256: string }[] {
  const outs = new Map(
    rows.flatMap(({ kind, ceremony, body }) =>
      kind === 'ceremony.begun' ? [[ceremony, (JSON.parse(body) as { out: string }).out.split('/').at(-1) ?? '']] : [],
    ),
  );
  return rows
    .filter(({ kind }) => kind === 'step.result')
    .flatMap(({ ceremony, body }) =>
      (JSON.parse(body) as { facts: { kind: string; path: string; sha256: string }[] }).facts
        .filter(({ kind }) => kind === 'file')
        .map(({ path, sha256 }) => ({ path: join(outs.get(ceremony) ?? '', path), sha256 })),
    );
}

/** The steps of the transcript, if it has been written. */
function transcriptOf(out: string): string[] {
  const path = join(out, 'transcript.json');
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as { steps: { id: string }[] }).steps.map(({ id }) => id);
}

/** A label without the ground's folder, and without serials, slots and counts of ledger rows. */
function placeless({ live }: Ground, text: string): string {
  return text.replaceAll(live, '').replaceAll(/[0-9a-f]{8,}|\d{2,}/g, 'N');
}

/** The names and kinds of values in a result: what chance chose is left out. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, inner]) => [name, shapeOf(inner)]),
  );
}

function doubles(values: string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

/** Where two texts part, with a little of both. */
export function differenceOf(was: string, is: string): string {
  let at = 0;
  while (at < was.length && was[at] === is[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${was.slice(from, at + 120)}… became …${is.slice(from, at + 120)}…`;
}
