import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Ask, Fact } from '../contract/ceremony.ts';
import type { Answer } from '../contract/commands.ts';
import { because } from '../contract/because.ts';
import { Refusal } from '../contract/errors.ts';
import { explain } from '../contract/explain.ts';
import { ROLES, type Role } from '../contract/roles.ts';
import type { Script, ScriptStep } from '../contract/script.ts';
import type { TokenProcess } from '../hsm/process/client.ts';
import type { LedgerRow, NewRow } from '../ledger/ledger.ts';
import { wipe } from '../process/guarded.ts';
import type { Action, ActionAsk, EffectContext, SecretAsk, Unasked } from './action.ts';
import { type Command, decide, refusePending, speaker } from './decide.ts';
import { type Again, type CeremonyEvent, eventOf, isEvent } from './event.ts';
import { actionNamed } from './registry.ts';
import { shownOf } from './shown.ts';
import { type SheetJob, printSheet, takeBackPrint } from './printing.ts';
import { printFacts } from './prints.ts';
import { refuseTooSoon } from './passphrase-throttle.ts';
import { shownShare } from './shown-share.ts';
import { type CeremonyState, currentStep, evolve, pendingPrint } from './state.ts';
import { eraseSealedShares } from './sealed-shares.ts';
import type { TokenSessions } from './token-sessions.ts';
import { say } from './say.ts';

export type RunnerParts = Omit<
  EffectContext,
  'state' | 'token' | 'tokenInfo' | 'tokenLocation' | 'blank' | 'ticket' | 'shareText' | 'part' | 'print' | 'now'
> & {
  sessions: TokenSessions;
  /** Called after every change. */
  changed: () => void;
};

type AnyAction = Action<unknown, unknown, unknown>;

/** A secret that a token process holds for the call that will name it. */
type Ticket = { ticket: string; process: TokenProcess };

/**
 * One ceremony under way: decides, records, and runs effects between their intent row and their result row. What must
 * not be recorded (tickets of secrets, texts of shares) is kept here, for the current step only, and is asked again
 * after a restart. One thing is done at a time; only abort cuts in, and a deviation waits for nothing.
 */
export class Runner {
  readonly #parts: RunnerParts;
  #state: CeremonyState;
  readonly #tickets = new Map<string, Ticket>();
  readonly #shareTexts = new Map<string, string>();
  #looked: { position: number; facts: Fact[] } | null = null;
  readonly #aborting = new AbortController();
  #running = false;
  #progress: { done: number; total: number } | null = null;
  /** Somebody wants to pause while an effect is under way. */
  #pausing: { person: string; reason: string } | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #recorded: Promise<unknown> = Promise.resolve();

  constructor(state: CeremonyState, parts: RunnerParts) {
    this.#state = state;
    this.#parts = parts;
    parts.sessions.onProgress = (done, total) => {
      this.#progressed(done, total);
    };
  }

  get state(): CeremonyState {
    return this.#state;
  }

  get running(): boolean {
    return this.#running;
  }

  /** How far the effect that is under way has come, where it says so. */
  get progress(): { done: number; total: number } | null {
    return this.#progress;
  }

  get pausing(): { person: string; reason: string } | null {
    return this.#pausing;
  }

