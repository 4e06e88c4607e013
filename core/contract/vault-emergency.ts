import { z } from 'zod';
import { EMERGENCY_RIGHTS, notifierName } from './vault-emergency-policy.ts';
import { type Right, type Scope, principalName, scopeSchema } from './vault.ts';

/** Break-glass: rights for a while that nobody was granted, for whoever is on the emergency list (story 04.2, emergency access procedures). */

const id = z.uuid();
const typed = z.string().trim().min(10, 'ten characters or more').max(2000);

export const EMERGENCY_COMMANDS = {
  /** A person of the emergency list, with a one-time code besides their session. `scope`: everything where nothing is said; `rights` and `minutes`: what policy allows. */
  'vault.breakGlass': {
    input: z.strictObject({
      reason: typed,
      code: z.string().regex(/^\d{6}$/),
      minutes: z.int().min(1).max(1440).optional(),
      scope: scopeSchema.optional(),
      rights: z.array(z.enum(EMERGENCY_RIGHTS)).min(1).max(EMERGENCY_RIGHTS.length).optional(),
    }),
  },
  /** One's own, or anybody's by an administrator. */
  'vault.breakGlassEnd': { input: z.strictObject({ emergency: id }) },
  /** By an administrator who is another person. `operations`: how many rows bear its mark, as the reviewer has seen them. */
  'vault.breakGlassReview': {
    input: z.strictObject({ emergency: id, finding: typed, operations: z.int().min(0) }),
  },
  /** One's own, and all of them for an administrator, who sees the emergency list too. */
  'vault.breakGlassStatus': { input: z.strictObject({}) },
  /** Puts a person on the emergency list, or takes them off it. ADMIN of everything; nobody does it for themselves. */
  'vault.breakGlassAllow': { input: z.strictObject({ name: principalName, allowed: z.boolean() }) },
  /** The password by which the vault logs in elsewhere (`of`: a notifier's name); it never comes back. ADMIN of everything. */
  'vault.setOutsidePassword': {
    input: z.strictObject({ of: notifierName, password: z.string().regex(/^[0-9a-f]{32}$/) }),
  },
} as const;

export type EmergencyView = {
  id: string;
  principal: string;
  reason: string;
  scope: Scope;
  rights: readonly Right[];
  openedAt: string;
  expiresAt: string;
  /** Until it ends by itself; 0 where it has ended. */
  remainingSeconds: number;
  endedAt: string | null;
  /** `expired`: by itself, whenever that was written down. */
  ended: 'expired' | 'revoked' | null;
  endedBy: string | null;
  /** Rows that bear its mark. */
  operations: number;
  review: { by: string; at: string; finding: string } | null;
  notices: { notifier: string; event: 'opened' | 'ended'; state: 'pending' | 'sent' | 'failed' }[];
};

type Done = Record<string, never>;

export type EmergencyOutputs = {
  'vault.breakGlass': EmergencyView;
  'vault.breakGlassEnd': Done;
  'vault.breakGlassReview': Done;
  /** `listed`: the caller is on the emergency list. `people`: all of it; null for whoever is no administrator. */
  'vault.breakGlassStatus': { emergencies: EmergencyView[]; listed: boolean; people: string[] | null };
  'vault.breakGlassAllow': Done;
  'vault.setOutsidePassword': Done;
};

/** Of the vault's health: how many there are, and until when; never whose. */
export type EmergencyHealth = { live: number; until: string | null; unreviewed: number };
