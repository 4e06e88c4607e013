import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cheapScript } from '../cli/claviger.ts';
import { ANSWERS, REPOSITORY } from '../shipped.ts';
import { type Place, test as base } from './application.ts';

/** A store in which root-and-issuing was done, where other ceremonies begin. */
export type Ground = Place & {
  /** The folder of what the root's ceremony made. */
  root: string;
  /** The text of its checkpoint on paper. */
  checkpoint: string;
};

/** In memory where there is such a place: what is tried here is the window, not the disk. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

type Made = { live: string; saved: string };

/** The root is made once by each worker, by the command line, and copied back before each test: a ledger names absolute paths. */
export const test = base.extend<{ ground: Ground }, { made: Made }>({
  made: [
    async ({}, use) => {
      const home = mkdtempSync(join(MEMORY, 'claviger-window-ground-'));
      const [live, saved] = [join(home, 'live'), join(home, 'saved')];
      mkdirSync(live);
      const folders = ['--data', join(live, 'data'), '--out', join(live, 'root')];
      const run = ['ceremony', 'run', cheapScript(home), ...folders, '--answers', ANSWERS];
      execFileSync(join(REPOSITORY, 'core/cli/claviger.js'), run, { stdio: 'pipe' });
      copy(live, saved);
      await use({ live, saved });
      rmSync(home, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  ground: async ({ made: { live, saved } }, use) => {
    rmSync(live, { recursive: true, force: true });
    copy(saved, live);
    const root = join(live, 'root');
    const checkpoint = readFileSync(join(root, 'checkpoint.txt'), 'utf8');
    await use({ folder: live, data: join(live, 'data'), out: join(live, 'out'), root, checkpoint });
  },
});

function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
