import { z } from 'zod';

/** What policy says of break-glass: for how long, what it gives, and who is told (story 04.2, emergency access procedures). */

/** No ADMIN: what ends by itself must not give away what stays. */
export const EMERGENCY_RIGHTS = ['READ', 'WRITE', 'ROTATE'] as const;

export const notifierName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'small letters, digits, hyphen; 41 at most');
const absolutePath = z
  .string()
  .regex(/^\/[^\0]*$/, 'an absolute path')
  .max(4096);
const mailAddress = z.email().max(254);

export const notifierSchema = z.discriminatedUnion('kind', [
  /** One line of JSON at the end of a file of the holder's machine, which is made if it is not there. */
  z.strictObject({ kind: z.literal('file'), name: notifierName, path: absolutePath }),
  /** A program of the holder's machine, without a shell, which reads one JSON value from its standard input. */
  z.strictObject({
    kind: z.literal('command'),
    name: notifierName,
    program: absolutePath,
    arguments: z.array(z.string().max(400)).max(20).optional(),
  }),
  /** Mail over TLS. The password of `user` is a secret of the vault's own, under the notifier's name: `vault.setOutsidePassword`. */
  z.strictObject({
    kind: z.literal('smtp'),
    name: notifierName,
    host: z.string().min(1).max(255),
    port: z.int().min(1).max(65_535),
    tls: z.enum(['implicit', 'starttls']),
    /** The CA of the server, PEM, where it is none that everybody knows. */
    ca: z.string().max(16_384).optional(),
    user: z.string().min(1).max(254).optional(),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(20),
    language: z.enum(['en', 'de']).optional(),
  }),
]);
export type Notifier = z.infer<typeof notifierSchema>;

export const emergencyPolicySchema = z.strictObject({
  /** No emergency access lasts longer. */
  minutes: z.int().min(1).max(1440),
  /** What it gives at most. */
  rights: z.array(z.enum(EMERGENCY_RIGHTS)).min(1).max(EMERGENCY_RIGHTS.length),
  notifiers: z
    .array(notifierSchema)
    .max(10)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'names come once'),
});
export type EmergencyPolicy = z.infer<typeof emergencyPolicySchema>;

/** Where a policy says nothing of it. Alerts tell of it in any case. */
export const DEFAULT_EMERGENCY: EmergencyPolicy = { minutes: 60, rights: ['READ'], notifiers: [] };
