import { readFileSync } from 'node:fs';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { type Standing, type Verdict, differenceOf, standingOf, verdictOn } from './check.ts';
import { compiled } from './compiled.ts';
import { type Evidence, evidenceOf, storeHolds } from './evidence.ts';
import { Ground } from './ground.ts';
import { type Log, readLog } from './points.ts';
import { type Kill, NO_KILL, type RunningCore } from './running-core.ts';
import type { Job } from './shipped.ts';
import { type Stretch, stretchesOf, walk } from './walk.ts';

/** A point, and what came of the kill there. */
export type Tried = { name: string; verdict: Verdict };

/** What is tried: in which stretches, there at which points (by number from 1), and whether all in one run to the end. */
export type Choice = {
  stretch: (name: string) => boolean;
  points: (name: string, points: string[]) => number[];
  toTheEnd: boolean;
};

/** A kill, and the label of the point where it must come. */
type Aimed = Kill & { label: string };

const nameOf = (stretch: Stretch) => `${stretch.script} ${stretch.is === 'step' ? stretch.step : stretch.is}`;

/** Kills a job's ceremony at every point that is chosen, and tells of each. */
export async function crash(job: Job, choose: Choice, tell: (tried: Tried) => void): Promise<void> {
  const ground = new Ground(job, await compiled());
  const ceremony = new Ceremony(ground, job, choose, tell);
  try {
    for (const earlier of job.after) await undisturbed(ground, earlier);
    if (job.burnt) ground.burn();
    ground.save('start');
    const begin: Stretch = { script: job.script, is: 'begin' };
    const stretches = stretchesOf(job.script, await ceremony.through(begin));
    for (const stretch of stretches) {
      if (stretch.is === 'step' && stretch.step === job.abortedAt) {
        await ceremony.aside({ script: job.script, is: 'abort' });
      }
      await ceremony.through(stretch);
    }
    await ceremony.rest();
    if (choose.toTheEnd) await ceremony.again([begin, ...stretches]);
  } finally {
    await ceremony.rest();
    ground.remove();
  }
}

async function undisturbed(ground: Ground, script: string): Promise<void> {
  const core = ground.start();
  const begun = await walk(core, ground, { script, is: 'begin' });
  for (const stretch of stretchesOf(script, begun)) await walk(core, ground, stretch);
  await core.close();
}

/** One ceremony on its ground, stretch by stretch: each is done once undisturbed, then killed at each chosen point. */
class Ceremony {
  readonly #ground: Ground;
  readonly #job: Job;
  readonly #choose: Choice;
  readonly #tell: (tried: Tried) => void;
  /** Of each stretch that was tried, its points. */
  readonly #points = new Map<string, string[]>();
  #last: Standing | null = null;
  /** The core that does stretches in which nothing is tried. */
  #calm: RunningCore | null = null;

  constructor(ground: Ground, job: Job, choose: Choice, tell: (tried: Tried) => void) {
    this.#ground = ground;
    this.#job = job;
    this.#choose = choose;
    this.#tell = tell;
  }

  /** Kills in a stretch and leaves the ground after it, undisturbed. */
  async through(stretch: Stretch): Promise<CeremonyView> {
    return this.#choose.stretch(nameOf(stretch)) ? this.#stretch(stretch, 'after') : this.#undisturbed(stretch);
  }

