import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { because } from '../contract/because.ts';
import { Refusal } from '../contract/errors.ts';
import { roleName } from '../contract/messages/role-names.ts';
import type { Role } from '../contract/roles.ts';
import { lastTryOf } from '../hsm/last-try.ts';
import { TokenProcess } from '../hsm/process/client.ts';
import type { TokenLocation } from '../hsm/process/protocol.ts';
import { type PinSource, readPinSource } from '../hsm/pin-source.ts';
import type { TokenFile } from '../hsm/token-file.ts';
import type { PinState, TokenInfo } from '../hsm/token.ts';
import type { Progress } from '../shares/progress.ts';
import { guardedCopy, wipe } from '../process/guarded.ts';
import type { ActionAsk, SecretAsk, TokenUse, Unasked } from './action.ts';
import { personOf } from './decide.ts';
import { lastTryAsk, secondPerson } from './last-try.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** The ticket of what was given for an ask. */
type TicketOf = (ask: string) => string | null;

/** Who types the parts of a PIN, in their order. */
const PART_ROLES = ['operator', 'ceremonyAdministrator', 'witness', 'auditor'] as const;

/** A PIN that nobody knows, for a rehearsal token that is thrown away. */
type ThrowAway = 'throw-away';

/** What the ceremony knows of a token before it opens it. */
type Place = { location: TokenLocation; pin: PinSource | ThrowAway; securityOfficerPin: PinSource | null };

/** The uses that have a token of their own, and those whose process opens none. */
type OpenedUse = 'main' | 'rehearsal';
type TokenlessUse = Exclude<TokenUse, OpenedUse>;

type Session = { process: TokenProcess; info: TokenInfo; loggedIn: boolean };

/**
 * The token processes of a ceremony: one for its token, one for the rehearsal token. A session dies with its process;
 * the next step that needs it opens it again, and asks for the PIN again where the PIN comes from a person.
 */
export class TokenSessions {
  readonly #readTokenFile: () => TokenFile | null;
  readonly #folder: string;
  readonly #trainingFolder: string;
  #known: Record<OpenedUse, Place> | null = null;
  #starting: Promise<unknown> = Promise.resolve();
  readonly #sessions = new Map<OpenedUse, Session>();
  readonly #tokenless = new Map<TokenlessUse, TokenProcess>();

  readonly #random: (length: number) => Uint8Array;
  /** Hears how far a call has come that takes several passphrases. */
  onProgress: Progress = () => undefined;

  /**
   * `folder` is the ceremony's own, for its rehearsal token; `trainingFolder` is where the training token lies, which an
   * earlier ceremony may have begun. The token file is read when it is first needed.
   */
  constructor(
    readTokenFile: () => TokenFile | null,
    folders: { own: string; training: string },
    random: (length: number) => Uint8Array,
  ) {
    this.#readTokenFile = readTokenFile;
    this.#folder = folders.own;
    this.#trainingFolder = folders.training;
    this.#random = random;
  }

