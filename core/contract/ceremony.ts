import type { Kept } from './custody.ts';
import type { ErrorValue } from './errors.ts';
import type { Locale } from './messages/locale.ts';
import type { Role } from './roles.ts';

/** Training and live are the same code on different tokens. Everything that training makes says TRAINING. */
export type Mode = 'training' | 'live';

export type CeremonyStatus = 'running' | 'paused' | 'interrupted' | 'completed' | 'aborted';

/**
 * Something a step needs before it can be done. `given` says that core has it.
 * - `people`: names for every role. Answer: {participants: [{role, name}]}.
 * - `text`: one line. Answer: {text}.
 * - `choice`: one of several. Answer: {text}, the value of an option.
 * - `accept`: something that somebody accepts by name, whoever holds the role or one person: a warning, or (`plain`) a plain thing
 *   that is said to be so. Answer: {person}.
 * - `words`: bytes read aloud as words, each ticked by two roles. Answer: {ticks: [[true, true], ...]}.
 * - `custody`: where each thing is kept. Answer: {rows: [{item, custodian, bags: [{of, place, bag, seal}], reason}]}.
 * - `secret`: a PIN, passphrase or dice rolls. It is never a command's input: it goes as bytes through the secret channel.
 * - `share`: the text of one printed share (encrypted). It goes as a secret does, or as an answer: {text}, {scanSheet: shareNumber} or
 *   {scanFile: path}.
 */
export type Ask =
  | { id: string; kind: 'people'; label: string; given: boolean; roles: { role: Role; count: number }[] }
  | {
      id: string;
      kind: 'text';
      label: string;
      given: boolean;
      hint: string;
      suggestion: string | null;
      optional: boolean;
    }
  | {
      id: string;
      kind: 'choice';
      label: string;
      given: boolean;
      /** `detail`: what is to be known of it; `fit` is false where core would refuse it as it is now. */
      options: { value: string; label: string; detail: string; fit: boolean }[];
      suggestion: string | null;
      /** The value that was chosen. */
      chosen: string | null;
    }
  | {
      id: string;
      kind: 'accept';
      label: string;
      given: boolean;
      by: Role | { name: string };
      tone: 'warning' | 'plain';
    }
  | { id: string; kind: 'words'; label: string; given: boolean; words: string[]; hex: string; roles: [Role, Role] }
  | {
      id: string;
      kind: 'custody';
      label: string;
      given: boolean;
      kept: Kept[];
      /** What is there may stay as it is, be handed over, moved and sealed anew; each change has a reason. */
      changing: boolean;
      /** Numbers that were used before, and who holds a share that is not asked for. */
      used: { bag: string[]; seal: string[] };
      elsewhere: string[];
    }
  | {
      id: string;
      kind: 'secret';
      label: string;
      given: boolean;
      what: 'pin' | 'passphrase' | 'dice';
      /** `choose`: typed twice, with a floor. `enter`: typed once. */
      manner: 'choose' | 'enter';
      minimumLength: number;
      /** Who types it, in private. */
      person: string;
    }
  | {
      id: string;
      kind: 'share';
      label: string;
      given: boolean;
      person: string;
      sheets: { number: number; person: string }[];
    };

/** What a step shows besides its asks: facts in rows, checks, words. Plain data; the renderer lays it out. */
export type Fact =
  | { kind: 'row'; label: string; value: string; mono?: boolean }
  | { kind: 'check'; label: string; verdict: 'go' | 'warning' | 'no-go'; detail: string }
  | { kind: 'words'; label: string; words: string[]; hex: string }
  | { kind: 'file'; path: string; sha256: string };

export type StepView = {
  /** The paper script's number, from 1. */
  number: number;
  id: string;
  section: string;
  title: string;
  state: 'done' | 'current' | 'pending';
  acting: Role;
};

export type CurrentStep = {
  number: number;
  id: string;
  action: string;
  title: string;
  instruction: string;
  readAloud: string | null;
  acting: { role: Role; name: string | null };
  confirming: { role: Role; name: string | null; confirmed: boolean }[];
  /** SHA-256 of what is shown, asked and answered: a confirmation carries it, and is good for that alone. */
  shown: string;
  /** Everything is given, so that there is something to confirm. */
  confirmable: boolean;
  asks: Ask[];
  facts: Fact[];
  primary: string;
  /** Sheets that this step can have printed again, for a reason and before a witness. */
  reprintable: { sheet: number; label: string }[];
  /** Every ask is given and everybody has confirmed: it may be done, or resumed if it was interrupted. */
  ready: boolean;
  /** The effect is under way now. */
  running: boolean;
  /** How many parts of it are done, where it has parts. */
  progress: { done: number; total: number } | null;
  /** Why the last try failed, if it did. */
  failure: ErrorValue | null;
};

export type CeremonyView = {
  id: string;
  title: string;
  organisation: string;
  purpose: string;
  mode: Mode;
  /** In which core speaks in it, and its transcript is written. */
  language: Locale;
  /** Of the script's own words: titles, instructions, what is read aloud. */
  scriptLanguage: Locale;
  status: CeremonyStatus;
  scriptSha256: string;
  /** The first eight bytes of the script's SHA-256 as words. */
  scriptWords: string[];
  token: string;
  /** Path of the token file, if there is one. */
  tokenFile: string | null;
  out: string;
  /** The folder on a second medium that gets a copy of every file; null in a training run that does without. */
  copy: string | null;
  participants: { role: Role; name: string }[];
  steps: StepView[];
  /** Null when the ceremony is over. */
  current: CurrentStep | null;
  /** Who acts in the step after this one. */
  next: { role: Role; name: string | null } | null;
  /** What the finished steps recorded, by step id. */
  records: { step: string; number: number; title: string; at: string; facts: Fact[] }[];
  deviations: { at: string; step: number; person: string; text: string }[];
  /** While nothing goes on. */
  paused: { at: string; person: string; reason: string } | null;
  /** Somebody wants to pause; the effect that is under way first comes to where it is safe. */
  pausing: { person: string; reason: string } | null;
  aborted: { at: string; person: string; reason: string } | null;
  /** Counts every change, so that a view can wait for the next one. */
  version: number;
};

export type CeremonySummary = {
  id: string;
  title: string;
  mode: Mode;
  status: CeremonyStatus;
  begunAt: string;
  out: string;
  step: number;
  steps: number;
};
