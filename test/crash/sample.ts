import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../shipped.ts';

/** What draws the samples of points: CRASH_SEED, or core's sources, so that what has changed is tried elsewhere, and the same again at the same points. */
export const SEED = process.env['CRASH_SEED'] ?? digestOfSources();

/** A number from 1 to `count` that `what` stands for under this seed. */
export function drawn(what: string, count: number): number {
  const chance = createHash('sha256').update(`${SEED} ${what}`).digest();
  return (chance.readUInt32BE(0) % count) + 1;
}

function digestOfSources(): string {
  const hash = createHash('sha256');
  const files = globSync(['core/**/*.ts', 'resources/ceremonies/*.yaml'], { cwd: REPOSITORY, exclude: ['core/dist'] });
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(REPOSITORY, file)));
  return hash.digest('hex').slice(0, 8);
}