  /** The asks of the current step with what is given, and the facts that it shows. */
  async look(): Promise<{ asks: Ask[]; facts: Fact[] }> {
    const step = currentStep(this.#state);
    if (!step || ['paused', 'completed', 'aborted'].includes(this.#state.status)) return { asks: [], facts: [] };
    const facts = await this.#facts(step);
    return { asks: (await this.#asks(step, facts)).map(withoutDestination), facts };
  }

  answer(stepId: string, askId: string, answer: Answer): Promise<void> {
    return this.#inTurn(async () => {
      const asks = await this.#currentAsks(stepId);
      if (asks.find(({ id }) => id === askId)?.kind === 'share') {
        await this.#takeShare(stepId, askId, answer);
      } else {
        const command: Command = { kind: 'answer', step: stepId, ask: askId, answer, asks };
        await this.#tryOut(command);
        await this.#apply(command);
      }
      // An answer can change what is asked and shown.
      this.#looked = null;
      this.#parts.changed();
    });
  }

  /** Takes a PIN or passphrase and passes it on to the token process that needs it, or the text of a share. Wipes `secret`. */
  async provide(stepId: string, askId: string, secret: Uint8Array): Promise<void> {
    try {
      await this.#inTurn(async () => {
        const asks = await this.#currentAsks(stepId);
        const ask = asks.find(({ id }) => id === askId);
        if (ask?.kind === 'share') {
          // A share is ciphertext, and read as text in any case: nothing is lost by a string.
          await this.#takeShare(stepId, askId, { text: new TextDecoder().decode(secret) });
          this.#parts.changed();
          return;
        }
        if (ask?.kind !== 'secret') throw new Refusal('ASK_UNKNOWN', { step: stepId, ask: askId });
        if (characterCount(secret) < ask.minimumLength) {
          throw tooShort(ask);
        }
        // One that is chosen has no wrong tries.
        if (ask.manner === 'enter' && ask.what === 'passphrase') {
          refuseTooSoon(this.#state, Number(askId.split('-').at(-1)), this.#parts.clock());
        }
        // Refused where the ceremony has ended or is paused, before a token process is started for it.
        await this.#reopen(stepId);
        const process = await this.#parts.sessions.process(ask.goesTo);
        await this.#forget([askId]);
        this.#tickets.set(askId, { ticket: await process.sendSecret(secret), process });
        this.#parts.changed();
      });
    } finally {
      wipe(secret);
    }
  }

  async #takeShare(stepId: string, askId: string, answer: Answer): Promise<void> {
    const text = await shownShare(this.#state, this.#parts.output, askId, answer, [...this.#shareTexts.keys()]);
    await this.#reopen(stepId);
    this.#shareTexts.set(askId, text);
  }

  /** `shown`: of the view that the person looked at. SHOWN_DIFFERENT. */
  confirm(stepId: string, role: Role, shown: string): Promise<void> {
    return this.#inTurn(async () => {
      const asks = await this.#currentAsks(stepId);
      const showing = shownOf(this.#state, asks.map(withoutDestination), this.#looked?.facts ?? []);
      await this.#apply({ kind: 'confirm', step: stepId, role, shown, showing, asks });
    });
  }

  /**
   * Nothing goes on until somebody continues. The token is logged out, and what was typed is forgotten. An effect that is under
   * way first comes to where it is safe: its end, or a place in it where nothing has changed yet.
   */
  async pause(person: string, reason: string): Promise<void> {
    if (this.#running) {
      this.#pausing = { person: speaker(this.#state, person), reason };
      this.#parts.changed();
    } else await this.#queue(() => this.#pause({ person, reason }));
  }

  async #pause({ person, reason }: { person: string; reason: string }): Promise<void> {
    await this.#apply({ kind: 'pause', person, reason });
    await this.#forget([...this.#tickets.keys()]);
    this.#shareTexts.clear();
    await this.#parts.sessions.close();
  }

