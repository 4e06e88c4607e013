import { z } from 'zod';

/** Commands that rotate the vault's own keys: the KEK, and the data keys under it. ADMIN of everything. Each answers how the rotation stands. */

const none = z.strictObject({});
const ticket = z.string().regex(/^[0-9a-f]{32}$/);

export const ROTATION_COMMANDS = {
  /** How the rotation that is under way stands; where there is none, how the last one ended. */
  'vault.rotation': { input: none },
  /**
   * A new KEK beside the present one, every data key wrapped under it and tried; then it is the active one. `secret`: the passphrase of a keystore, again; a token takes none.
   * `graceHours`: how long the old one is kept, if not as long as policy says.
   */
  'vault.rotateKey': {
    input: z.strictObject({ secret: ticket.optional(), graceHours: z.int().min(0).max(8760).optional() }),
  },
  /** A fresh data key for each version of each secret. There is no way back, and none is needed: each is tried before the old one goes. */
  'vault.rotateDataKeys': { input: none },
  'vault.pauseRotation': { input: none },
  /** Also after what stopped it was mended. `secret`: as above, where the new keystore was not made yet or was not opened. */
  'vault.continueRotation': { input: z.strictObject({ secret: ticket.optional() }) },
  /** The old KEK is the active one again, and the new one is destroyed. Until the clean-up. */
  'vault.rollBackRotation': { input: none },
  /** The clean-up: the old KEK is destroyed. `now`: before the grace period is over. */
  'vault.finishRotation': { input: z.strictObject({ now: z.boolean().default(false) }) },
} as const;

export const ROTATION_PHASES = [
  'preparation',
  're-encryption',
  'verification',
  'grace',
  'clean-up',
  'roll-back',
  'finished',
  'rolled-back',
] as const;
export type RotationPhase = (typeof ROTATION_PHASES)[number];

export type RotationView = {
  id: string;
  what: 'kek' | 'dek';
  phase: RotationPhase;
  from: string;
  /** Null before the new KEK is made; of data keys, the KEK that they are under. */
  to: string | null;
  /** Versions of secrets, in this phase. */
  done: number;
  total: number;
  /** Null where nothing is under way, or nothing is known yet. */
  perSecond: number | null;
  secondsLeft: number | null;
  running: boolean;
  paused: boolean;
  /** The code of what stopped it. */
  stopped: string | null;
  graceUntil: string | null;
  startedAt: string;
  startedBy: string;
  finishedAt: string | null;
  /** Of a new KEK in a token: its backup under the master key. */
  backup: { file: string; sha256: string; masterKey: string } | null;
};

type Answer = { rotation: RotationView };

export type RotationOutputs = {
  'vault.rotation': { rotation: RotationView | null };
  'vault.rotateKey': Answer;
  'vault.rotateDataKeys': Answer;
  'vault.pauseRotation': Answer;
  'vault.continueRotation': Answer;
  'vault.rollBackRotation': Answer;
  'vault.finishRotation': Answer;
};
