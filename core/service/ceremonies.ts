import { join } from 'node:path';
import { scriptSha256 } from '../ceremony/check.ts';
import { makeOutputFolder, openOutput } from '../ceremony/output.ts';
import { Runner } from '../ceremony/runner.ts';
import { TokenSessions } from '../ceremony/token-sessions.ts';
import { summaryOf } from '../ceremony/view.ts';
import type { CeremonySummary } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { readTokenFile } from '../hsm/token-file.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { type Store, openStore } from '../store/open.ts';
import type { Changes } from './changes.ts';

type Parts = { data: string; changes: Changes; clock: () => Date; random: (length: number) => Uint8Array };

/** The ceremonies of one store: those under way are held open, one runner each. */
export class Ceremonies {
  readonly #parts: Parts;
  readonly #runners = new Map<string, Promise<Runner>>();
  readonly #sessions = new Set<TokenSessions>();
  #opened: Promise<{ store: Store; ledger: Ledger }> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
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

  /** Begins a ceremony whose script has been checked. OUTPUT_EXISTS and its like, CEREMONY_RUNNING, TOKEN_NOT_LIVE. */
  async begin({ text, out, tokenFile }: { text: string; out: string; tokenFile: string | null }): Promise<string> {
    const { ledger } = await this.#open();
    const token = tokenFile === null ? null : readTokenFile(tokenFile);
    const mode = token?.mode ?? 'training';
    const running = (await this.list()).find(({ status }) => status === 'running' || status === 'interrupted');
    if (running) throw new Refusal('CEREMONY_RUNNING', { ceremony: running.id });
    makeOutputFolder(out);
    const now = this.#parts.clock();
    const id = `${now.toISOString().slice(0, 10)}-${Buffer.from(this.#parts.random(4)).toString('hex')}`;
    const described = token
      ? `${token.location.token} (${token.location.kind === 'pkcs11' ? 'PKCS#11' : 'software'})`
      : 'Training token (software)';
    const body = { script: text, scriptSha256: scriptSha256(text), mode, out, tokenFile, token: described };
    await ledger.append({ kind: 'ceremony.begun', ceremony: id, body });
    this.#parts.changes.announce();
    return id;
  }

  /** The newest first. */
  async list(): Promise<CeremonySummary[]> {
    const ids = await this.#ids();
    const runners = await Promise.all(ids.map((id) => this.runner(id)));
    return runners.map(({ state }) => summaryOf(state)).reverse();
  }

  async latestOrganisation(): Promise<string | null> {
    const latest = (await this.#ids()).at(-1);
    return latest === undefined ? null : (await this.runner(latest)).state.script.organisation;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((sessions) => sessions.close()));
    if (this.#opened) await (await this.#opened).store.close();
  }

  async #ids(): Promise<string[]> {
    const { store } = await this.#open();
    const rows = await store.db
      .selectFrom('ledger')
      .select('ceremony')
      .where('kind', '=', 'ceremony.begun')
      .orderBy('seq')
      .execute();
    return rows.flatMap(({ ceremony }) => (ceremony === null ? [] : [ceremony]));
  }

  async #load(id: string): Promise<Runner> {
    const { store, ledger } = await this.#open();
    const { data, clock, random, changes } = this.#parts;
    const rows = await ledger.read({ ceremony: id });
    const begun = rows.find(({ kind }) => kind === 'ceremony.begun')?.body as
      { out: string; tokenFile: string | null; script: string } | undefined;
    if (!begun) throw new Refusal('CEREMONY_UNKNOWN', { ceremony: id });
    const over = rows.some(({ kind }) => kind === 'ceremony.completed' || kind === 'ceremony.aborted');
    // The token file of a finished ceremony may be gone: nothing is opened any more.
    const tokenFile = begun.tokenFile === null || over ? null : readTokenFile(begun.tokenFile);
    const sessions = new TokenSessions(tokenFile, join(data, 'tokens', id), random);
    this.#sessions.add(sessions);
    return Runner.load(id, {
      data,
      clock,
      random,
      store,
      ledger,
      output: openOutput(begun.out),
      sessions,
      changed: () => {
        changes.announce();
      },
    });
  }

  #open(): Promise<{ store: Store; ledger: Ledger }> {
    this.#opened ??= openStore(this.#parts.data).then((store) => ({
      store,
      ledger: openLedger(store, this.#parts.clock),
    }));
    // A store that would not open may open later.
    this.#opened.catch(() => (this.#opened = null));
    return this.#opened;
  }
}
