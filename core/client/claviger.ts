import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import pRetry from 'p-retry';
import { ERRORS, Refusal } from '../contract/errors.ts';
import type { DataKeys } from '../vault/data-keys.ts';
import { decryptField, encryptField } from '../vault/field.ts';
import type { Environment, SecretIdentity } from '../contract/vault.ts';
import { ValueCache } from './cache.ts';
import { isDevelopment } from './development.ts';
import { Secret } from './secret.ts';
import { type Place, Transport, type VaultAnswer, type VaultInput } from './transport.ts';

/** The package's entry: secrets of a vault, for programs. It is a client of the holder, and has neither store nor key. */

export { Refusal, Secret };
export { encryptColumn } from '../vault/encrypt-column.ts';
export { decryptFile, encryptFile } from '../vault/file.ts';
export type { DataKeys };
export type { Environment };

export type ConnectOptions = {
  /** A socket, or a host with certificates. Without it CLAVIGER_VAULT_SOCKET says where. */
  place?: Exclude<Place, { channel: unknown }>;
  /** A service's token, as bytes, or the file that has it; without one the user or the certificate of this process counts. */
  token?: Uint8Array | { file: string };
  /** What this program is called in the ledger. */
  agent?: string;
};

type As = { secret: Secret; bytes: Uint8Array; text: string; json: unknown };

export type GetOptions<A extends keyof As> = {
  owner: string;
  environment: Environment;
  purpose?: string;
  /** `previous`: the one before the newest, as long as policy lets it count. */
  version?: number | 'previous';
  /** `secret` where nothing is said. */
  as?: A;
  /** Where there is no such secret, or none for this program (VAULT_REFUSED). */
  default?: As[A];
  /** Not from the cache. */
  forceRefresh?: boolean;
  /** Five minutes where nothing is said (milliseconds). What policy does not let be cached never is. */
  cacheTtlMs?: number;
};

/** Under which name data keys are made and opened: grants of WRITE and READ there say who may. Nothing is stored under it. */
export type KeyName = SecretIdentity & { purpose?: string };
/** `context`: what the value is bound to, such as table and row; never secret. It opens with the same alone. */
export type FieldOptions = KeyName & { context: Record<string, string> };

const CACHE_TTL_MS = 5 * 60_000;
const TOKEN_LIMIT = 200;
/** Exponential backoff with jitter: some three seconds in all. */
const RETRY = { retries: 4, factor: 2, minTimeout: 100, maxTimeout: 5000, randomize: true };

/** FILE_MISSING, INPUT_INVALID. Nothing is sent before the first secret is asked for. */
export function connect({ place, token, agent = 'library' }: ConnectOptions = {}): Connection {
  const socket = process.env['CLAVIGER_VAULT_SOCKET'];
  const found = place ?? (socket === undefined || socket === '' ? null : { socket });
  if (!found && !isDevelopment()) throw new Refusal('INPUT_INVALID', { detail: 'where the vault is' });
  return new Connection(found && new Transport(found, agent), token === undefined ? null : bearerOf(token));
}

export class Connection {
  readonly #transport: Transport | null;
  readonly #bearer: Uint8Array | null;
  readonly #cache = new ValueCache();

  constructor(transport: Transport | null, bearer: Uint8Array | null) {
    this.#transport = transport;
    this.#bearer = bearer;
  }

  /**
   * A value, tried again where trying may help. In development, where no holder answers, it comes from `.env` under its name in capitals (`db/main`: DB_MAIN), and standard
   * error says so. VAULT_REFUSED, PURPOSE_MISSING, VAULT_RATE, LOGIN_REFUSED, VAULT_UNREACHABLE; no error has a value in it.
   */
  async getSecret<A extends keyof As = 'secret'>(name: string, options: GetOptions<A>): Promise<As[A]> {
    const { owner, environment, purpose, version, forceRefresh = false, cacheTtlMs = CACHE_TTL_MS } = options;
    const identity = { owner, environment, name };
    const key = JSON.stringify([owner, environment, name, version, purpose]);
    const cached = forceRefresh ? null : this.#cache.find(key);
    if (cached) return shaped(cached, options.as);
    try {
      const input = {
        ...identity,
        ...(purpose === undefined ? {} : { purpose }),
        ...(version === undefined ? {} : { version }),
      };
      const { value, mayBeCached } = await pRetry(() => this.#get(input), { ...RETRY, shouldRetry: mayHelp });
      if (mayBeCached && cacheTtlMs > 0) this.#cache.keep(key, value, cacheTtlMs);
      return shaped(value, options.as);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'VAULT_REFUSED' && options.default !== undefined) return options.default;
      const local = error.code === 'VAULT_UNREACHABLE' && isDevelopment() ? fromFile(name) : null;
      if (!local) throw error;
      return shaped(local, options.as);
    }
  }

