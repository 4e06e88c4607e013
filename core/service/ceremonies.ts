import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkToken, scriptSha256 } from '../ceremony/check.ts';
import { makeOutputFolders, openOutput } from '../ceremony/output.ts';
import { Runner, stateOf } from '../ceremony/runner.ts';
import { parseScript } from '../ceremony/script.ts';
import { say } from '../ceremony/say.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import { TokenSessions } from '../ceremony/token-sessions.ts';
import { previousCheckpoint } from '../ceremony/previous-checkpoint.ts';
import { trainingTokenFor } from '../ceremony/training-token.ts';
import { Refusal } from '../contract/errors.ts';
import type { Locale } from '../contract/messages/locale.ts';
import { type TokenFile, readTokenFile } from '../hsm/token-file.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Changes } from './changes.ts';
import { OpenedStore } from './opened-store.ts';

type Parts = { data: string; changes: Changes; clock: () => Date; random: (length: number) => Uint8Array };

/** `out` and `copy`: new folders, the second on another medium. */
type Wanted = {
  text: string;
  out: string;
  copy: string | null;
  tokenFile: string | null;
  language?: Locale;
  /** From the paper of the ceremony before, or why nobody has it. */
  checkpoint: { paper: string } | { lost: string } | null;
};

/** The ceremonies of one store: those under way are held open, one runner each. */
export class Ceremonies {
  readonly #parts: Parts;
  readonly #store: OpenedStore;
  readonly #runners = new Map<string, Promise<Runner>>();
  readonly #sessions = new Set<TokenSessions>();
  #beginning: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts, store = new OpenedStore(parts)) {
    this.#parts = parts;
    this.#store = store;
  }

  /** A ceremony by its id, read from the ledger at its first use. CEREMONY_UNKNOWN. */
  runner(id: string): Promise<Runner> {
    const existing = this.#runners.get(id);
    if (existing) return existing;
    const loading = this.#load(id);
    this.#runners.set(id, loading);
    // A failed load is tried again the next time.
    loading.catch(() => this.#runners.delete(id));
    return loading;
  }

  /** Begins a ceremony whose script has been checked. OUTPUT_EXISTS and its like, CEREMONY_RUNNING, PREFLIGHT_MISSING, TOKEN_NOT_LIVE. */
  begin(wanted: Wanted): Promise<string> {
    // One after the other: of two that begin at once the second finds the first.
    const begun = this.#beginning.then(() => this.#begin(wanted));
    this.#beginning = begun.catch(() => undefined);
    return begun;
  }

  async #begin({ text, out, copy, tokenFile, language = 'en', checkpoint }: Wanted): Promise<string> {
    const { store, ledger } = await this.#store.opened();
    if (store.shared) throw new Refusal('STORE_SHARED', { what: 'ceremony run' });
    const token = tokenFile === null ? null : readTokenFile(tokenFile);
    if (token) checkToken(parseScript(text, 'script'), token);
    const mode = token?.mode ?? 'training';
    const past = await this.#store.ceremonies();
    const running = past.find(({ status }) => status !== 'completed' && status !== 'aborted');
    if (running) throw new Refusal('CEREMONY_RUNNING', { ceremony: running.id });
    if (mode === 'live' && copy === null) throw new Refusal('SECOND_MEDIUM_MISSING');
    const other = past.find((state) => state.mode !== mode);
    if (other) throw new Refusal('STORE_OF_OTHER_MODE', { mode: other.mode });
    const previous = await previousCheckpoint(ledger, mode, checkpoint);
    const now = this.#parts.clock();
    const id = `${now.toISOString().slice(0, 10)}-${Buffer.from(this.#parts.random(4)).toString('hex')}`;
    await makeOutputFolders(id, out, copy);
    const trainingToken = token ? null : trainingTokenFor(parseScript(text, 'script'), past);
    const body = {
      script: text,
      scriptSha256: scriptSha256(text),
      mode,
      language,
      out,
      copy,
      previous,
      after: (await ledger.read({ limit: 1 }))[0]?.at ?? null,
      tokenFile: tokenFile === null ? null : { path: tokenFile, sha256: fileSha256(tokenFile) },
      token: token
        ? `${token.location.token} (${token.location.kind === 'pkcs11' ? 'PKCS#11' : 'software'})`
        : say({ language }, 'token.training'),
      ...(trainingToken === null ? {} : { trainingToken }),
    };
    await ledger.append([{ kind: 'ceremony.begun', ceremony: id, body }]);
    this.#parts.changes.announce();
    return id;
  }

  async ledger(): Promise<Ledger> {
    return this.#store.ledger();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((sessions) => sessions.close()));
    await this.#store.close();
  }

  async #load(id: string): Promise<Runner> {
    const { store, ledger } = await this.#store.opened();
    const { data, clock, random, changes } = this.#parts;
    const state = stateOf(id, await ledger.read({ ceremony: id }));
    const folderOf = (ceremony: string) => join(data, 'tokens', ceremony);
    const folders = { own: folderOf(id), training: folderOf(state.trainingToken ?? id) };
    const sessions = new TokenSessions(() => sameTokenFile(state), folders, random);
    this.#sessions.add(sessions);
    return new Runner(state, {
      data,
      clock,
      random,
      store,
      ledger,
      output: openOutput(id, state.out, state.copy),
      sessions,
      changed: () => {
        changes.announce();
      },
    });
  }
}

/** The token file that the ceremony began with. FILE_MISSING, TOKEN_FILE_CHANGED. */
function sameTokenFile({ tokenFile }: CeremonyState): TokenFile | null {
  if (tokenFile === null) return null;
  const token = readTokenFile(tokenFile.path);
  if (fileSha256(tokenFile.path) !== tokenFile.sha256)
    throw new Refusal('TOKEN_FILE_CHANGED', { path: tokenFile.path });
  return token;
}

function fileSha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
