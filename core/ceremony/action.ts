import type { z } from 'zod';
import type { Ask, Fact } from '../contract/ceremony.ts';
import type { Role } from '../contract/roles.ts';
import type { Script } from '../contract/script.ts';
import type { MechanismUse } from '../hsm/fips.ts';
import type { TokenProcess } from '../hsm/process/client.ts';
import type { TokenLocation } from '../hsm/process/protocol.ts';
import type { TokenInfo } from '../hsm/token.ts';
import type { Ledger, NewRow } from '../ledger/ledger.ts';
import type { Store } from '../store/open.ts';
import type { Again } from './event.ts';
import type { Output } from './output.ts';
import type { SheetJob } from './printing.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/**
 * Which token process a step works on: the one of the ceremony, the second one that recovery is rehearsed on, one that
 * has opened nothing (`blank`), where a token is looked at without a login and initialised, or a fresh one in which one share
 * is opened (`share`): the action that uses it ends it.
 */
export type TokenUse = 'main' | 'rehearsal' | 'blank' | 'share';

/** A secret ask, and the token process to which its bytes go as soon as they are typed. */
export type SecretAsk = Extract<Ask, { kind: 'secret' }> & { goesTo: TokenUse };
export type ActionAsk = Exclude<Ask, { kind: 'secret' }> | SecretAsk;

/** An action before `given` is known. */
export type Unasked<A> = A extends unknown ? Omit<A, 'given'> : never;

type Asked = Unasked<ActionAsk>[];

/** What an action may look at. */
export type LookContext = {
  state: CeremonyState;
  clock: () => Date;
  /** The machine and its folders, for preflight. */
  data: string;
  ledger: Ledger;
  /** Where the token of this ceremony is, opened or not. */
  tokenLocation: () => TokenLocation;
  /** A token process that has opened nothing, for a look without a login. */
  blank: () => Promise<TokenProcess>;
};

/** What an effect works with. */
export type EffectContext = LookContext & {
  random: (length: number) => Uint8Array;
  store: Store;
  output: Output;
  token: (use: TokenUse) => TokenProcess;
  /** What an opened token says of itself. */
  tokenInfo: (use: TokenUse) => TokenInfo;
  /** The ticket under which a token process holds the secret of an ask. */
  ticket: (ask: string) => string;
  /** The text of a share that a custodian has shown for an ask. It is in no ledger row. */
  shareText: (ask: string) => string;
  /**
   * Called before each part of an effect that takes long, where a next try takes up what was changed: says how many of how
   * many are done, and stops here if somebody wants to pause. The step is then done again. STEP_STOPPED.
   */
  part: (done: number, total: number) => Promise<void>;
  /** Prints one sheet, in rows of its own. PRINTER_UNKNOWN, PRINTER_REFUSED. */
  print: (job: SheetJob) => Promise<void>;
  /** The state with the rows of such prints. */
  now: () => CeremonyState;
};

/** What an effect did. `rows` are ledger rows that stand or fall with its result row: they are appended with it, before it. */
export type Effect<R> = { result: R; facts: Fact[]; rows?: NewRow[] };

/** `incoming`: files that are brought, with their words. `sealed`: what goes into a bag or an envelope besides `shares`. */
export type HandWritten = {
  incoming?: { label: string; optional: boolean }[];
  sealed?: { what: string; holder: Role | null }[];
  shares?: boolean;
  /** Custodians choose passphrases, and write them on cards. */
  cards?: boolean;
};

/**
 * One kind of step. `prepare` chooses every value of the effect (serials, ids, times), which are made durable as the
 * intent; `perform` is the effect; `reconcile` finds out after an interruption what became of it, and either adopts
 * it or leaves nothing of it.
 */
export type Action<P, Prepared, R> = {
  name: string;
  parameters: z.ZodType<P>;
  /** What a result row of this action holds. */
  result: z.ZodType<R>;
  needs: TokenUse[];
  /** Actions that must stand earlier in the script (of a list, one of it), and whether this one may stand there only once. */
  after?: (string | string[])[];
  once?: boolean;
  /**
   * The files it writes. None may exist before the intent; after an interruption, those that do are its own. Asked before the
   * day as well, of a state in which people have roles and no step is done.
   */
  files?: (state: CeremonyState, parameters: P) => string[];
  /** What people write down by hand in this step: the paper script leaves room for it. */
  paper?: (parameters: P, reader: Pick<CeremonyState, 'language'>) => HandWritten;
  /** Complaints about a script that schema alone cannot see. */
  lint?: (parameters: P, script: Script) => string[];
  /** The cryptography that a step of these parameters uses, for a script's profile. */
  mechanisms?: (parameters: P) => MechanismUse[];
  /** Facts shown before the step is done. */
  look?: (context: LookContext, parameters: P) => Promise<Fact[]>;
  /** What it looks at changes by itself: it looks again for every view. */
  looksAnew?: boolean;
  asks?: (context: LookContext, parameters: P, looked: Fact[]) => Asked | Promise<Asked>;
  /** Refuses a share of this number that was shown, whoever was asked for one. */
  refuseShare?: (parameters: P, number: number) => void;
  /** Sheets that can be printed again while this step is open, and how. */
  reprintable?: (state: CeremonyState) => { sheet: number; label: string }[];
  reprint?: (context: EffectContext, sheet: number, again: Again) => Promise<void>;
  prepare: (context: EffectContext, parameters: P) => Promise<Prepared>;
  perform: (context: EffectContext, parameters: P, prepared: Prepared) => Promise<Effect<R>>;
  reconcile: (
    context: EffectContext,
    parameters: P,
    prepared: Prepared,
  ) => Promise<{ adopted: Effect<R>; detail: string } | { undone: string }>;
};

/** For an action that changes nothing outside the ledger. */
export function nothingToUndo({ state }: LookContext): Promise<{ undone: string }> {
  return Promise.resolve({ undone: say(state, 'undone.nothing') });
}

/** For an action that only writes files: the runner removes those of an attempt without a result. */
export function filesOnly({ state }: LookContext): Promise<{ undone: string }> {
  return Promise.resolve({ undone: say(state, 'undone.files') });
}
