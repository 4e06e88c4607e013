import type { Mode } from './ceremony.ts';
import type { ErrorValue } from './errors.ts';

/** What a PKCS#11 module says of itself, its slots and its tokens without a login (PKCS#11 v2.40, 5.4 and 5.5). */
export type Probe = {
  module: string;
  library: { description: string; manufacturer: string; version: string; cryptoki: string };
  slots: ProbedSlot[];
};

export type ProbedSlot = {
  /** CK_SLOT_ID, decimal. */
  slot: string;
  description: string;
  manufacturer: string;
  hardware: string;
  firmware: string;
  flags: string[];
  /** Null where no token is in the slot. */
  token: ProbedToken | null;
  mechanisms: ProbedMechanism[];
  /** Objects that are seen without a login, as class and label. */
  visible: string[];
  /** What a ceremony needs of this token; none where there is no token. */
  needs: TokenNeed[];
  /** The name of the device in the table of docs/tokens-hardware.md, where it looks like one. */
  knownAs: string | null;
};

export type ProbedToken = {
  label: string;
  manufacturer: string;
  model: string;
  serial: string;
  hardware: string;
  firmware: string;
  /** CKF names without the prefix. */
  flags: string[];
  pin: { minimumLength: number; maximumLength: number; user: PinState; securityOfficer: PinState };
  /** Null: not told, or without a limit. */
  sessions: {
    open: number | null;
    maximum: number | null;
    openReadWrite: number | null;
    maximumReadWrite: number | null;
  };
};

/** What the flags tell of tries that are left. `not set`: the user PIN was never set. */
export type PinState = 'not set' | 'good' | 'a try has failed' | 'one try left' | 'locked';

export type ProbedMechanism = { name: string; minimumKey: number; maximumKey: number; flags: string[] };

/** What a ceremony needs of a token. */
export type Need =
  | 'initialised'
  | 'pin'
  | 'login'
  | 'writable'
  | 'randomness'
  | 'p384'
  | 'rsa4096'
  | 'backup'
  | 'vaultKey'
  | 'trusted'
  | 'kept';

/** What there is of a need, or why there is not; `names` of mechanisms or flags. */
export type Offer = {
  is:
    | `pin.${Exclude<PinState, 'good'>}`
    | 'names'
    | 'noSize'
    | 'otherWraps'
    | 'noWrap'
    | 'notInitialised'
    | 'noLogin'
    | 'noRandomness'
    | 'sessions'
    | 'sessionsUnlimited'
    | 'pinLength'
    | 'triedTrusted'
    | 'triedKept';
  names?: string;
  count?: number;
  minimum?: number;
  maximum?: number;
};

/** `unknown`: a module tells it only when it is tried, with a login. */
export type TokenNeed = { need: Need; verdict: 'there' | 'missing' | 'unknown'; offer: Offer };

/** What a token tells of a key: CKA names of PKCS#11 in our spelling. */
export const ATTRIBUTES = [
  ...(['token', 'private', 'sensitive', 'alwaysSensitive', 'extractable', 'neverExtractable', 'local'] as const),
  ...(['trusted', 'wrapWithTrusted', 'sign', 'encrypt', 'decrypt', 'derive', 'wrap', 'unwrap'] as const),
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

/** A token by the number of its slot or by its serial number. */
export type TokenPosition = { slot: string } | { serial: string };

/** What a token holds, after a login. */
export type TokenContents = {
  info: { label: string; manufacturer: string; model: string; serial: string; firmware: string; location: string };
  keys: {
    label: string;
    id: string;
    algorithm: string;
    publicKey: string | null;
    attributes: Record<string, boolean>;
  }[];
  /** Of every class: "certificate root-2026". */
  objects: string[];
};

/** What is known of tokens before anybody logs in. */
export type KnownTokens = {
  training: { ceremony: string; title: string; begunAt: string; folder: string }[];
  files: TokenFileView[];
  /** PKCS#11 modules that those files name. */
  modules: string[];
};

/** `file` and `pad` need nobody at the keyboard; a PIN in `parts` is typed in a ceremony alone. */
export type PinWay = 'prompt' | 'pad' | 'file' | 'descriptor' | 'parts';

/** A token file, or why it cannot be read. */
export type TokenFileView = {
  path: string;
  token: {
    label: string;
    kind: 'pkcs11' | 'software';
    /** The module, or the folder of a software token. */
    place: string;
    mode: Mode;
    pin: PinWay;
    /** Label of the token where recovery is rehearsed; null if none is named. */
    rehearsal: string | null;
  } | null;
  error: ErrorValue | null;
};