  continue(person: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#apply({ kind: 'continue', person });
      this.#looked = null;
    });
  }

  /** Recorded at once, also while an effect runs: it says what is seen now. */
  async deviate(person: string, text: string): Promise<void> {
    await this.#apply({ kind: 'deviate', person, text });
  }

  /** Ends the ceremony. An effect under way loses its token process; what became of it is recorded as not read back. */
  async abort(person: string, reason: string): Promise<void> {
    const command: Command = { kind: 'abort', person, reason };
    // What is refused kills nothing.
    decide(this.#state, command);
    this.#parts.sessions.kill();
    this.#aborting.abort();
    await this.#queue(async () => {
      await this.#takeBack().catch((error: unknown) => {
        // A printer that is away stops no abort; the row of the print stays as it is, and says that nothing was read back.
        if (!(error instanceof Refusal)) throw error;
      });
      await this.#apply(command);
      // They were never printed, or were scanned and erased: nobody will need them.
      await eraseSealedShares({ store: this.#parts.store, state: this.#state });
      await this.#parts.sessions.close();
    });
  }

  /** Does the current step: intent, effect, result. A refused effect is undone and recorded as failed. */
  perform(stepId: string): Promise<void> {
    return this.#exclusively(stepId, async (step, action) => {
      // What was shown may be old: a network that has come up since is seen now.
      this.#looked = null;
      const asks = await this.#currentAsks(stepId);
      const context = this.#effectContext();
      const parameters: unknown = action.parameters.parse(step.parameters);
      // Everything that can be refused without an effect is refused before the intent.
      decide(this.#state, { kind: 'intend', step: stepId, prepared: null, asks });
      let prepared: unknown;
      try {
        await this.#openSessions(action);
        const taken = action.files?.(this.#state, parameters).find((path) => this.#parts.output.exists(path));
        if (taken !== undefined) throw new Refusal('OUTPUT_EXISTS', { path: join(this.#parts.output.folder, taken) });
        prepared = await action.prepare(context, parameters);
      } catch (error) {
        if (error instanceof Refusal) await this.#apply({ kind: 'refuse', step: stepId, error: error.value });
        throw error;
      }
      await this.#apply({ kind: 'intend', step: stepId, prepared, asks });
      try {
        const { rows = [], ...effect } = await action.perform(context, parameters, prepared);
        await this.#apply({ kind: 'finish', step: stepId, ...fitting(action, effect) }, rows);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === 'TOKEN_GONE') throw error;
        if (await this.#settle(step, action, error)) return;
        throw error;
      }
    });
  }

  /**
   * Prints a sheet again that the current step reads back. The copy before was destroyed before `seenBy`; what was shown of it counts
   * no more. DUAL_CONTROL, PRINTER_REFUSED, SPOOL_HOLDS and the like.
   */
  reprint(stepId: string, sheet: number, again: Again): Promise<void> {
    return this.#exclusively(stepId, async (_step, action) => {
      if (!action.reprint || !action.reprintable?.(this.#state).some((each) => each.sheet === sheet)) {
        throw new Refusal('SHEET_NOT_PRINTED', { sheet });
      }
      this.#shareTexts.delete(`share-${sheet}`);
      await this.#reopen(stepId);
      try {
        await action.reprint(this.#effectContext(), sheet, again);
      } catch (error) {
        if (error instanceof Refusal && !pendingPrint(this.#state)) {
          await this.#apply({ kind: 'refuse', step: stepId, error: error.value });
        }
        throw error;
      }
    });
  }

  /** After an interruption: reads back what became of the effect, and adopts or undoes it. */
  async resume(): Promise<void> {
    const step = currentStep(this.#state);
    if (!step || !this.#isOpen()) return;
    await this.#exclusively(step.id, async (current, action) => {
      // Whoever was before it may have settled it already, or ended the ceremony.
      if (!this.#isOpen()) return;
      await this.#takeBack();
      if (!this.#state.intent) return;
      refusePending(current, await this.#currentAsks(current.id));
      await this.#openSessions(action);
      await this.#settle(current, action, null);
    });
  }

  /** An effect or a print was begun, and it is not recorded what became of it. */
  #isOpen(): boolean {
    return this.#state.intent !== null || pendingPrint(this.#state) !== null;
  }

  #takeBack(): Promise<void> {
    return takeBackPrint({ state: () => this.#state, record: (command) => this.#apply(command) });
  }

  /** Answers whether the step is done after all. */
  async #settle(step: ScriptStep, action: AnyAction, failure: Refusal | null): Promise<boolean> {
    const parameters: unknown = action.parameters.parse(step.parameters);
    await this.#takeBack();
    const found = await action.reconcile(this.#effectContext(), parameters, this.#state.intent?.prepared);
    if ('adopted' in found) {
      const { rows = [], ...effect } = found.adopted;
      await this.#apply({ kind: 'adopt', step: step.id, detail: found.detail, ...fitting(action, effect) }, rows);
      return true;
    }
    const files = action.files?.(this.#state, parameters) ?? [];
    const removed = files.filter((path) => this.#parts.output.remove(path));
    const { undone } = found;
    const detail =
      removed.length > 0 ? say(this.#state, 'undone.removed', { undone, files: removed.join(', ') }) : undone;
    if (failure) await this.#apply({ kind: 'fail', step: step.id, error: failure.value });
    else await this.#apply({ kind: 'undo', step: step.id, detail });
    return false;
  }

  /** Looks at the step as it would be with an answer, so that a path that leads nowhere is refused when it is given. */
  async #tryOut(command: Command): Promise<void> {
    const { id } = this.#state;
    const at = this.#parts.clock().toISOString();
    const state = decide(this.#state, command).reduce((now, event) => evolve(now, { ...event, at }, id), this.#state);
    const step = currentStep(state);
    if (!step || state.intent) return;
    const action = actionNamed(step.action);
    await action.look?.({ ...this.#lookContext(), state }, action.parameters.parse(step.parameters));
  }

  /** What somebody had confirmed has changed. An interrupted step has nothing to confirm. */
  async #reopen(step: string): Promise<void> {
    if (!this.#isOpen()) await this.#apply({ kind: 'reopen', step });
  }

  /** One thing after the other, but nothing waits behind an effect: it is told that the step is being done. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const step = currentStep(this.#state)?.id ?? '';
    return this.#running ? Promise.reject(new Refusal('STEP_RUNNING', { step })) : this.#queue(work);
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #exclusively(stepId: string, work: (step: ScriptStep, action: AnyAction) => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      const step = currentStep(this.#state);
      if (step?.id !== stepId) throw new Refusal('STEP_NOT_CURRENT', { step: stepId });
      this.#running = true;
      this.#parts.changed();
      try {
        await work(step, actionNamed(step.action));
      } finally {
        this.#running = false;
        this.#progress = null;
        this.#looked = null;
        if (currentStep(this.#state)?.id !== stepId) {
          await this.#forget([...this.#tickets.keys()]);
          this.#shareTexts.clear();
        }
        if (this.#state.status === 'completed') await this.#parts.sessions.close();
        const pausing = this.#pausing;
        this.#pausing = null;
        // A step that was interrupted is read back first, and one that was the last has nothing after it.
        if (pausing && this.#state.status === 'running') await this.#pause(pausing);
        this.#parts.changed();
      }
    });
  }

  #progressed(done: number, total: number): void {
    if (!this.#running) return;
    this.#progress = { done, total };
    this.#parts.changed();
  }

  async #openSessions(action: AnyAction): Promise<void> {
    for (const use of action.needs) {
      await this.#parts.sessions.open(use, this.#state, (ask) => this.#takeTicket(ask));
      const serial = use === 'main' ? openedSerial(this.#state) : null;
      if (serial === null) continue;
      const actual = this.#parts.sessions.info(use).serial;
      if (serial !== actual) throw new Refusal('TOKEN_DIFFERENT', { expected: serial, actual });
    }
  }

  /** A ticket for a call that will take the secret: it is good once. Null if nothing is given, or died with its process. */
  #takeTicket(ask: string): string | null {
    const held = this.#tickets.get(ask);
    this.#tickets.delete(ask);
    return held?.process.alive ? held.ticket : null;
  }

  /** Has the secrets of these asks wiped in the token process that holds them. */
  async #forget(asks: string[]): Promise<void> {
    for (const ask of asks) {
      const held = this.#tickets.get(ask);
      this.#tickets.delete(ask);
      if (held?.process.alive) await held.process.call('forget', { tickets: [held.ticket] });
    }
  }

  async #currentAsks(stepId: string): Promise<ActionAsk[]> {
    const step = currentStep(this.#state);
    if (step?.id !== stepId) throw new Refusal('STEP_NOT_CURRENT', { step: stepId });
    return this.#asks(step, await this.#facts(step));
  }

  async #facts(step: ScriptStep): Promise<Fact[]> {
    // A step under way shows how its prints stand, an interrupted one nothing of its own: first it is read back what became of it.
    if (this.#isOpen()) return printFacts(this.#state, step.id);
    const action = actionNamed(step.action);
    if (action.looksAnew === true || this.#looked?.position !== this.#state.position) {
      const look = async () =>
        (await action.look?.(this.#lookContext(), action.parameters.parse(step.parameters))) ?? [];
      const facts = await look().catch((error: unknown): Fact[] => {
        if (!(error instanceof Refusal)) throw error;
        // What was there when it was named is gone: it is said, and may be named again.
        return [
          {
            kind: 'check',
            label: step.title,
            verdict: 'no-go',
            detail: explain(error.value, this.#state.language).says,
          },
        ];
      });
      this.#looked = { position: this.#state.position, facts };
    }
    return this.#looked.facts;
  }

  async #asks(step: ScriptStep, facts: Fact[]): Promise<ActionAsk[]> {
    const action = actionNamed(step.action);
    const parameters: unknown = action.parameters.parse(step.parameters);
    const pins = action.needs.flatMap((use) => this.#parts.sessions.asks(use, this.#state));
    // An interrupted step asks for nothing but the way back to its token.
    const own = this.#isOpen() ? [] : ((await action.asks?.(this.#lookContext(), parameters, facts)) ?? []);
    const asks: Unasked<ActionAsk>[] = [...this.#clockAsks(), ...pins, ...own];
    return asks.map((ask) => ({ ...acceptable(ask, this.#state.script), given: this.#isGiven(ask.id) }));
  }

  /** A clock that shows less than a row already carries has gone back: somebody looks at it and says so. */
  #clockAsks(): Unasked<ActionAsk>[] {
    const { latestAt } = this.#state;
    if (this.#parts.clock().toISOString() >= latestAt) return [];
    const label = say(this.#state, 'clock.back', { at: `${latestAt.slice(0, 19).replace('T', ' ')} UTC` });
    return [{ id: `clock-${latestAt}`, kind: 'accept', label, by: 'ceremonyAdministrator', tone: 'warning' }];
  }

  #isGiven(ask: string): boolean {
    const held = this.#tickets.get(ask);
    return ask in this.#state.answers || held?.process.alive === true || this.#shareTexts.has(ask);
  }

  #lookContext() {
    const { clock, data, ledger, sessions } = this.#parts;
    return {
      state: this.#state,
      clock,
      data,
      ledger,
      tokenLocation: () => sessions.location,
      blank: () => sessions.process('blank'),
    };
  }

  #effectContext(): EffectContext {
    const { random, store, output, sessions } = this.#parts;
    const missing = (ask: string) => new Error(`nothing was given for ${ask}`);
    return {
      ...this.#lookContext(),
      random,
      store,
      output,
      token: (use) => sessions.opened(use),
      tokenInfo: (use) => sessions.info(use),
      ticket: (ask) => {
        const ticket = this.#takeTicket(ask);
        if (ticket === null) throw new Refusal('TOKEN_GONE', because('token.typedDied'));
        return ticket;
      },
      part: async (done, total) => {
        this.#progressed(done, total);
        // Others are heard meanwhile: a view that asks how far it is, somebody who wants to pause.
        await setImmediate();
        if (this.#pausing) throw new Refusal('STEP_STOPPED');
      },
      shareText: (ask) => {
        const text = this.#shareTexts.get(ask);
        if (text === undefined) throw missing(ask);
        return text;
      },
      print: (job: SheetJob) =>
        printSheet(
          { state: () => this.#state, record: (command) => this.#apply(command), signal: this.#aborting.signal },
          job,
        ),
      now: () => this.#state,
    };
  }

  /**
   * Records what a command causes, after `rows` that belong with it, all or none. What was decided is recorded before anything
   * else is decided: a deviation waits for no turn.
   */
  #apply(command: Command, rows: NewRow[] = []): Promise<void> {
    const recorded = this.#recorded.then(() => this.#record(command, rows));
    this.#recorded = recorded.catch(() => undefined);
    return recorded;
  }

  async #record(command: Command, rows: NewRow[]): Promise<void> {
    const events: CeremonyEvent[] = decide(this.#state, command);
    if (events.length === 0) return;
    const own = events.map((event) => ({ ...event, ceremony: this.#state.id }));
    const recorded = (await this.#parts.ledger.append([...rows, ...own])).slice(rows.length);
    events.forEach((event, index) => {
      this.#state = evolve(this.#state, { ...event, at: recorded[index]?.at ?? '' }, this.#state.id);
    });
    this.#parts.changed();
  }
}

/** A result that does not fit its action's schema is a broken invariant: no row is made of it. */
function fitting<E extends { result: unknown }>(action: AnyAction, effect: E): E {
  action.result.parse(effect.result);
  return effect;
}

/** Who accepts has a role of the script: where the one that is asked for is not held, the first other than the operator's. */
function acceptable(ask: Unasked<ActionAsk>, { participants }: Script): Unasked<ActionAsk> {
  if (ask.kind !== 'accept' || typeof ask.by === 'object' || participants[ask.by] !== undefined) return ask;
  const by = ROLES.find((role) => role !== 'operator' && participants[role] !== undefined) ?? ask.by;
  return { ...ask, by };
}

function tooShort({ what, minimumLength: minimum }: SecretAsk): Refusal {
  if (what === 'dice') return new Refusal('DICE_INVALID', because('dice.least', { least: minimum }));
  return new Refusal(what === 'passphrase' ? 'PASSPHRASE_WEAK' : 'PIN_SHORT', { minimum });
}

/** Where the ledger says a ceremony stands. CEREMONY_UNKNOWN. */
export function stateOf(id: string, rows: LedgerRow[]): CeremonyState {
  let state: CeremonyState | null = null;
  for (const row of rows) if (isEvent(row.kind)) state = evolve(state, eventOf(row.kind, row.body, row.at), id);
  if (!state) throw new Refusal('CEREMONY_UNKNOWN', { ceremony: id });
  return state;
}

/** The serial number of the token that this ceremony began on, once it has been opened. */
function openedSerial(state: CeremonyState): string | null {
  const opened = state.records.find(({ step }) => step.action === 'open-token')?.result;
  return (opened as { serial: string } | undefined)?.serial ?? null;
}

function withoutDestination(ask: ActionAsk): Ask {
  if (ask.kind !== 'secret') return ask;
  const { goesTo: _, ...shown } = ask;
  return shown;
}

/** Characters of UTF-8 text, counted without making a string of it: every byte that does not continue one. */
function characterCount(utf8: Uint8Array): number {
  return utf8.reduce((count, byte) => count + ((byte & 0xc0) === 0x80 ? 0 : 1), 0);
}
