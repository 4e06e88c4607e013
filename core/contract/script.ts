import { z } from 'zod';

/** Who acts and who watches. One person holds one role (dual control). */
export const ROLES = ['ceremonyAdministrator', 'operator', 'witness', 'auditor', 'custodian'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_NAMES: Record<Role, string> = {
  ceremonyAdministrator: 'Ceremony administrator',
  operator: 'Operator',
  witness: 'Witness',
  auditor: 'Auditor',
  custodian: 'Custodian',
};

const stepId = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'lower-case letters, digits and hyphens');

export const stepSchema = z.strictObject({
  id: stepId,
  section: z.string().min(1).max(40),
  title: z.string().min(1).max(60),
  /** One sentence that says what to do now. */
  instruction: z.string().min(1).max(240),
  readAloud: z.string().max(400).optional(),
  action: z.string().min(1),
  acting: z.enum(ROLES),
  confirming: z.array(z.enum(ROLES)).default([]),
  /** The label of the one primary action. */
  primary: z.string().min(1).max(40),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

/** A ceremony script: what was reviewed before the day. It carries no machine's facts (those are the token file's). */
export const scriptSchema = z.strictObject({
  claviger: z.literal(1),
  title: z.string().min(1).max(80),
  organisation: z.string().min(1).max(80),
  purpose: z.string().min(1).max(400),
  policy: z
    .strictObject({
      threshold: z.int().min(2).max(15),
      shareCount: z.int().min(2).max(15),
      passphraseMinimum: z.int().min(8).default(16),
      /** A live ceremony may run on software tokens. Without it, a live one that would is refused before it begins. */
      softwareToken: z.literal('allowed').optional(),
      /** Only approved mechanisms, sizes and iterations, whatever the token could do. */
      profile: z.literal('fips').optional(),
      /** Mechanisms that are not approved and used all the same: whoever reviews the script accepts each by name. */
      exceptions: z.array(z.string().min(1)).optional(),
    })
    .refine((policy) => policy.profile !== undefined || policy.exceptions === undefined, 'exceptions to no profile')
    .refine((policy) => policy.threshold <= policy.shareCount, 'threshold must not exceed shareCount'),
  participants: z.partialRecord(z.enum(ROLES), z.int().min(1).max(15)),
  steps: z.array(stepSchema).min(1).max(99),
});

export type Script = z.infer<typeof scriptSchema>;
export type ScriptStep = z.infer<typeof stepSchema>;

export type Participant = { role: Role; name: string };
