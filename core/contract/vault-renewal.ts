import { z } from 'zod';
import { rotationPlanSchema, type RotationPlan } from './rotation-plan.ts';
import { type SecretIdentity, type VersionView, identitySchema, purposeSchema } from './vault.ts';

/** Commands that give secrets their next values. */

const ticket = z.string().regex(/^[0-9a-f]{32}$/);
const why = { purpose: purposeSchema.optional(), request: z.uuid().optional() };

export const RENEWAL_COMMANDS = {
  /** How a secret rotates, how its newest rotation went, and the versions that are kept. Any right on the secret will do; of what two people guard it takes what they approved for `versions`. */
  'vault.renewal': { input: identitySchema.extend(why) },
  /** `plan`: null for that of its category. `days`: null for those of its category, which are never exceeded. ADMIN of everything: it says what the holder runs and where it connects. */
  'vault.setPlan': {
    input: identitySchema.extend({
      plan: rotationPlanSchema.nullable().optional(),
      days: z.int().min(1).max(36_500).nullable().optional(),
    }),
  },
  /**
   * A new value now, or the end of a rotation that was interrupted. `value`: made by the caller, of a secret without a rotator. `urgent`: also while the version before
   * still counts. `back`: an interrupted one is undone; else the version before becomes the newest again. `dryRun`: says what it would do, and changes nothing; what two people approved is not used up by it.
   */
  'vault.rotateSecret': {
    input: identitySchema.extend({
      ...why,
      value: ticket.optional(),
      urgent: z.boolean().default(false),
      back: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
  },
  /** The same for whatever is due and has a rotator, of what the caller may rotate. */
  'vault.rotateDue': {
    input: z.strictObject({ limit: z.int().min(1).max(1000).default(100), dryRun: z.boolean().default(false) }),
  },
} as const;

/** `rolling-back` is resumed like what has not ended. */
export const RENEWAL_STATES = ['intended', 'applied', 'verified', 'activated', 'rolling-back', 'rolled-back'] as const;
export type RenewalState = (typeof RENEWAL_STATES)[number];

/** What is told outside: `due` until it was, or could not be (`failed`). */
export type Told = 'due' | 'done' | 'failed';

export type RenewalView = {
  id: string;
  secret: SecretIdentity;
  state: RenewalState;
  /** The version that it makes. */
  version: number;
  rotator: string;
  /** Why it was rolled back: a code. */
  detail: string | null;
  told: Told | null;
  startedAt: string;
  updatedAt: string;
};

/** `does`: what would be changed, such as the name of a role. Null where nothing outside is. */
export type ForeseenView = { secret: SecretIdentity; version: number; rotator: string; does: string | null };

/** Of many: what became of each, or why nothing did (`code`). */
export type RenewalOutcome = {
  secret: SecretIdentity;
  renewal: RenewalView | null;
  foreseen: ForeseenView | null;
  code: string | null;
};

export type RenewalOutputs = {
  'vault.renewal': {
    /** Of the secret itself, or of its category. */
    plan: RotationPlan | null;
    own: boolean;
    /** Days; null: never. */
    days: number | null;
    due: string | null;
    newest: RenewalView | null;
    /** Newest first. */
    versions: VersionView[];
  };
  'vault.setPlan': { due: string | null };
  'vault.rotateSecret': { version: number; renewal: RenewalView | null; foreseen: ForeseenView | null };
  'vault.rotateDue': { outcomes: RenewalOutcome[] };
};
