import { join } from 'node:path';
import { TOTP, URI } from 'otpauth';
import { Refusal } from '../../core/contract/errors.ts';
import type { Right, Scope, SecretIdentity } from '../../core/contract/vault.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import type { KmsProvider } from '../../core/kms/provider.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { type Store, openStore } from '../../core/store/open.ts';
import { SecretCache } from '../../core/vault/cache.ts';
import { grant } from '../../core/vault/grants.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { Vault, checkKey, initialiseVault } from '../../core/vault/vault.ts';

/** A vault with people and services, on a clock that a test turns. */

export const bytes = (text: string) => new TextEncoder().encode(text);
export const textOf = (value: Uint8Array) => new TextDecoder().decode(value);
export const PASSWORD = 'correct horse battery staple';
export const ORIGIN = { address: 'pipe', agent: 'test' };
const KEY_ID = '7d444840-9dc0-41d1-b245-5ffdce74fad2';
const EVERYWHERE: Scope = { owner: '*', environment: '*', name: '*' };

export const DATABASE: SecretIdentity = { owner: 'billing', environment: 'production', name: 'db/main' };

export class Clock {
  #now = new Date('2026-11-22T12:00:00.000Z').getTime();
  readonly read = () => new Date(this.#now);
  minutes(count: number): void {
    this.#now += count * 60_000;
  }
}

/** The refusal that some work ends with. */
export async function refusal(work: () => Promise<unknown>): Promise<Refusal> {
  const found = await work().then(
    () => null,
    (error: unknown) => error,
  );
  if (found instanceof Refusal) return found;
  throw found instanceof Error ? found : new Error('nothing was refused');
}

/** A cache whose time is the test's. */
type MakeCache = (now: () => number) => SecretCache;

export type SampleVault = {
  vault: Vault;
  store: Store;
  clock: Clock;
  /** The administrator's codes. */
  totp: TOTP;
  /** Somebody who was granted these rights. */
  somebody: (
    name: string,
    rights: Right[],
    options?: { scope?: Scope; system?: boolean; kind?: 'person' | 'service' },
  ) => Promise<Caller>;
  caller: (name: string) => Promise<Caller>;
  /** The same store and key in another holder. */
  again: () => Promise<SampleVault>;
  close: () => Promise<void>;
};

/** Makes a data folder before its store is opened for the first time: empty, for a database of its own, where nothing else is said (on-postgres.ts). */
let prepareData: (data: string) => Promise<void> = () => Promise.resolve();
export function prepareDataBy(prepare: typeof prepareData): void {
  prepareData = prepare;
}
export const preparedData = (data: string) => prepareData(data);

export async function sampleVault(
  home: string,
  options: { kms?: KmsProvider; mode?: 'training' | 'live'; place?: string; cache?: MakeCache } = {},
): Promise<SampleVault> {
  const clock = new Clock();
  const kms = options.kms ?? ownKey();
  await prepareData(join(home, 'data'));
  const opened = await holder(home, clock, kms, options);
  const uri = await initialiseVault(
    opened.vault.parts,
    { place: options.place ?? 'test', administrator: 'ada', password: bytes(PASSWORD) },
    ORIGIN,
  );
  return { ...opened, totp: URI.parse(textOf(uri)) as TOTP };
}

/** 32 bytes that are no key anywhere else. */
const ownKey = () => new LocalKms(KEY_ID, guardedCopy(bytes('a key-encryption key for testing')));

/** The vault that `sampleVault` made there, in another process. */
export const openedVault = (home: string, clock: Clock) => holder(home, clock, ownKey());

async function holder(
  home: string,
  clock: Clock,
  kms: KmsProvider,
  { mode = 'training', cache = (now) => new SecretCache(now) }: { mode?: 'training' | 'live'; cache?: MakeCache } = {},
): Promise<Omit<SampleVault, 'totp'>> {
  const store = await openStore(join(home, 'data'));
  const ledger = openLedger(store, clock.read, KINDS);
  const vault = new Vault(
    { store, ledger, kms, clock: clock.read, mode },
    cache(() => clock.read().getTime()),
  );
  const caller = async (name: string): Promise<Caller> => {
    const { id, kind, system } = await store.db
      .selectFrom('vault_principal')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return { principal: { id, name, kind, system: system !== 0 }, ...ORIGIN };
  };
  return {
    ...{ vault, store, clock, caller },
    async somebody(name, rights, { scope = EVERYWHERE, system = false, kind = 'service' } = {}) {
      const ada = await caller('ada');
      await vault.principals.add(ada, { name, kind, system });
      if (rights.length > 0) await grant(vault.parts, ada, { subject: name, scope, rights, expiresAt: null });
      return caller(name);
    },
    async again() {
      await store.close();
      const opened = await holder(home, clock, kms, { mode, cache });
      await checkKey(opened.store, kms);
      return { ...opened, totp: new TOTP() };
    },
    close: () => store.close(),
  };
}
