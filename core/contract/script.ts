import { z } from 'zod';
import { LOCALES } from './messages/locale.ts';
import { ROLES, type Role } from './roles.ts';

const stepId = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'lower-case letters, digits and hyphens');

export const stepSchema = z.strictObject({
  id: stepId.describe('Name of the step, unique in the script; the ledger knows it by this.'),
  section: z.string().min(1).max(40).describe('Steps in a row with the same section stand under one heading.'),
  title: z.string().min(1).max(60).describe('What is done, as the screen and the paper script say it.'),
  instruction: z.string().min(1).max(240).describe('One sentence that says what to do now.'),
  readAloud: z.string().max(400).optional().describe('What is said to the room before the step is done.'),
  action: z.string().min(1).describe('What the program does in this step.'),
  acting: z.enum(ROLES).describe('The role that does it.'),
  confirming: z
    .array(z.enum(ROLES))
    .default([])
    .describe('Roles of one person each, not the acting one, that confirm it before it is done.'),
  primary: z.string().min(1).max(40).describe('The label of the one button that does it.'),
  parameters: z.record(z.string(), z.unknown()).default({}).describe('What the action needs to know.'),
});

/** A ceremony script: what was reviewed before the day. It carries no machine's facts (those are the token file's). */
export const scriptSchema = z.strictObject({
  claviger: z.literal(1).describe('Version of this form of script.'),
  language: z
    .enum(LOCALES)
    .default('en')
    .describe('The language of the words in this file; what Claviger says has its own, chosen on the day.'),
  title: z.string().min(1).max(80).describe('What the ceremony is called, on every screen and sheet.'),
  organisation: z.string().min(1).max(80).describe('Whose ceremony it is.'),
  purpose: z.string().min(1).max(400).describe('What the ceremony is for, in a sentence or two.'),
  policy: z
    .strictObject({
      threshold: z.int().min(2).max(15).describe('How many shares recover the master key.'),
      shareCount: z.int().min(2).max(15).describe('How many shares there are, each with a custodian.'),
      passphraseMinimum: z.int().min(8).default(16).describe('Fewest characters of a custodian’s passphrase.'),
      sheets: z
        .enum(['medium', 'printer', 'either'])
        .optional()
        .describe(
          'Where share sheets go: to the media as files (medium, which holds where nothing is said), from memory to a printer and to no disk (printer), or as the room chooses (either).',
        ),
      softwareToken: z
        .literal('allowed')
        .optional()
        .describe(
          'A live ceremony may run on software tokens; without it, one that would is refused before it begins.',
        ),
      profile: z
        .literal('fips')
        .optional()
        .describe('Only approved mechanisms, sizes and iterations, whatever the token could do.'),
      exceptions: z
        .array(z.string().min(1))
        .optional()
        .describe(
          'Mechanisms that are not approved and used all the same: whoever reviews the script accepts each by name.',
        ),
    })
    .refine((policy) => policy.profile !== undefined || policy.exceptions === undefined, 'exceptions to no profile')
    .refine((policy) => policy.threshold <= policy.shareCount, 'threshold must not exceed shareCount')
    .describe('What the ceremony must keep to.'),
  participants: z
    .partialRecord(z.enum(ROLES), z.int().min(1).max(15))
    .describe('How many people hold each role. One person holds one role.'),
  steps: z.array(stepSchema).min(1).max(99).describe('The steps, in the order in which they are done.'),
});

export type Script = z.infer<typeof scriptSchema>;
export type ScriptStep = z.infer<typeof stepSchema>;

export type Participant = { role: Role; name: string };
