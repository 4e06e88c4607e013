import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import { TokenProcess } from '../hsm/process/client.ts';
import type { TokenLocation } from '../hsm/process/protocol.ts';
import { type PinSource, readPinSource } from '../hsm/pin-source.ts';
import type { TokenFile } from '../hsm/token-file.ts';
import type { TokenInfo } from '../hsm/token.ts';
import { guardedCopy, wipe } from '../process/guarded.ts';
import type { SecretAsk, TokenUse, Unasked } from './action.ts';
import { personOf } from './decide.ts';
import type { CeremonyState } from './state.ts';

/** Tickets of PINs that a face has brought, taken when they are needed. */
type Tickets = { pin: () => string | null; securityOfficerPin: () => string | null };

/** A PIN that nobody knows, for a rehearsal token that is thrown away. */
type ThrowAway = 'throw-away';

/** What the ceremony knows of a token before it opens it. */
type Place = { location: TokenLocation; pin: PinSource | ThrowAway; securityOfficerPin: PinSource | null };

type Session = { process: TokenProcess; info: TokenInfo; loggedIn: boolean };

/**
 * The token processes of a ceremony: one for its token, one for the rehearsal token. A session dies with its process;
 * the next step that needs it opens it again, and asks for the PIN again where the PIN comes from a person.
 */
export class TokenSessions {
  readonly #readTokenFile: () => TokenFile | null;
  readonly #folder: string;
  #known: Record<TokenUse, Place> | null = null;
  #starting: Promise<unknown> = Promise.resolve();
  readonly #sessions = new Map<TokenUse, Session>();

  readonly #random: (length: number) => Uint8Array;

  /** `folder` is where training makes the tokens that no token file names. The file is read when it is first needed. */
  constructor(readTokenFile: () => TokenFile | null, folder: string, random: (length: number) => Uint8Array) {
    this.#readTokenFile = readTokenFile;
    this.#folder = folder;
    this.#random = random;
  }

  get #places(): Record<TokenUse, Place> {
    if (this.#known) return this.#known;
    const tokenFile = this.#readTokenFile();
    const training = (token: string): TokenLocation => ({ kind: 'software', folder: join(this.#folder, token), token });
    this.#known = {
      main: tokenFile ?? { location: training('training'), pin: 'prompt', securityOfficerPin: null },
      rehearsal: tokenFile?.rehearsal ?? {
        location: training('rehearsal'),
        pin: 'throw-away',
        securityOfficerPin: null,
      },
    };
    return this.#known;
  }

  /** The token process, started and opened but perhaps not logged in: where secrets are sent. */
  async process(use: TokenUse): Promise<TokenProcess> {
    return (await this.#session(use)).process;
  }

  /** A token that `open` has logged in to. */
  opened(use: TokenUse): TokenProcess {
    const session = this.#sessions.get(use);
    if (!session) throw new Refusal('TOKEN_GONE', { detail: 'not open' });
    return session.process;
  }

  info(use: TokenUse): TokenInfo {
    const session = this.#sessions.get(use);
    if (!session) throw new Refusal('TOKEN_GONE', { detail: 'not open' });
    return session.info;
  }

  /** The PINs to ask for before `use` can be opened; none once it is open or if they come from elsewhere. */
  asks(use: TokenUse, state: CeremonyState): Unasked<SecretAsk>[] {
    const session = this.#sessions.get(use);
    if (session?.loggedIn && session.process.alive) return [];
    const place = this.#places[use];
    const person = personOf(state, 'operator') ?? 'Operator';
    const asks: Unasked<SecretAsk>[] = [];
    const token = use === 'main' ? 'token' : 'rehearsal token';
    const pinAsk = (id: string, label: string): Unasked<SecretAsk> => {
      // The first PIN of a software token is chosen; any other is known already.
      const chooses = place.location.kind === 'software' && !existsSync(join(place.location.folder, 'token.json'));
      return { id, kind: 'secret', label, manner: chooses ? 'choose' : 'enter', minimumLength: 4, person, goesTo: use };
    };
    if (isAsked(place.pin)) asks.push(pinAsk(`${use}-pin`, `PIN of the ${token}`));
    if (isAsked(place.securityOfficerPin)) {
      asks.push(pinAsk(`${use}-security-officer-pin`, `Security officer's PIN of the ${token}`));
    }
    return asks;
  }

  /** Opens and logs in, unless that is done. PIN_WRONG, PIN_SOURCE and the refusals of the module. */
  async open(use: TokenUse, tickets: Tickets): Promise<void> {
    const session = await this.#session(use);
    if (session.loggedIn) return;
    const place = this.#places[use];
    const pin = await this.#ticket(session, place.pin, tickets.pin);
    const securityOfficerPin = await this.#ticket(session, place.securityOfficerPin, tickets.securityOfficerPin);
    if (pin === null) throw new Refusal('ANSWERS_PENDING', { step: 'token', asks: 'PIN' });
    session.info = await session.process.call('login', { pin, securityOfficerPin });
    session.loggedIn = true;
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map(({ process }) => process.close()));
    rmSync(join(this.#folder, 'rehearsal'), { recursive: true, force: true });
  }

  /** Ends the token processes at once, whatever they are doing. */
  kill(): void {
    for (const { process } of this.#sessions.values()) process.kill();
  }

  /** One process a token, however many ask for it at once. */
  #session(use: TokenUse): Promise<Session> {
    const session = this.#starting.then(() => this.#startOrFind(use));
    this.#starting = session.catch(() => undefined);
    return session;
  }

  async #startOrFind(use: TokenUse): Promise<Session> {
    const existing = this.#sessions.get(use);
    if (existing?.process.alive) return existing;
    const { location, pin } = this.#places[use];
    const process = TokenProcess.start();
    try {
      // What an interrupted rehearsal left of a throw-away token goes with it: nobody knows its PIN.
      if (pin === 'throw-away' && location.kind === 'software') {
        rmSync(location.folder, { recursive: true, force: true });
      }
      const info = await process.call('open', { location, lock: join(this.#folder, `${use}.lock`) });
      const session = { process, info, loggedIn: false };
      this.#sessions.set(use, session);
      return session;
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  async #ticket(
    session: Session,
    source: PinSource | ThrowAway | null,
    given: () => string | null,
  ): Promise<string | null> {
    if (source === null) return null;
    if (source === 'prompt' || isAsked(source)) return given();
    const secret = source === 'throw-away' ? guardedCopy(this.#random(32)) : await readPinSource(source);
    try {
      return await session.process.sendSecret(secret);
    } finally {
      wipe(secret);
    }
  }
}

/** A PIN that a face of the application brings: typed by a person, or read from a descriptor that only the face has. */
function isAsked(source: PinSource | ThrowAway | null): boolean {
  return source === 'prompt' || (typeof source === 'object' && source !== null && 'fd' in source);
}
