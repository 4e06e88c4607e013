import { randomFillSync, randomUUID } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { type PoolMember, type PoolOptions, TokenPool } from '../hsm/pool/token-pool.ts';
import { openFromTransport, sealForTransport } from '../hsm/process/transport.ts';
import { IV_BYTES } from '../process/aes-gcm.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { checkHealth, freshDataKey } from './data-key.ts';
import type { DataKey, EncryptionContext, KmsHealth, KmsProvider } from './provider.ts';
import { checkPlaintext, contextBytes, readWrappedKey, writeWrappedKey } from './wrapped-key.ts';

/** Calls that wait for a process, and that one process has at a time: two messages of them. */
const QUEUE_LIMIT = 4096;
const IN_FLIGHT_LIMIT = 512;
const CHECK_MS = 5000;
const HUNG_MS = 30_000;

/**
 * Where a KEK lies: the same on each member. `login` is asked at every start of a token process, so also after one that
 * has ended. Clock, timer and record are the pool's (hsm/pool/token-pool.ts).
 */
export type KekPlace = Pick<PoolOptions, 'clock' | 'every' | 'record'> & {
  members: Omit<PoolMember, 'transportKey'>[];
};

/**
 * What a vault keeps of its KEK; nothing of it is secret. The id is the vault's and not the token's CKA_ID, which is another one
 * when the key comes back from its backup: that it is the same key is told by `check` (base64), which it alone opens.
 */
export type TokenKek = { keyId: string; label: string; check: string };

/** Bytes that anybody may know, encrypted by the KEK when a vault begins to use it. */
const CHECK = Buffer.from('claviger KEK check 1');
const checkContext = (keyId: string) => ({ purpose: 'claviger KEK check', keyId });

/**
 * A KEK in a token, used through token processes: AES-GCM (PKCS#11 v3.1 section 6.13.5) with the context as additional
 * data. What it encrypts goes there and back under a transport key of this provider's (hsm/process/transport.ts). A
 * process that ends is started again, and what it had not answered is asked again; TOKEN_GONE where none comes up.
 */
export class Pkcs11Kms implements KmsProvider {
  readonly name = 'pkcs11';
  readonly keyId: string;
  readonly #label: string;
  readonly #pool: TokenPool;
  readonly #transportKey: Uint8Array;
  #closed = false;

  private constructor(keyId: string, label: string, pool: TokenPool, transportKey: Uint8Array) {
    this.keyId = keyId;
    this.#label = label;
    this.#pool = pool;
    this.#transportKey = transportKey;
  }