  /** A value as a text of one line, for a column of a table: under a data key of its own, which the holder alone can open. VAULT_REFUSED and its like. */
  encryptField(value: string | Uint8Array, { context, ...name }: FieldOptions): Promise<string> {
    return encryptField(
      this.dataKeys(name),
      context,
      typeof value === 'string' ? new TextEncoder().encode(value) : value,
    );
  }

  /** FIELD_DAMAGED; KMS_UNOPENED: another context, or another name; VAULT_REFUSED and its like. */
  async decryptField(text: string, { context, ...name }: FieldOptions): Promise<Secret> {
    return new Secret(await decryptField(this.dataKeys(name), context, text));
  }

  /** For `encryptFile`, `decryptFile` and `encryptColumn`. */
  dataKeys({ owner, environment, name, purpose }: KeyName): DataKeys {
    const use = { owner, environment, name, ...(purpose === undefined ? {} : { purpose }) };
    return {
      generateDataKey: async (context) => {
        const { output, secret } = await this.#call('vault.dataKey', { ...use, context });
        return { plaintext: secret, ciphertext: Uint8Array.from(Buffer.from(output.wrapped, 'base64')) };
      },
      decrypt: async (ciphertext, context) => {
        const wrapped = Buffer.from(ciphertext).toString('base64');
        return (await this.#call('vault.openDataKey', { ...use, context, wrapped })).secret;
      },
    };
  }

  /** Wipes the token and what is cached. */
  close(): void {
    this.#cache.clear();
    this.#bearer?.fill(0);
    this.#transport?.close();
  }

  async #get(
    input: SecretIdentity & { purpose?: string; version?: number | 'previous' },
  ): Promise<{ value: Uint8Array; mayBeCached: boolean }> {
    const { output, secret } = await this.#call('vault.get', input);
    return { value: secret, mayBeCached: output.cache !== 'none' };
  }

  /** A command that answers a secret. */
  async #call<C extends 'vault.get' | 'vault.dataKey' | 'vault.openDataKey'>(
    command: C,
    input: VaultInput<C>,
  ): Promise<VaultAnswer<C> & { secret: Uint8Array }> {
    if (!this.#transport) throw new Refusal('VAULT_UNREACHABLE', { place: 'CLAVIGER_VAULT_SOCKET' });
    const { output, secret } = await this.#transport.call(command, input, this.#bearer ? { bearer: this.#bearer } : {});
    if (!secret) throw new Refusal('INTERNAL');
    return { output, secret };
  }
}

/** A minute's limit is not waited for here. */
function mayHelp({ error }: { error: Error }): boolean {
  return error instanceof Refusal && ERRORS[error.code] === 'retry' && error.code !== 'VAULT_RATE';
}

/** Takes the bytes over. */
function shaped<A extends keyof As>(value: Uint8Array, as: A | undefined): As[A] {
  if (as === 'bytes') return value as As[A];
  const secret = new Secret(value);
  if (as === undefined || as === 'secret') return secret as As[A];
  try {
    return (as === 'text' ? secret.text() : secret.json()) as As[A];
  } finally {
    secret.wipe();
  }
}

/** The token of a file without its newline. */
function bearerOf(token: Uint8Array | { file: string }): Uint8Array {
  if (token instanceof Uint8Array) return Uint8Array.from(token);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(token.file);
  } catch {
    throw new Refusal('FILE_MISSING', { path: token.file });
  }
  if (bytes.length > TOKEN_LIMIT) throw new Refusal('FILE_TOO_LARGE', { path: token.file, limitBytes: TOKEN_LIMIT });
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

function fromFile(name: string): Uint8Array | null {
  const variable = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  let text: string;
  try {
    text = readFileSync('.env', 'utf8');
  } catch {
    return null;
  }
  const value = parseEnv(text)[variable];
  if (value === undefined) return null;
  process.stderr.write(`claviger: ${variable} comes from .env, since this is development and no vault answers\n`);
  return new TextEncoder().encode(value);
}
