import type { Transport } from '../../core/client/transport.ts';
import { Refusal } from '../../core/contract/errors.ts';
import type { SecretIdentity } from '../../core/contract/vault.ts';
import { bytes, textOf } from '../vault/sample-vault.ts';

/** `seen`: values by name and version, also of a holder before. */
type Read = { secrets: SecretIdentity[]; seen: Map<string, string> };

/** Reads secrets and uses them, turn after turn, as long as the holder is there. */
export class Reader {
  readonly wrong: string[] = [];
  readonly #calls: Transport;
  readonly #bearer: Uint8Array;
  readonly #of: Read;
  readonly #isIn: (secret: SecretIdentity, value: string) => Promise<boolean>;
  readonly #newest = new Map<string, number>();
  readonly #running: Promise<void>;
  #turns = 0;
  #over = false;
  #heard = () => {};

  /** `isIn`: whether whoever comes with this value is let in. */
  constructor(
    calls: Transport,
    bearer: Uint8Array,
    of: Read,
    isIn: (secret: SecretIdentity, value: string) => Promise<boolean>,
  ) {
    [this.#calls, this.#bearer, this.#of, this.#isIn] = [calls, bearer, of, isIn];
    this.#running = this.#run();
  }

  /** Reads a version and logs in with it; answers its number. */
  async use(secret: SecretIdentity, asked?: number): Promise<number> {
    const { output, secret: value } = await this.#calls.call(
      'vault.get',
      { ...secret, ...(asked === undefined ? {} : { version: asked }) },
      { bearer: this.#bearer },
    );
    const [text, { version }] = [textOf(value ?? bytes('')), output];
    const place = `${secret.name} ${version}`;
    if ((this.#of.seen.get(place) ?? text) !== text) this.wrong.push(`${place} was read with two values`);
    this.#of.seen.set(place, text);
    const isIn = await this.#isIn(secret, text).catch(() => false);
    if (!isIn) this.wrong.push(`${place} was turned away`);
    return version;
  }

  /** Of reads one after the other. */
  async #advance(secret: SecretIdentity): Promise<void> {
    const version = await this.use(secret);
    if (version < (this.#newest.get(secret.name) ?? 0)) this.wrong.push(`${secret.name} went back to ${version}`);
    this.#newest.set(secret.name, version);
  }

  /** Resolves when a whole turn has gone by since it was called, or there are no more. */
  async turned(): Promise<void> {
    const before = this.#turns;
    while (!this.#over && this.#turns < before + 2) await new Promise<void>((heard) => (this.#heard = heard));
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (; !this.#over; this.#turns += 1) {
        for (const secret of this.#of.secrets) await this.#advance(secret);
        this.#heard();
      }
    } catch (error) {
      const isGone = error instanceof Refusal && error.code === 'VAULT_UNREACHABLE';
      if (!isGone) this.wrong.push(`a read failed: ${error instanceof Refusal ? error.code : String(error)}`);
      this.#over = true;
    }
    this.#heard();
  }
}
