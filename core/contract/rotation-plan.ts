import { z } from 'zod';

/** How a secret comes to its next value, in data. Nothing of it is secret. */

/** Small enough to be read, and none of them needs quoting in a URL, a shell or a configuration. */
export const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** How much is drawn. */
export const DRAWN_COUNTS = { bytes: { min: 16, max: 1024 }, letters: { min: 12, max: 1024 } } as const;
/** How long a program or a server may take. */
export const SECONDS = { min: 1, max: 600 } as const;
export const PORTS = { min: 1, max: 65_535 } as const;

const wholeIn = ({ min, max }: { min: number; max: number }) => z.int().min(min).max(max);

/** A value that is drawn: `bytes` as they are, or `length` letters of an alphabet. */
export const drawnSchema = z.union([
  z.strictObject({ bytes: wholeIn(DRAWN_COUNTS.bytes) }),
  z.strictObject({
    length: wholeIn(DRAWN_COUNTS.letters),
    alphabet: z
      .string()
      .regex(/^[\x21-\x7e]{10,94}$/, '10 to 94 printable ASCII letters')
      .refine((letters) => new Set(letters).size === letters.length, 'has a letter twice')
      .default(ALPHANUMERIC),
  }),
]);
export type Drawn = z.output<typeof drawnSchema>;

/** A file in the folder `programs` of the store: whoever calls names no path, and what is there was put there by the holder's own user. */
const program = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'small letters, digits, underline, hyphen; 63 at most');
const seconds = wholeIn(SECONDS).default(60);
const role = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a plain name of a role');

export const rotatorSchema = z.discriminatedUnion('name', [
  /** The vault alone knows the value. */
  z.strictObject({ name: z.literal('random'), value: drawnSchema }),
  /** `program STEP SECRET`, with the value on standard input; STEP is `apply`, `verify` or `roll-back`, and its exit status decides. */
  z.strictObject({ name: z.literal('command'), program, value: drawnSchema, seconds }),
  /**
   * Two roles that take turns: the one that is not in use gets the new password. `host`: a folder of a Unix socket, or a host, which then needs `ca`, its CA in PEM.
   * `administrator`: the secret of a role that may change both, `owner/environment/name`.
   */
  z.strictObject({
    name: z.literal('postgres'),
    host: z.string().min(1).max(255),
    port: wholeIn(PORTS).default(5432),
    database: z.string().min(1).max(63).default('postgres'),
    ca: z.string().max(65_536).optional(),
    roles: z.tuple([role, role]).refine(([one, other]) => one !== other, 'are two'),
    administrator: z.string().regex(/^[^/]+\/[^/]+\/.+$/, 'owner/environment/name'),
    seconds,
  }),
]);
export type RotatorSettings = z.output<typeof rotatorSchema>;
/** Of a secret that is rotated by hand: no plan names it, and going back to the version before is all that it does. */
const byHand = z.strictObject({ name: z.literal('hand') });

/** Told after each rotation, never the value: a POST of JSON, or a program with the same on standard input. */
export const afterSchema = z.union([
  z.strictObject({
    webhook: z.url({ protocol: /^https?$/ }).max(2000),
    /** Of the server, where it is no public one, in PEM. */
    ca: z.string().max(65_536).optional(),
  }),
  z.strictObject({ program }),
]);
export type After = z.output<typeof afterSchema>;

export const rotationPlanSchema = z
  .strictObject({ rotator: rotatorSchema, after: afterSchema.nullable().default(null) })
  .superRefine(({ rotator }, context) => {
    if (rotator.name === 'postgres' && !rotator.host.startsWith('/') && rotator.ca === undefined) {
      context.addIssue({ code: 'custom', path: ['rotator', 'ca'], message: 'is needed for a host that is no socket' });
    }
  });
export type RotationPlan = z.output<typeof rotationPlanSchema>;

/** What one rotation goes by. */
export const takenPlanSchema = rotationPlanSchema.or(z.strictObject({ rotator: byHand, after: z.null() }));
export type TakenPlan = z.output<typeof takenPlanSchema>;
