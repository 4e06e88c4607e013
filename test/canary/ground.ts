import { execFileSync, spawn } from 'node:child_process';
import {
  type FSWatcher,
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import { nodeBinary } from '../../core/process/node-binary.js';
import { SOFTHSM_MODULE } from '../hsm/softhsm.ts';
import { REPOSITORY } from '../shipped.ts';
import { type Marked, mark } from './marked.ts';

export type Said = { status: number | null; stdout: string; stderr: string };

/**
 * The machine of a ceremony, in one folder. `left` is everything that a run can leave: store, output, second medium, home,
 * temporary folder, SoftHSM's tokens. `said` is what its processes said, to each other and to us. Both are searched. What a
 * test brings (answers, PIN files, scripts) lies beside them.
 */
export class Ground {
  readonly home = mkdtempSync(join(tmpdir(), 'claviger-canary-'));
  readonly left = join(this.home, 'left');
  readonly said = join(this.home, 'said');
  readonly #brought = join(this.home, 'brought');
  readonly #heard = join(this.home, 'heard');
  readonly data = join(this.left, 'data');
  readonly marked: Marked = mark();
  /** What happened in the temporary folder: a file that came and went, too. */
  readonly temporary: string[] = [];
  readonly #watcher: FSWatcher;
  #runs = 0;

  constructor() {
    for (const name of ['left', 'said', 'brought', 'left/home', 'left/tmp', 'left/work', 'left/softhsm']) {
      mkdirSync(join(this.home, name));
    }
    writeFileSync(this.#heard, '');
    writeFileSync(
      join(this.#brought, 'softhsm2.conf'),
      `directories.tokendir = ${join(this.left, 'softhsm')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    this.#watcher = watch(join(this.left, 'tmp'), (_, name) => this.temporary.push(String(name)));
  }

  /** Everything that went over a secret channel: the typed, and PINs that core made up. */
  get heard(): Uint8Array[] {
    const lines = readFileSync(this.#heard, 'utf8').split('\n').filter(Boolean);
    return [...new Set(lines)].map((line) => new Uint8Array(Buffer.from(line, 'hex')));
  }

  /** A file of the test's own, which nobody searches. */
  bring(name: string, text: string): string {
    const path = join(this.#brought, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** A shipped script, changed where the caller says so. */
  script(name: string, change: (text: string) => string = (text) => text): string {
    const text = readFileSync(join(REPOSITORY, 'resources/ceremonies', `${name}.yaml`), 'utf8');
    return this.bring(`${name}.yaml`, change(text));
  }

  answers(name: string, answers: Answers): string {
    return this.bring(`answers-${name}.yaml`, stringify(answers));
  }

  /** Two SoftHSM tokens with marked PINs, and a token file whose PINs lie in files; the user's is typed in parts. */
  softHsm(): string {
    const { pin, securityOfficerPin } = this.marked;
    for (const label of ['ceremony', 'rehearsal']) {
      const pins = ['--pin', pin, '--so-pin', securityOfficerPin];
      execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins], {
        env: this.#environment,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    }
    this.bring('pin', `${pin}\n`);
    this.bring('so-pin', `${securityOfficerPin}\n`);
    const places = [
      'token: ceremony\npin: { parts: 2 }\nsecurityOfficerPin: { file: so-pin }\n',
      'rehearsal:\n  token: rehearsal\n  pin: { file: pin }\n  securityOfficerPin: { file: so-pin }\n',
    ];
    return this.bring('token.yaml', `module: ${SOFTHSM_MODULE}\n${places.join('')}`);
  }

  /** A token file for a token that is yet to be made, its PINs typed. */
  newToken(): string {
    return this.bring('born.yaml', `module: ${SOFTHSM_MODULE}\ntoken: born\npin: prompt\n`);
  }

  get #environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      HOME: join(this.left, 'home'),
      TMPDIR: join(this.left, 'tmp'),
      SOFTHSM2_CONF: join(this.#brought, 'softhsm2.conf'),
      NODE_OPTIONS: `--import ${join(import.meta.dirname, 'listen.ts')}`,
      CANARY_SAID: this.said,
      CANARY_HEARD: this.#heard,
      CANARY_SOCKET: join(this.left, 'run.sock'),
    };
  }

  /**
   * Runs the command line, or another program of ours over core, and keeps what it says. `listen`: also what its processes say to each other; not where a holder is among
   * them, whose channel carries secrets in another form.
   */
  async run(
    words: string[],
    program = join(REPOSITORY, 'core/cli/claviger.js'),
    { listen = true }: { listen?: boolean } = {},
  ): Promise<Said> {
    const { NODE_OPTIONS, ...quiet } = this.#environment;
    const child = spawn(nodeBinary(), [program, ...words], {
      env: listen ? { ...quiet, ...(NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS }) } : quiet,
      cwd: join(this.left, 'work'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const number = ++this.#runs;
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        chunks[name].push(chunk);
        appendFileSync(join(this.said, `run-${number}.${name}`), chunk);
      });
    }
    const status = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    const text = (parts: Buffer[]) => Buffer.concat(parts).toString();
    return { status, stdout: text(chunks.stdout), stderr: text(chunks.stderr) };
  }

  out(name: string): string {
    return join(this.left, `out-${name}`);
  }

  /** Where the newest ceremony left its checkpoint on paper. */
  checkpoint: string[] = [];

  /** Walks a ceremony to its end by the command line, onto two media. */
  async walk(name: string, options: { script: string; answers: Answers; token?: string | undefined }): Promise<void> {
    const { script, answers, token } = options;
    const out = this.out(name);
    const said = await this.run([
      ...['ceremony', 'run', script, '--data', this.data, '--out', out, '--copy', `${out}-copy`],
      ...['--answers', this.answers(name, answers), ...(token === undefined ? [] : ['--token', token])],
      ...this.checkpoint,
    ]);
    if (said.status !== 0) throw new Error(`${name} ended with ${said.status ?? '?'}\n${said.stdout}\n${said.stderr}`);
    if (existsSync(join(out, 'checkpoint.txt.p7s'))) this.checkpoint = ['--checkpoint', join(out, 'checkpoint.txt')];
  }

  /** The store is gone, and the training token in it; both are still searched. */
  burn(): void {
    renameSync(this.data, join(this.left, 'burnt'));
    this.checkpoint = [];
  }

  remove(): void {
    this.#watcher.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
