import type { Ask, Fact } from '../contract/ceremony.ts';
import type { Answer } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Role, ScriptStep } from '../contract/script.ts';
import { readTyped } from '../shares/lines.ts';
import { parseShare } from '../shares/share.ts';
import { wipe } from '../process/guarded.ts';
import type { Action, ActionAsk, EffectContext, Unasked } from './action.ts';
import { type Command, decide } from './decide.ts';
import { type CeremonyEvent, eventOf } from './event.ts';
import { actionNamed } from './registry.ts';
import { manifestOf } from './records.ts';
import { scanShareSheet } from './scan-share.ts';
import { type CeremonyState, currentStep, evolve } from './state.ts';
import type { TokenSessions } from './token-sessions.ts';

export type RunnerParts = Omit<
  EffectContext,
  'state' | 'token' | 'tokenInfo' | 'tokenLocation' | 'ticket' | 'shareText'
> & {
  sessions: TokenSessions;
  /** Called after every change. */
  changed: () => void;
};

/**
 * One ceremony under way: decides, records, and runs effects between their intent row and their result row. What must
 * not be recorded (tickets of secrets, texts of shares) is kept here, for the current step only, and is asked again
 * after a restart.
 */
export class Runner {
  readonly #parts: RunnerParts;
  #state: CeremonyState;
  readonly #tickets = new Map<string, string>();
  readonly #shareTexts = new Map<string, string>();
  #looked: { position: number; facts: Fact[] } | null = null;
  #running = false;

  constructor(state: CeremonyState, parts: RunnerParts) {
    this.#state = state;
    this.#parts = parts;
  }

  /** A ceremony as its ledger rows tell it. CEREMONY_UNKNOWN. */
  static async load(id: string, parts: RunnerParts): Promise<Runner> {
    const rows = await parts.ledger.read({ ceremony: id });
    let state: CeremonyState | null = null;
    for (const row of rows) state = evolve(state, eventOf(row.kind, row.body, row.at), id);
    if (!state) throw new Refusal('CEREMONY_UNKNOWN', { ceremony: id });
    return new Runner(state, parts);
  }

  get state(): CeremonyState {
    return this.#state;
  }

  get running(): boolean {
    return this.#running;
  }

