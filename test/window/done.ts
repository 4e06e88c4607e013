import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cheapScript } from '../cli/claviger.ts';
import { ANSWERS, REPOSITORY } from '../shipped.ts';
import { test as base } from './application.ts';

/** A store in which a ceremony was done before the window opens. */
export const test = base.extend({
  place: async ({ place }, use) => {
    const script = cheapScript(place.folder);
    const run = ['ceremony', 'run', script, '--data', place.data, '--out', place.out, '--answers', ANSWERS];
    execFileSync(join(REPOSITORY, 'core/cli/claviger.js'), run, { stdio: 'pipe' });
    await use(place);
  },
});

export { expect } from './application.ts';
