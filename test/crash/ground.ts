import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SoftwareToken } from '../../core/hsm/software/software-token.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN } from '../hsm/softhsm.ts';
import { type Kill, NO_KILL, type RunningCore, startWithPoints } from './running-core.ts';
import { type Job, sampleAnswers, scriptText } from './shipped.ts';

/** In memory where there is such a place: SIGKILL leaves the kernel's cache as it is, so a disk would show nothing more. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Everything that a ceremony works on, in one folder that can be put back as it was: store, output, tokens. */
export class Ground {
  readonly #home = mkdtempSync(join(MEMORY, 'claviger-crash-'));
  readonly live = join(this.#home, 'live');
  readonly data = join(this.live, 'data');
  readonly tokenFile: string;
  readonly #softHsm: string;
  readonly #code: string;
  #cores = 0;

  /** `code` is the folder of compiled(). */
  constructor({ token, born }: Job, code: string) {
    this.#code = code;
    mkdirSync(this.live);
    this.#softHsm = join(this.#home, 'softhsm2.conf');
    const tokens = join(this.live, 'softhsm');
    mkdirSync(tokens);
    writeFileSync(this.#softHsm, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
    if (token === 'softhsm' && !born) {
      for (const label of ['ceremony', 'rehearsal']) {
        const pins = ['--pin', USER_PIN, '--so-pin', SECURITY_OFFICER_PIN];
        this.run('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins]);
      }
      this.tokenFile = writeTokenFile(this.#home);
    } else {
      if (token === 'software') cheapToken(join(this.live, 'token'));
      this.tokenFile = join(this.#home, 'token.yaml');
      const where = token === 'software' ? `software: ${join(this.live, 'token')}` : `module: ${SOFTHSM_MODULE}`;
      writeFileSync(this.tokenFile, `${where}\ntoken: ceremony\npin: prompt\n`);
    }
  }

  /** The output folder of a ceremony. */
  out(script: string): string {
    return join(this.live, `out-${script}`);
  }

  script(name: string): string {
    const path = join(this.#home, `${name}.yaml`);
    writeFileSync(path, scriptText(name));
    return path;
  }

  /** Another program on this ground's tokens. */
  run(program: string, words: string[]): string {
    const env = { ...process.env, SOFTHSM2_CONF: this.#softHsm };
    return execFileSync(program, words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }

  start(kill: Kill = NO_KILL): RunningCore {
    // A child takes this process's environment as it is now.
    process.env['SOFTHSM2_CONF'] = this.#softHsm;
    return startWithPoints(this.#code, this.data, join(this.#home, `points-${++this.#cores}.log`), kill);
  }

  /** Nothing is left but the files of the ceremonies. */
  burn(): void {
    rmSync(this.data, { recursive: true });
    const token = join(this.live, 'token');
    rmSync(token, { recursive: true });
    cheapToken(token);
  }

  save(name: string): void {
    rmSync(join(this.#home, name), { recursive: true, force: true });
    copy(this.live, join(this.#home, name));
  }

  restore(name: string): void {
    rmSync(this.live, { recursive: true, force: true });
    copy(join(this.#home, name), this.live);
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** A folder with all that is in it, modes and times included: node:fs gives every folder the mode of a new one. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}

/** An empty software token whose PIN costs as little as is allowed. */
export function cheapToken(folder: string): void {
  const token = new SoftwareToken(folder, 'ceremony', { memoryKiB: 7168, passes: 5, parallelism: 1 });
  const pin = sampleAnswers('root-and-issuing').pin ?? '';
  token.login(new TextEncoder().encode(pin), null);
  token.close();
}