  /** The same, and leaves the ground as it was before. */
  async aside(stretch: Stretch): Promise<void> {
    if (this.#choose.stretch(nameOf(stretch))) await this.#stretch(stretch, 'before');
  }

  /** The whole ceremony once more, killed in the middle of each stretch that was tried: it ends as the one that was not. */
  async again(stretches: Stretch[]): Promise<void> {
    const ground = this.#ground;
    const name = `${this.#job.token}: ${this.#job.script}: killed in each stretch`;
    const verdict: Verdict = { lost: [], repeated: [] };
    ground.restore('start');
    try {
      let standing: Standing | null = null;
      for (const stretch of stretches) {
        const before = evidenceOf(ground);
        const points = this.#points.get(nameOf(stretch)) ?? [];
        const at = Math.ceil(points.length / 2);
        if (at > 0) await this.#killed(stretch, { at, victim: 'core', label: points[at - 1] ?? '' });
        ({ standing } = await this.#toTheEnd(stretch, before));
      }
      const [is, was] = [JSON.stringify(standing), JSON.stringify(this.#last)];
      if (is !== was) verdict.lost.push(`the ceremony ends otherwise: ${differenceOf(was, is)}`);
    } catch (error) {
      verdict.lost.push(said(error));
    }
    this.#tell({ name, verdict });
  }

  /** Ends the core that is calm. */
  async rest(): Promise<void> {
    await this.#calm?.close();
    this.#calm = null;
  }

  async #undisturbed(stretch: Stretch): Promise<CeremonyView> {
    this.#calm ??= this.#ground.start();
    const view = await walk(this.#calm, this.#ground, stretch);
    if (view.status === 'completed') {
      await this.rest();
      this.#last = standingOf(this.#ground, this.#job, view, evidenceOf(this.#ground));
    }
    return view;
  }

  async #stretch(stretch: Stretch, leave: 'before' | 'after'): Promise<CeremonyView> {
    const ground = this.#ground;
    await this.rest();
    const before = evidenceOf(ground);
    ground.save('before');
    const { view, standing: reference, log } = await this.#toTheEnd(stretch, before);
    ground.save('after');
    this.#last = reference;
    this.#points.set(nameOf(stretch), log.points);

    const chosen = this.#choose.points(nameOf(stretch), log.points);
    for (const at of chosen) {
      const isCall = log.points[at - 1]?.startsWith('under way') ?? false;
      for (const victim of isCall ? (['core', 'token'] as const) : (['core'] as const)) {
        ground.restore('before');
        const label = log.points[at - 1] ?? '';
        await this.#try(`${label}, ${victim}`, stretch, { before, reference }, { at, victim, label });
      }
    }
    // The way back from a kill is killed too: the one right before the result, where the most is to be read back.
    const result = log.lines.findIndex((line) => /^durable .*step\.result/.test(line));
    const last = log.lines.slice(0, result).filter((line) => line.startsWith('point ')).length;
    if (result !== -1) {
      const label = log.points[last - 1] ?? '';
      await this.#back(stretch, { before, reference }, { at: last, victim: 'core', label });
    }
    ground.restore(leave);
    return view;
  }

  async #back(stretch: Stretch, known: { before: Evidence; reference: Standing }, first: Aimed): Promise<void> {
    const ground = this.#ground;
    ground.restore('before');
    const killed = await this.#killed(stretch, first);
    ground.save('killed');
    const { log } = await this.#toTheEnd(stretch, known.before);
    // After the way back the stretch is begun anew, and its points were tried above.
    const settled = log.lines.findIndex((line) => /^durable .*step\.(undone|result)/.test(line));
    const points = log.lines.slice(0, settled).filter((line) => line.startsWith('point ')).length;
    for (const at of this.#choose.points(`${nameOf(stretch)} back`, log.points.slice(0, points + 1))) {
      ground.restore('killed');
      const label = log.points[at - 1] ?? '';
      await this.#try(`on the way back: ${label}`, stretch, known, { at, victim: 'core', label }, [killed]);
    }
  }

  /** One kill, then the stretch to its end, and what that cost. */
  async #try(
    what: string,
    stretch: Stretch,
    { before, reference }: { before: Evidence; reference: Standing },
    kill: Aimed,
    earlier: Log[] = [],
  ): Promise<void> {
    const name = `${this.#job.token}: ${nameOf(stretch)}: ${what}`;
    const logs = [...earlier];
    // What was put back has other inodes than what was saved.
    const kills = [evidenceOf(this.#ground)];
    const verdict: Verdict = { lost: [], repeated: [] };
    try {
      logs.push(await this.#killed(stretch, kill));
      kills.push(evidenceOf(this.#ground));
      const done = await this.#toTheEnd(stretch, before);
      logs.push(done.log);
      const judged = verdictOn(this.#ground, { kills, end: done.end, standing: done.standing, reference, logs });
      verdict.lost.push(...judged.lost, ...done.remains);
      verdict.repeated.push(...judged.repeated);
    } catch (error) {
      verdict.lost.push(said(error));
    }
    verdict.lost.push(...(await orphans(logs)));
    this.#tell({ name, verdict });
  }

  /** Runs a core that is killed, or loses its token process, at the point that is aimed at. */
  async #killed(stretch: Stretch, kill: Aimed): Promise<Log> {
    const core = this.#ground.start(kill);
    try {
      await walk(core, this.#ground, stretch);
      await core.close();
    } catch (error) {
      await stop(core);
      if (!(error instanceof Refusal) || error.code !== 'CORE_GONE') throw error;
    }
    const log = readLog(core.log);
    const hit = sameButForChance(log.points[kill.at - 1] ?? '', kill.label);
    if (!hit || (kill.victim === 'core' && log.points.length !== kill.at)) throw new Error('the kill missed its point');
    return log;
  }

  async #toTheEnd(stretch: Stretch, before: Evidence) {
    const ground = this.#ground;
    const core = ground.start(NO_KILL);
    try {
      const view = await walk(core, ground, stretch);
      // Looked at while core runs: its end cleans up.
      const held = storeHolds(ground, before.shares);
      await core.close();
      const end = evidenceOf(ground);
      const remains = held && end.shares.length === 0 ? ['erased shares still lie in the files of the store'] : [];
      return { view, end, remains, standing: standingOf(ground, this.#job, view, end), log: readLog(core.log) };
    } catch (error) {
      await stop(core);
      throw error;
    }
  }
}

/** Two labels of one point: temporary names differ. */
function sameButForChance(one: string, other: string): boolean {
  const plain = (label: string) => label.replaceAll(/[0-9a-f]{8,}/g, '');
  return plain(one) === plain(other);
}

function said(error: unknown): string {
  return error instanceof Refusal ? `${error.code} ${JSON.stringify(error.params)}` : String(error);
}

async function stop(core: RunningCore): Promise<void> {
  core.kill();
  await core.ended;
}

/** Token processes that outlive their core. They are given the time that a module may take to finish a call. */
async function orphans(logs: Log[]): Promise<string[]> {
  const pids = logs.flatMap(({ spawned }) => spawned);
  for (let tries = 0; tries < 100; tries += 1) {
    if (!pids.some(lives)) return [];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return ['a token process outlives its core'];
}

function lives(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
