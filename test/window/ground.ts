import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { cheapScript } from '../cli/claviger.ts';
import { sampleAnswers, scriptText } from '../crash/shipped.ts';
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

/** Walks a shipped ceremony on this ground, by core alone, to the step that a test begins with; it waits there for the window. */
export async function walkBefore({ folder, data, out, checkpoint }: Ground, name: string, step: string): Promise<void> {
  const script = join(folder, 'script.yaml');
  writeFileSync(script, scriptText(name));
  const core = CoreProcess.start({ data });
  try {
    let view = valueOf(await core.call('ceremony.begin', { script, out, checkpoint }));
    while (view.current && view.current.id !== step) {
      await giveAnswers(core, view, answersResponder(sampleAnswers(name)));
      view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current.id }));
    }
  } finally {
    await core.close();
  }
}

function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
