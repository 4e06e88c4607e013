import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Answers } from '../../core/cli/answers.ts';
import { sameDevice } from '../../core/ceremony/disk.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { sampleAnswers, scriptText } from '../crash/shipped.ts';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { toStep } from './after-root.ts';

/**
 * Where shipped ceremonies are done as they are live: a PKCS#11 token, two media (a disk and memory), and the machine's checks as strict as they are then.
 */
export type LiveRoom = {
  folder: string;
  medium: string;
  /** A whole ceremony, of which every file lies on both media. `trusted`: what openssl is told of whoever signed its transcript. */
  live: (
    name: string,
    data: string,
    begin: object,
    given: Partial<Answers>,
    trusted: string[],
  ) => Promise<CeremonyView>;
  /** Saves the tokens, which are empty at first under that name, and with them a store. */
  keep: (what: string, data: string) => void;
  putBack: (what: string, data: string) => void;
  remove: () => void;
};

export function liveRoom(): LiveRoom {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-live-'));
  const medium = mkdtempSync('/dev/shm/claviger-live-');
  expect(sameDevice(folder, medium)).toBe(false);
  const hsm = makeSoftHsm(['ceremony', 'rehearsal']);
  const tokens = join(hsm.folder, 'tokens');
  const token = writeTokenFile(folder, (text) => `mode: live\n${text}`);
  mkdirSync(join(folder, 'empty'));
  copy(tokens, join(folder, 'empty/tokens'));
  return {
    ...{ folder, medium },
    async live(name, data, begin, given, trusted) {
      const script = join(folder, `${name}.yaml`);
      writeFileSync(script, scriptText(name));
      const [out, second] = [join(folder, name), join(medium, name)];
      const core = CoreProcess.start({ data });
      try {
        const begun = valueOf(await core.call('ceremony.begin', { script, out, copy: second, token, ...begin }));
        expect(begun.mode).toBe('live');
        const view = await toStep(core, begun, null, { ...sampleAnswers(name), ...given });
        expect(view.status).toBe('completed');
        execFileSync('diff', ['-r', out, second]);
        const words = ['-inform', 'DER', '-in', 'transcript.json.p7s', '-content', 'transcript.json'];
        execFileSync('openssl', ['cms', '-verify', ...words, ...trusted, '-out', '/dev/null'], {
          ...{ cwd: out, stdio: 'pipe' },
        });
        return view;
      } finally {
        await core.close();
      }
    },
    keep(what, data) {
      mkdirSync(join(folder, what));
      copy(tokens, join(folder, what, 'tokens'));
      copy(data, join(folder, what, 'data'));
    },
    putBack(what, data) {
      rmSync(data, { recursive: true, force: true });
      rmSync(tokens, { recursive: true });
      copy(join(folder, what, 'tokens'), tokens);
      if (what !== 'empty') copy(join(folder, what, 'data'), data);
    },
    remove() {
      hsm.remove();
      for (const path of [folder, medium]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** With its modes: a store that others may read is refused. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