  /**
   * Opens the KEK of a vault. KEY_MISSING, KEY_AMBIGUOUS; TOKEN_LIED: it may do more than encrypt and decrypt;
   * KEY_DIFFERENT: it is another key of that label; what opening a token and a login refuse.
   */
  static async open(place: KekPlace, { keyId, label, check }: TokenKek): Promise<Pkcs11Kms> {
    return Pkcs11Kms.#start(place, keyId, label, async (kms) => {
      try {
        wipe(await kms.decrypt(Buffer.from(check, 'base64'), checkContext(keyId)));
      } catch (error) {
        const isOther = error instanceof Refusal && error.code === 'KMS_UNOPENED';
        throw isOther ? new Refusal('KEY_DIFFERENT', { label }) : error;
      }
      return kms;
    });
  }

  /** Gives a KEK that a ceremony made its id, for a vault that begins to use it. Refuses what `open` refuses. */
  static async enrol(place: KekPlace, label: string): Promise<TokenKek> {
    const keyId = randomUUID();
    return Pkcs11Kms.#start(place, keyId, label, async (kms) => {
      const check = await kms.encrypt(CHECK, checkContext(keyId));
      await kms.close();
      return { keyId, label, check: Buffer.from(check).toString('base64') };
    });
  }

  /** Starts the pool and looks at the key; closes it again if that, or `work`, is refused. */
  static async #start<T>(
    { members, ...options }: KekPlace,
    keyId: string,
    label: string,
    work: (kms: Pkcs11Kms) => Promise<T>,
  ): Promise<T> {
    const transportKey = randomFillSync(guarded(32));
    let pool: TokenPool | null = null;
    try {
      pool = await TokenPool.start({
        ...options,
        ...{ fallback: null, queueLimit: QUEUE_LIMIT, inFlightLimit: IN_FLIGHT_LIMIT },
        ...{ checkMs: CHECK_MS, hungMs: HUNG_MS },
        members: members.map((member) => ({ ...member, transportKey })),
      });
      await checkKek(pool, label);
      return await work(new Pkcs11Kms(keyId, label, pool, transportKey));
    } catch (error) {
      await pool?.close();
      wipe(transportKey);
      throw error;
    }
  }

  async encrypt(plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    checkPlaintext(plaintext);
    const additionalData = Buffer.from(contextBytes(context)).toString('base64');
    this.#refuseClosed();
    const plain = sealForTransport(this.#transportKey, plaintext, 'to the token');
    const { iv, ciphertext } = await this.#pool.call('encrypt', { label: this.#label, plain, additionalData });
    const encrypted = Buffer.concat([Buffer.from(iv, 'base64'), Buffer.from(ciphertext, 'base64')]);
    return writeWrappedKey(this.keyId, encrypted);
  }

  async decrypt(ciphertext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    const additionalData = Buffer.from(contextBytes(context)).toString('base64');
    this.#refuseClosed();
    const encrypted = Buffer.from(readWrappedKey(this.keyId, ciphertext));
    const plain = await this.#decryptInToken({
      label: this.#label,
      iv: encrypted.subarray(0, IV_BYTES).toString('base64'),
      ciphertext: encrypted.subarray(IV_BYTES).toString('base64'),
      additionalData,
    });
    this.#refuseClosed();
    const plaintext = openFromTransport(this.#transportKey, plain, 'from the token');
    if (!plaintext) throw new Error('a token process answered under another transport key');
    return plaintext;
  }

  async #decryptInToken(input: { label: string; iv: string; ciphertext: string; additionalData: string }) {
    try {
      return (await this.#pool.call('decrypt', input)).plain;
    } catch (error) {
      const isUnopened = error instanceof Refusal && error.code === 'CIPHERTEXT_UNOPENED';
      throw isUnopened ? new Refusal('KMS_UNOPENED') : error;
    }
  }

  generateDataKey(context: EncryptionContext): Promise<DataKey> {
    return freshDataKey((plaintext) => this.encrypt(plaintext, context));
  }

  healthCheck(): Promise<KmsHealth> {
    return checkHealth(this);
  }

  /** Tries a member again that refused its PIN, once somebody has seen to it. */
  revive(member: string): Promise<void> {
    return this.#pool.revive(member);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.close();
    wipe(this.#transportKey);
  }

  #refuseClosed(): void {
    if (this.#closed) throw new Refusal('KMS_CLOSED', { keyId: this.keyId });
  }
}

/** KEY_MISSING, KEY_AMBIGUOUS; TOKEN_LIED: it is no KEK, which encrypts and decrypts and does nothing else. */
async function checkKek(pool: TokenPool, label: string): Promise<void> {
  const { keys } = await pool.call('inventory', {});
  const [key, another] = keys.filter((held) => held.label === label);
  if (!key) throw new Refusal('KEY_MISSING', { label });
  if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
  const refuse = (attribute: string, actual: string, expected: string) =>
    new Refusal('TOKEN_LIED', { label, attribute, actual, expected });
  if (key.algorithm !== 'AES-256') throw refuse('algorithm', key.algorithm, 'AES-256');
  for (const attribute of ['sensitive', 'encrypt', 'decrypt'] as const) {
    if (!key.attributes[attribute]) throw refuse(attribute, 'false', 'true');
  }
  for (const attribute of ['wrap', 'unwrap', 'sign', 'derive'] as const) {
    if (key.attributes[attribute]) throw refuse(attribute, 'true', 'false');
  }
}
