/** One thing measured beside its bound, in turns, so that whatever else the machine does weighs on both. */
export type Figure = {
  name: string;
  median: number;
  unit: 'operations/s' | 'microseconds';
  /** What it is measured against, median of the same rounds. */
  bound: number;
  /** Median of the ratios of the rounds. */
  ratio: number;
  /** The ratio that is asked for; null where none is. */
  goal: number | null;
  met: boolean | null;
};

/** Answers operations a second. */
export type Contender = () => Promise<number> | number;

/** Runs the bound and the contenders in turns, `rounds` times after one that does not count. */
export async function measure(
  bound: Contender,
  contenders: { name: string; run: Contender; goal: number | null }[],
  rounds: number,
): Promise<Figure[]> {
  const bounds: number[] = [];
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { run }] of contenders.entries()) {
      const [before, rate, after] = [await bound(), await run(), await bound()];
      if (round === 0) continue;
      bounds.push((before + after) / 2);
      rates[index]?.push(rate);
    }
  }
  return contenders.map(({ name, goal }, index) => {
    const own = rates[index] ?? [];
    const ratio = median(own.map((rate, round) => rate / (bounds[round * contenders.length + index] ?? NaN)));
    return {
      ...{ name, median: rounded(median(own)), unit: 'operations/s' as const },
      ...{ bound: rounded(median(bounds)), ratio: Number(ratio.toFixed(2)) },
      ...{ goal, met: goal === null ? null : ratio >= goal },
    };
  });
}

/** Operations a second of `count` calls that `work` makes. */
export async function rateOf(count: number, work: () => Promise<void> | void): Promise<number> {
  const began = performance.now();
  await work();
  return (count / (performance.now() - began)) * 1000;
}

/** The same of one call after the other, at the median of how long each took: whatever else the machine does at times does not count. */
export async function rateOfMedian(count: number, call: () => Promise<void> | void): Promise<number> {
  const durations: number[] = [];
  for (let made = 0; made < count; made += 1) {
    const began = performance.now();
    await call();
    durations.push(performance.now() - began);
  }
  return 1000 / median(durations);
}

/** Three digits say enough. */
function rounded(rate: number): number {
  return rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(3));
}

/** Figures in Markdown. */
export function table(figures: Figure[]): string {
  const rows = figures.map(({ name, median, bound, ratio, goal, met }) => [
    ...[name, String(median), String(bound), ratio.toFixed(2)],
    ...[goal === null ? '' : goal.toFixed(2), met === null ? '' : met ? 'yes' : 'no'],
  ]);
  const lines = [['measured', 'per second', 'bound', 'ratio', 'goal', 'met'], ...rows];
  return [lines[0], ['---', '--:', '--:', '--:', '--:', '---'], ...lines.slice(1)]
    .map((line) => `| ${(line ?? []).join(' | ')} |`)
    .join('\n');
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