  get #places(): Record<OpenedUse, Place> {
    if (this.#known) return this.#known;
    const tokenFile = this.#readTokenFile();
    const software = (folder: string, token: string): TokenLocation => {
      return { kind: 'software', folder: join(folder, token), token };
    };
    this.#known = {
      main: tokenFile ?? {
        location: software(this.#trainingFolder, 'training'),
        pin: 'prompt',
        securityOfficerPin: null,
      },
      rehearsal: tokenFile?.rehearsal ?? {
        location: software(this.#folder, 'rehearsal'),
        pin: 'throw-away',
        securityOfficerPin: null,
      },
    };
    return this.#known;
  }

  /** The token process, started and opened but perhaps not logged in: where secrets are sent. */
  async process(use: TokenUse): Promise<TokenProcess> {
    if (isTokenless(use)) {
      const running = this.#tokenless.get(use);
      if (running?.alive) return running;
      const started = this.#start();
      this.#tokenless.set(use, started);
      return started;
    }
    return (await this.#session(use)).process;
  }

  /** A token that `open` has logged in to. */
  opened(use: TokenUse): TokenProcess {
    const process = isTokenless(use) ? this.#tokenless.get(use) : this.#sessions.get(use)?.process;
    if (!process) throw new Refusal('TOKEN_GONE', because('token.notOpen'));
    return process;
  }

  /** Where the token of the ceremony is. */
  get location(): TokenLocation {
    return this.#places.main.location;
  }

  info(use: TokenUse): TokenInfo {
    const session = isTokenless(use) ? undefined : this.#sessions.get(use);
    if (!session) throw new Refusal('TOKEN_GONE', because('token.notOpen'));
    return session.info;
  }

  /**
   * What to ask for before `use` can be opened; nothing once it is open. PINs, unless they come from elsewhere, with
   * what the token says of the tries that are left; and whether a second person agrees to the last one.
   */
  asks(use: TokenUse, state: CeremonyState): Unasked<ActionAsk>[] {
    if (isTokenless(use)) return [];
    const session = this.#sessions.get(use);
    if (session?.loggedIn && session.process.alive) return [];
    const place = this.#places[use];
    const asks: Unasked<ActionAsk>[] = [];
    const pinAsk = (id: string, label: string, role: Role = 'operator'): Unasked<SecretAsk> => {
      const person = personOf(state, role) ?? roleName(state, role);
      // The first PIN of a software token is chosen; any other is known already.
      const chooses = place.location.kind === 'software' && !existsSync(join(place.location.folder, 'token.json'));
      const manner = chooses ? 'choose' : 'enter';
      return { id, kind: 'secret', what: 'pin', label, manner, minimumLength: 4, person, goesTo: use };
    };
    const askFor = (source: PinSource | ThrowAway | null, id: string, label: string) => {
      if (isAsked(source)) asks.push(pinAsk(id, label));
      for (const [index, part] of partAsks(source, id).entries()) {
        asks.push(pinAsk(part, say(state, 'pin.part', { pin: label, number: index + 1 }), PART_ROLES[index]));
      }
    };
    const tries = { pin: session?.info.pinState, officer: session?.info.securityOfficerPinState };
    askFor(place.pin, `${use}-pin`, withTriesLeft(state, say(state, `pin.${use}`), tries.pin));
    const officer = withTriesLeft(state, say(state, `pin.${use}Officer`), tries.officer);
    askFor(place.securityOfficerPin, `${use}-security-officer-pin`, officer);
    // As `login` refuses it: an officer's PIN that is typed at the pad is not given to it.
    const officerGiven = place.securityOfficerPin !== null && place.securityOfficerPin !== 'pad';
    if (session && lastTryOf(session.info, officerGiven) !== null) {
      asks.push(lastTryAsk(state, lastTryId(use), say(state, `lastTry.${use}`), 'operator'));
    }
    return asks;
  }

  /**
   * Opens and logs in, unless that is done. PIN_WRONG, PIN_SOURCE and the refusals of the module; PIN_LAST_TRY unless a
   * second person has agreed to it, DUAL_CONTROL if they are the operator.
   */
  async open(use: TokenUse, state: CeremonyState, ticketOf: TicketOf): Promise<void> {
    if (isTokenless(use)) {
      await this.process(use);
      return;
    }
    const session = await this.#session(use);
    if (session.loggedIn) return;
    const place = this.#places[use];
    const lastTryWith = secondPerson(state, lastTryId(use), 'operator');
    const held: string[] = [];
    const taken = (ticket: string | null) => {
      if (ticket !== null) held.push(ticket);
      return ticket;
    };
    try {
      const pin = taken(await this.#ticket(session, place.pin, `${use}-pin`, ticketOf));
      const officerAsk = `${use}-security-officer-pin`;
      const securityOfficerPin = taken(await this.#ticket(session, place.securityOfficerPin, officerAsk, ticketOf));
      if (pin === null && place.pin !== 'pad') throw new Refusal('ANSWERS_PENDING', { step: 'token', asks: 'PIN' });
      session.info = await session.process.call('login', {
        pin,
        securityOfficerPin,
        ...(lastTryWith === null ? {} : { lastTryWith }),
      });
      session.loggedIn = true;
    } catch (error) {
      if (session.process.alive) {
        // A login takes what it is given, refused or not; before it, nobody will name them any more.
        await session.process.call('forget', { tickets: held });
        // One try less may be left, and the next asks say so.
        session.info = await session.process.call('info', {}).catch(() => session.info);
      }
      throw error;
    }
  }

  #start(): TokenProcess {
    return TokenProcess.start((done, total) => {
      this.onProgress(done, total);
    });
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    const tokenless = [...this.#tokenless.values()];
    this.#tokenless.clear();
    await Promise.all([...sessions.map(({ process }) => process), ...tokenless].map((process) => process.close()));
    rmSync(join(this.#folder, 'rehearsal'), { recursive: true, force: true });
  }

  /** Ends the token processes at once, whatever they are doing. */
  kill(): void {
    for (const { process } of this.#sessions.values()) process.kill();
    for (const process of this.#tokenless.values()) process.kill();
  }

  /** One process a token, however many ask for it at once. */
  #session(use: OpenedUse): Promise<Session> {
    const session = this.#starting.then(() => this.#startOrFind(use));
    this.#starting = session.catch(() => undefined);
    return session;
  }

  async #startOrFind(use: OpenedUse): Promise<Session> {
    const existing = this.#sessions.get(use);
    if (existing?.process.alive) return existing;
    const { location, pin } = this.#places[use];
    const process = this.#start();
    try {
      // What an interrupted rehearsal left of a throw-away token goes with it: nobody knows its PIN.
      if (pin === 'throw-away' && location.kind === 'software') {
        rmSync(location.folder, { recursive: true, force: true });
      }
      const info = await process.call('open', {
        location,
        lock: join(use === 'main' ? this.#trainingFolder : this.#folder, `${use}.lock`),
      });
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
    ask: string,
    ticketOf: TicketOf,
  ): Promise<string | null> {
    if (source === null || source === 'pad') return null;
    if (source === 'prompt' || isAsked(source)) return ticketOf(ask);
    if (source !== 'throw-away' && 'parts' in source) {
      const parts = partAsks(source, ask).flatMap((part) => ticketOf(part) ?? []);
      if (parts.length < source.parts) {
        await session.process.call('forget', { tickets: parts });
        return null;
      }
      return (await session.process.call('joinSecrets', { parts })).ticket;
    }
    const secret = source === 'throw-away' ? guardedCopy(this.#random(32)) : await readPinSource(source);
    try {
      return await session.process.sendSecret(secret);
    } finally {
      wipe(secret);
    }
  }
}

function isTokenless(use: TokenUse): use is TokenlessUse {
  return use === 'blank' || use === 'share';
}

function lastTryId(use: OpenedUse): string {
  return `${use}-last-try`;
}

/** The name of a PIN, before it is tried. */
function withTriesLeft(ceremony: CeremonyState, pin: string, state: PinState | undefined): string {
  if (state === 'final-try') return say(ceremony, 'pin.lastTry', { pin });
  return state === 'low' ? say(ceremony, 'pin.failed', { pin }) : pin;
}

/** The asks for the parts of a PIN; none for one that is given whole. */
function partAsks(source: PinSource | ThrowAway | null, id: string): string[] {
  if (typeof source !== 'object' || source === null || !('parts' in source)) return [];
  return Array.from({ length: source.parts }, (_, index) => `${id}-${index + 1}`);
}

/** A PIN that a face of the application brings: typed by a person, or read from a descriptor that only the face has. */
function isAsked(source: PinSource | ThrowAway | null): boolean {
  return source === 'prompt' || (typeof source === 'object' && source !== null && 'fd' in source);
}
