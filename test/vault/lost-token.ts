import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import { stringify } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { SecretBox } from '../../core/process/secret-channel.ts';
import { Changes } from '../../core/service/changes.ts';
import { handlersOf } from '../../core/service/handlers.ts';
import type { Credential, Peer } from '../../core/service/peer.ts';
import { claviger } from '../cli/claviger.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { answersOf } from '../service/after-root.ts';
import { REPOSITORY } from '../shipped.ts';
import { openPipe } from './open-pipe.ts';
import { Clock, PASSWORD, bytes, textOf } from './sample-vault.ts';

/** A vault on the key of a shipped ceremony, in SoftHSM, its backup, and what lies elsewhere: sheets, and a medium without them. */

export const shipped = (name: string) => join(REPOSITORY, 'resources/ceremonies', `${name}.yaml`);
export const peer = (address: string, credential: Credential | null = null): Peer => ({
  ...{ address, agent: 'test', credential },
});

/** Two that can be read, and two of which a candidate is tried. */
export const READABLE = [
  ['db/main', 'database-password'],
  ['tls/www', 'node-certificate-key'],
] as const;
export const TRIED = [
  ['login', 'user-password'],
  ['api', 'api-token'],
] as const;
export const identity = (name: string) => ({ owner: 'billing', environment: 'production', name }) as const;
const valueOf = (name: string) => `value of ${name}`;

/** The service layer over a store, as a face has it. */
export function serviceOf(data: string, clock: Clock) {
  const box = new SecretBox(openPipe());
  const parts = { data, box, changes: new Changes(), clock: clock.read, random: () => new Uint8Array(4) };
  const core = handlersOf(parts);
  const keep = (text: string) => box.keep(guardedCopy(bytes(text)));
  return { ...core, keep, taken: async (ticket: string) => textOf(await box.take(ticket)) };
}
export type Service = ReturnType<typeof serviceOf>;

export class LostToken {
  readonly #softHsm = makeSoftHsm(['ceremony', 'rehearsal', 'new', 'newest']);
  readonly #home = mkdtempSync(join(tmpdir(), 'claviger-lost-token-'));
  readonly clock = new Clock();
  readonly ada = peer('pipe');
  #totp: TOTP | null = null;
  #bearer: Uint8Array = bytes('');

  at(name: string): string {
    return join(this.#home, name);
  }

  /** The ceremony of the vault's key, in the store that the vault will be in; then one medium as it is kept. */
  async ceremony(): Promise<void> {
    const text = readFileSync(shipped('vault-initialisation'), 'utf8');
    const cheap = text.replace('{ label: vault-master-2026 }', '{ label: vault-master-2026, scryptLog2N: 10 }');
    if (cheap === text) throw new Error('the shipped script no longer has the line that is made cheap');
    writeFileSync(this.at('made.yaml'), cheap);
    const answers = join(REPOSITORY, 'resources/ceremonies/answers/vault-initialisation.yaml');
    const words = [this.at('made.yaml'), '--data', this.at('data'), '--out', this.at('made'), '--answers', answers];
    await this.said('ceremony', 'run', ...words, '--token', writeTokenFile(this.#home));
    mkdirSync(this.at('medium'));
    for (const name of readdirSync(this.at('made'))) {
      if (name === 'sheets' || name === 'passphrases.txt') continue;
      cpSync(join(this.at('made'), name), join(this.at('medium'), name), { recursive: true });
    }
  }

  /** A vault on that key, somebody who uses it, and its secrets. */
  async vault(core: Service): Promise<void> {
    const { handlers, keep, taken } = core;
    const key = { token: this.at('token.yaml'), label: 'vault-kek-2026' };
    const password = keep(PASSWORD);
    const made = await handlers['vault.initialise']({ key, administrator: 'ada', password }, this.ada);
    this.#totp = URI.parse(await taken(made.ticket)) as TOTP;
    await this.login(core);
    await handlers['vault.addPrincipal']({ name: 'billing', kind: 'service', system: true }, this.ada);
    const scope = { owner: 'billing', environment: '*', name: '*' } as const;
    await handlers['vault.grant']({ name: 'billing', scope, rights: ['READ', 'WRITE'] }, this.ada);
    this.#bearer = bytes(await taken((await handlers['vault.issueToken']({ name: 'billing' }, this.ada)).ticket));
    for (const [name, category] of [...READABLE, ...TRIED]) await this.put(core, name, category);
  }

  async put({ handlers, keep }: Service, name: string, category: string): Promise<void> {
    await handlers['vault.put']({ ...identity(name), category, value: keep(valueOf(name)) }, this.billing());
  }

  /** Ada, whose code counts once. */
  async login({ handlers, keep }: Service): Promise<void> {
    this.clock.minutes(1);
    const code = this.#totp?.generate({ timestamp: this.clock.read().getTime() }) ?? '';
    await handlers['vault.login']({ name: 'ada', password: keep(PASSWORD), code }, this.ada);
  }

  billing(): Peer {
    return peer('unix:1000', { token: guardedCopy(this.#bearer) });
  }

  /** What of all secrets opens to what was stored. */
  async opened({ handlers, keep, taken }: Service): Promise<string[]> {
    const found: string[] = [];
    const purpose = 'after the recovery';
    for (const [name] of READABLE) {
      const { ticket } = await handlers['vault.get']({ ...identity(name), purpose }, this.billing());
      if ((await taken(ticket)) === valueOf(name)) found.push(name);
    }
    for (const [name] of TRIED) {
      await handlers['vault.verify']({ ...identity(name), purpose, value: keep(valueOf(name)) }, this.billing());
      found.push(name);
    }
    return found;
  }

  lose(token: string): void {
    execFileSync('softhsm2-util', ['--delete-token', '--token', token], { stdio: 'ignore' });
  }

  /** The file of another token than the first. */
  tokenFile(token: string): string {
    const path = this.at(`${token}.yaml`);
    writeFileSync(path, readFileSync(this.at('token.yaml'), 'utf8').replace('token: ceremony', `token: ${token}`));
    return path;
  }

  /** A file that holds one. */
  secret(name: string): string {
    const path = this.at(name);
    writeFileSync(path, `a ${name} for what is begun anew`, { mode: 0o600 });
    return path;
  }

  /** Answers to the recovery, in a file: the medium that was kept, and the sheets of those who come. */
  answers(change: (answers: Answers) => Answers = (answers) => answers): string {
    const path = this.at('answers.yaml');
    const sheets = [2, 4, 5].map((share) => [`share-${share}`, this.at(`made/sheets/share-${share}.pdf`)]);
    const texts = { medium: this.at('medium'), ...(Object.fromEntries(sheets) as Record<string, string>) };
    writeFileSync(path, stringify(change({ ...answersOf('vault-recovery'), texts })));
    return path;
  }

  /** What a sheet has to type, line by line, as its paper says it. */
  typed(share: number): string {
    const paper = execFileSync('pdftotext', ['-layout', this.at(`made/sheets/share-${share}.pdf`), '-']).toString();
    const lines = [...paper.matchAll(/^ *(?:\d +)?((?:[0-9A-Z]{3,4} +){3,5}[0-9A-Z]{2})$/gm)].map(
      ([, line = '']) => line,
    );
    return lines.map((line) => line.replaceAll(/ +/g, ' ')).join('\n');
  }

  /** A command's standard output; it ends well. */
  async said(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await claviger(words);
    if (status !== 0) throw new Error(`${words.join(' ')}\n${stderr}`);
    return stdout;
  }

  remove(): void {
    this.#softHsm.remove();
    rmSync(this.#home, { recursive: true });
  }
}
