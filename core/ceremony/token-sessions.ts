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

type Tickets = { pin: string | null; securityOfficerPin: string | null };

/** A PIN that nobody knows, for a rehearsal token that is thrown away. */
type ThrowAway = 'throw-away';

/** What the ceremony knows of a token before it opens it. */
type Place = { location: TokenLocation; pin: PinSource | ThrowAway; securityOfficerPin: PinSource | null };

/** The uses that have a token of their own. */
type OpenedUse = Exclude<TokenUse, 'blank'>;

type Session = { process: TokenProcess; info: TokenInfo; loggedIn: boolean };

/**
 * The token processes of a ceremony: one for its token, one for the rehearsal token. A session dies with its process;
 * the next step that needs it opens it again, and asks for the PIN again where the PIN comes from a person.
 */
export class TokenSessions {
  readonly #places: Record<OpenedUse, Place>;
  readonly #sessions = new Map<OpenedUse, Session>();
  #blank: TokenProcess | null = null;

  readonly #random: (length: number) => Uint8Array;

  /** `folder` is where training makes the tokens that no token file names. */
  constructor(tokenFile: TokenFile | null, folder: string, random: (length: number) => Uint8Array) {
    this.#random = random;
    const training = (token: string): TokenLocation => ({ kind: 'software', folder: join(folder, token), token });
    const throwAway = `rehearsal-${Buffer.from(random(4)).toString('hex')}`;
    this.#places = {
      main: tokenFile ?? { location: training('training'), pin: 'prompt', securityOfficerPin: null },
      rehearsal: tokenFile?.rehearsal ?? { location: training(throwAway), pin: 'throw-away', securityOfficerPin: null },
    };
  }

  /** The token process, started and opened but perhaps not logged in: where secrets are sent. */
  async process(use: TokenUse): Promise<TokenProcess> {
    if (use === 'blank') {
      if (!this.#blank?.alive) this.#blank = TokenProcess.start();
      return this.#blank;
    }
    return (await this.#session(use)).process;
  }

  /** A token that `open` has logged in to. */
  opened(use: TokenUse): TokenProcess {
    const process = use === 'blank' ? this.#blank : this.#sessions.get(use)?.process;
    if (!process) throw new Refusal('TOKEN_GONE', { detail: 'not open' });
    return process;
  }

  /** Where the token of the ceremony is. */
  get location(): TokenLocation {
    return this.#places.main.location;
  }

  info(use: TokenUse): TokenInfo {
    const session = use === 'blank' ? undefined : this.#sessions.get(use);
    if (!session) throw new Refusal('TOKEN_GONE', { detail: 'not open' });
    return session.info;
  }

  /** The PINs to ask for before `use` can be opened; none once it is open or if they come from elsewhere. */
  asks(use: TokenUse, state: CeremonyState): Unasked<SecretAsk>[] {
    if (use === 'blank') return [];
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
    if (use === 'blank') {
      await this.process(use);
      return;
    }
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
    const blank = this.#blank;
    this.#blank = null;
    await Promise.all([...sessions.map(({ process }) => process.close()), blank?.close()]);
    const { location, pin } = this.#places.rehearsal;
    if (pin === 'throw-away' && location.kind === 'software') rmSync(location.folder, { recursive: true, force: true });
  }

  async #session(use: OpenedUse): Promise<Session> {
    const existing = this.#sessions.get(use);
    if (existing?.process.alive) return existing;
    const process = TokenProcess.start();
    try {
      const info = await process.call('open', { location: this.#places[use].location });
      const session = { process, info, loggedIn: false };
      this.#sessions.set(use, session);
      return session;
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  async #ticket(session: Session, source: PinSource | ThrowAway | null, given: string | null): Promise<string | null> {
    if (source === null) return null;
    if (source === 'prompt' || isAsked(source)) return given;
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