  /** The asks of the current step with what is given, and the facts that it shows. */
  async look(): Promise<{ asks: Ask[]; facts: Fact[] }> {
    const step = currentStep(this.#state);
    if (!step || this.#state.status === 'completed' || this.#state.status === 'aborted') return { asks: [], facts: [] };
    const facts = this.#state.intent ? [] : await this.#facts(step);
    return { asks: this.#asks(step, facts).map(withoutDestination), facts };
  }

  async answer(stepId: string, askId: string, answer: Answer): Promise<void> {
    this.#refuseWhileRunning(stepId);
    const asks = await this.#currentAsks(stepId);
    const ask = asks.find(({ id }) => id === askId);
    if (ask?.kind === 'share') {
      this.#shareTexts.set(askId, await this.#shareTextOf(askId, answer));
      this.#parts.changed();
      return;
    }
    await this.#apply({ kind: 'answer', step: stepId, ask: askId, answer, asks });
    // An answer can change what is asked and shown.
    this.#looked = null;
  }

  /** Takes a PIN or passphrase and passes it on to the token process that needs it. Wipes `secret`. */
  async provide(stepId: string, askId: string, secret: Uint8Array): Promise<void> {
    try {
      this.#refuseWhileRunning(stepId);
      const asks = await this.#currentAsks(stepId);
      const ask = asks.find(({ id }) => id === askId);
      if (ask?.kind !== 'secret') throw new Refusal('ASK_UNKNOWN', { step: stepId, ask: askId });
      if (characterCount(secret) < ask.minimumLength) {
        throw new Refusal('PASSPHRASE_WEAK', { minimum: ask.minimumLength });
      }
      const process = await this.#parts.sessions.process(ask.goesTo);
      this.#tickets.set(askId, await process.sendSecret(secret));
    } finally {
      wipe(secret);
    }
    this.#parts.changed();
  }

  async confirm(stepId: string, role: Role): Promise<void> {
    this.#refuseWhileRunning(stepId);
    await this.#apply({ kind: 'confirm', step: stepId, role });
  }

  async deviate(person: string, text: string): Promise<void> {
    await this.#apply({ kind: 'deviate', person, text });
  }

  async abort(person: string, reason: string): Promise<void> {
    if (this.#running) throw new Refusal('STEP_RUNNING', { step: currentStep(this.#state)?.id ?? '' });
    await this.#apply({ kind: 'abort', person, reason });
    await this.#parts.sessions.close();
  }

  /** Does the current step: intent, effect, result. A refused effect is undone and recorded as failed. */
  async perform(stepId: string): Promise<void> {
    await this.#exclusively(stepId, async (step, action) => {
      const asks = await this.#currentAsks(stepId);
      const context = this.#effectContext();
      const parameters: unknown = action.parameters.parse(step.parameters);
      // Everything that can be refused without an effect is refused before the intent.
      decide(this.#state, { kind: 'intend', step: stepId, prepared: null, asks });
      await this.#openSessions(action);
      const prepared = await action.prepare(context, parameters);
      await this.#apply({ kind: 'intend', step: stepId, prepared, asks });
      try {
        const effect = await action.perform(context, parameters, prepared);
        await this.#apply({ kind: 'finish', step: stepId, ...effect });
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === 'TOKEN_GONE') throw error;
        await this.#settle(step, action, { failure: error });
        throw error;
      }
    });
  }

  /** After an interruption: reads back what became of the effect, and adopts or undoes it. */
  async resume(): Promise<void> {
    const step = currentStep(this.#state);
    if (!step || !this.#state.intent) return;
    await this.#exclusively(step.id, async (current, action) => {
      await this.#openSessions(action);
      await this.#settle(current, action, {});
    });
  }

  async #settle(
    step: ScriptStep,
    action: Action<unknown, unknown, unknown>,
    { failure }: { failure?: Refusal },
  ): Promise<void> {
    const parameters: unknown = action.parameters.parse(step.parameters);
    const found = await action.reconcile(this.#effectContext(), parameters, this.#state.intent?.prepared);
    if ('adopted' in found) {
      await this.#apply({ kind: 'adopt', step: step.id, detail: found.detail, ...found.adopted });
    } else if (failure) {
      await this.#apply({ kind: 'fail', step: step.id, error: failure.value });
    } else {
      await this.#apply({ kind: 'undo', step: step.id, detail: found.undone });
    }
  }

  async #exclusively(
    stepId: string,
    work: (step: ScriptStep, action: Action<unknown, unknown, unknown>) => Promise<void>,
  ): Promise<void> {
    this.#refuseWhileRunning(stepId);
    const step = currentStep(this.#state);
    if (step?.id !== stepId) throw new Refusal('STEP_NOT_CURRENT', { step: stepId });
    this.#running = true;
    this.#parts.changed();
    try {
      await work(step, actionNamed(step.action));
    } finally {
      this.#running = false;
      // A secret serves one try: the token process has taken and wiped it.
      this.#tickets.clear();
      if (currentStep(this.#state)?.id !== stepId) this.#shareTexts.clear();
      this.#looked = null;
      if (this.#state.status === 'completed') await this.#parts.sessions.close();
      this.#parts.changed();
    }
  }

  async #openSessions(action: Action<unknown, unknown, unknown>): Promise<void> {
    for (const use of action.needs) {
      await this.#parts.sessions.open(use, (ask) => this.#tickets.get(ask) ?? null);
    }
  }

  #refuseWhileRunning(step: string): void {
    if (this.#running) throw new Refusal('STEP_RUNNING', { step });
  }

  async #currentAsks(stepId: string): Promise<ActionAsk[]> {
    const step = currentStep(this.#state);
    if (step?.id !== stepId) throw new Refusal('STEP_NOT_CURRENT', { step: stepId });
    return this.#asks(step, await this.#facts(step));
  }

  async #facts(step: ScriptStep): Promise<Fact[]> {
    if (this.#looked?.position !== this.#state.position) {
      const action = actionNamed(step.action);
      const facts = (await action.look?.(this.#lookContext(), action.parameters.parse(step.parameters))) ?? [];
      this.#looked = { position: this.#state.position, facts };
    }
    return this.#looked.facts;
  }

  #asks(step: ScriptStep, facts: Fact[]): ActionAsk[] {
    const action = actionNamed(step.action);
    const parameters: unknown = action.parameters.parse(step.parameters);
    const pins = action.needs.flatMap((use) => this.#parts.sessions.asks(use, this.#state));
    // An interrupted step asks for nothing but the way back to its token.
    const own = this.#state.intent ? [] : (action.asks?.(this.#lookContext(), parameters, facts) ?? []);
    const asks: Unasked<ActionAsk>[] = [...pins, ...own];
    return asks.map((ask) => ({ ...ask, given: this.#isGiven(ask.id) }));
  }

  #isGiven(ask: string): boolean {
    return ask in this.#state.answers || this.#tickets.has(ask) || this.#shareTexts.has(ask);
  }

  /** The text of a share that was typed, or read from a sheet's file; checked alone and against the set. */
  async #shareTextOf(askId: string, answer: Answer): Promise<string> {
    const manifest = manifestOf(this.#state);
    let text: string;
    if ('scanSheet' in answer) text = await scanShareSheet(this.#parts.output, answer.scanSheet);
    else if ('text' in answer) text = readTyped(answer.text);
    else throw new Refusal('INPUT_INVALID', { detail: 'the text of a sheet is needed' });
    const share = parseShare(text);
    const known = manifest.shares.some(({ x }) => x === share.x);
    if (Buffer.from(share.setId).toString('hex') !== manifest.setId || !known) {
      throw new Refusal('SHARE_FOREIGN', { x: share.x });
    }
    for (const [other, otherText] of this.#shareTexts) {
      if (other !== askId && parseShare(otherText).x === share.x) throw new Refusal('SHARE_REPEATED');
    }
    return text;
  }

  #lookContext() {
    const { clock, data, ledger } = this.#parts;
    return { state: this.#state, clock, data, ledger };
  }

  #effectContext(): EffectContext {
    const { clock, data, random, store, ledger, output, sessions } = this.#parts;
    const missing = (ask: string) => new Error(`nothing was given for ${ask}`);
    return {
      state: this.#state,
      clock,
      data,
      random,
      store,
      ledger,
      output,
      token: (use) => sessions.opened(use),
      tokenLocation: () => sessions.location,
      tokenInfo: (use) => sessions.info(use),
      ticket: (ask) => {
        const ticket = this.#tickets.get(ask);
        if (ticket === undefined) throw missing(ask);
        return ticket;
      },
      shareText: (ask) => {
        const text = this.#shareTexts.get(ask);
        if (text === undefined) throw missing(ask);
        return text;
      },
    };
  }

  async #apply(command: Command): Promise<void> {
    const events: CeremonyEvent[] = decide(this.#state, command);
    for (const event of events) {
      const row = await this.#parts.ledger.append({ ...event, ceremony: this.#state.id });
      this.#state = evolve(this.#state, { ...event, at: row.at }, this.#state.id);
    }
    this.#parts.changed();
  }
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
