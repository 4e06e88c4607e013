import { z } from 'zod';
import { rotationPlanSchema } from './rotation-plan.ts';
import { CACHE_CLASSES, redisSchema } from './vault-cache-policy.ts';
import { DEFAULT_EMERGENCY, type EmergencyPolicy, emergencyPolicySchema } from './vault-emergency-policy.ts';

/** The vault in the field's terms: what callers name, and what policy says. Values are bytes and never stand here. */

export const ENVIRONMENTS = ['development', 'staging', 'production', 'testing', 'isolated'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/**
 * READ: to be given the value, or to have one tried against it. WRITE: to store a version, its tags and description. ADMIN: to delete, to grant, to approve.
 * ROTATE: to store a version that policy asks for. None implies another.
 */
export const RIGHTS = ['READ', 'WRITE', 'ADMIN', 'ROTATE'] as const;
export type Right = (typeof RIGHTS)[number];

/** No value that rests in the store is longer (bytes). What is longer is a file of its own: `encryptFile`. */
export const VALUE_LIMIT = 1024 * 1024;

export const ownerSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'small letters, digits, dot, underline, hyphen; 63 at most');
const secretName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'letters, digits, dot, underline, hyphen, slash; 200 at most');
export const principalName = ownerSchema;

/** Owner namespace, environment, name: one secret. */
export const identitySchema = z.strictObject({
  owner: ownerSchema,
  environment: z.enum(ENVIRONMENTS),
  name: secretName,
});
export type SecretIdentity = z.infer<typeof identitySchema>;

/** What a grant covers. `*` for all; a name may end with it. */
export const scopeSchema = z.strictObject({
  owner: ownerSchema.or(z.literal('*')),
  environment: z.enum([...ENVIRONMENTS, '*']),
  name: z
    .string()
    .regex(/^(?:[A-Za-z0-9][A-Za-z0-9._/-]{0,199})?\*?$/, 'a name, its beginning and *, or *')
    .min(1),
});
export type Scope = z.infer<typeof scopeSchema>;

export const tagSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:=/-]{0,63}$/);
export const tagsSchema = z.array(tagSchema).max(32);
export const descriptionSchema = z.string().max(1000);
export const purposeSchema = z.string().trim().min(1).max(400);

/** How many people besides the one who asks, where the rule is `two-person`. */
export const APPROVALS = 2;
/** Acts at a secret of two people that can be asked for. */
export const APPROVABLE = ['get', 'put', 'rotate', 'versions', 'delete', 'export'] as const;
export type Approvable = (typeof APPROVABLE)[number];

/** Who may besides having the right by a grant. */
export const ACCESS_RULES = [
  'granted',
  'two-person',
  'admin',
  'system-or-admin',
  'owner-or-admin',
  'owner',
  'system',
] as const;
export type AccessRule = (typeof ACCESS_RULES)[number];

/** `envelope`: comes back to whoever may read it. `argon2id`, `hmac`: never comes back, a candidate is tried against it. */
export const PROTECTIONS = ['envelope', 'argon2id', 'hmac'] as const;

export const categorySchema = z.strictObject({
  protection: z.enum(PROTECTIONS),
  /** Null: never. */
  rotationDays: z.int().min(1).max(36_500).nullable(),
  access: z.enum(ACCESS_RULES),
  /** Which uses have a ledger row when the value comes from a cache; what is decrypted always has one. */
  audit: z.enum(['all', 'login', 'start']),
  cache: z.enum(CACHE_CLASSES),
  /** Whoever reads says what for. */
  purpose: z.boolean(),
  /** Older versions are erased. */
  keepVersions: z.int().min(1).max(1000),
  /** How its secrets rotate, where one has no plan of its own. Null: by hand. */
  plan: rotationPlanSchema.nullable().default(null),
  /** How long a version can be read once a newer one is there, and how long that one stays the newest at least. Null: as long as it is kept. */
  graceMinutes: z.int().min(1).max(527_040).nullable().default(null),
  /** A secret whose rotation is overdue: it is told of, or it is told of and not read any more until it has rotated. */
  overdue: z.enum(['alert', 'refuse']).default('alert'),
});
export type Category = z.infer<typeof categorySchema>;

const categoryName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);

/** In every policy. */
export const BUILT_IN = [
  'root-ca-key',
  'intermediate-ca-key',
  'node-certificate-key',
  'user-password',
  'api-token',
  'database-password',
] as const;

const count = z.int().min(1).max(1_000_000);

export const vaultPolicySchema = z
  .strictObject({
    categories: z.record(categoryName, categorySchema),
    /** So many failures of one principal at one secret within so many minutes lock it there, until an administrator unlocks. */
    lockout: z.strictObject({ failures: count, minutes: count }),
    /** Decryptions of one principal at one secret, and at all together, within a minute. */
    rate: z.strictObject({ perSecret: count, perPrincipal: count }),
    /** How long a request can be approved, and used. */
    approvalMinutes: z.int().min(1).max(1440),
    /** As whom the holder rotates by itself what is due: a service that is granted ROTATE there. Null: it does not, and only tells. */
    rotation: z.strictObject({ principal: principalName.nullable() }).default({ principal: null }),
    /** After how many days the vault's own keys are rotated (null: when somebody does), and how long the KEK before is kept. */
    keyRotation: z
      .strictObject({
        kekDays: z.int().min(1).max(36_500).nullable(),
        dekDays: z.int().min(1).max(36_500).nullable(),
        graceHours: z.int().min(0).max(8760),
      })
      .default({ kekDays: 365, dekDays: 365, graceHours: 72 }),
    /** After how many days rows of the ledger go to a sealed segment: whole months (UTC), as far as a checkpoint covers them. Null: when somebody says so. */
    retention: z.strictObject({ ledgerDays: z.int().min(90).max(36_500).nullable() }).default({ ledgerDays: null }),
    session: z.strictObject({ idleMinutes: z.int().min(1).max(1440), hours: z.int().min(1).max(24) }),
    alerts: z.strictObject({
      /** Failures of one principal within the lockout's minutes. */
      failures: count,
      /** Decryptions of one principal within an hour. */
      hourly: count,
      /** UTC; reads from `to` until `from` are unusual. Null: none are. */
      hours: z.strictObject({ from: z.int().min(0).max(23), to: z.int().min(0).max(23) }).nullable(),
      /** The first read of a secret by a principal that has never read it. */
      newPrincipal: z.boolean(),
    }),
    emergency: emergencyPolicySchema.optional(),
    /** Where holders share what is cached as `distributed`; without it each keeps its own. */
    redis: redisSchema.optional(),
  })
  .superRefine(({ categories }, context) => {
    const wrong = (path: string[], message: string) => {
      context.addIssue({ code: 'custom', path: ['categories', ...path], message });
    };
    for (const name of BUILT_IN)
      if (!Object.hasOwn(categories, name)) wrong([name], 'is built in and cannot be left out');
    const root = categories['root-ca-key'];
    if (root && root.access !== 'two-person') wrong(['root-ca-key', 'access'], 'needs two people');
    if (root && root.rotationDays !== null) wrong(['root-ca-key', 'rotationDays'], 'never rotates');
    const database = categories['database-password'];
    if (database && (database.rotationDays === null || database.rotationDays > 90)) {
      wrong(['database-password', 'rotationDays'], 'is 90 at most');
    }
    for (const [name, { plan, protection }] of Object.entries(categories)) {
      if (plan && protection !== 'envelope') wrong([name, 'plan'], 'is for what can be read');
    }
    const readable = { 'user-password': 'argon2id', 'api-token': 'hmac' };
    for (const [name, protection] of Object.entries(readable)) {
      if (categories[name] && categories[name].protection !== protection)
        wrong([name, 'protection'], `is ${protection}`);
    }
  });
export type VaultPolicy = z.infer<typeof vaultPolicySchema>;

/** The policy of a new vault (the customer's table; story 04.2, secret categorisation). */
export const DEFAULT_POLICY: VaultPolicy = {
  categories: {
    'root-ca-key': category({ access: 'two-person', rotationDays: null, purpose: true }),
    'intermediate-ca-key': category({ access: 'admin', rotationDays: 5 * 365, purpose: true }),
    'node-certificate-key': category({ access: 'system-or-admin', rotationDays: 365, cache: 'memory' }),
    'user-password': category({ protection: 'argon2id', access: 'owner-or-admin', rotationDays: 90, audit: 'login' }),
    'api-token': category({ protection: 'hmac', access: 'owner', rotationDays: 180 }),
    'database-password': category({ access: 'system', rotationDays: 90, audit: 'start', cache: 'memory' }),
    'system-configuration': category({ access: 'granted', rotationDays: 365, cache: 'encrypted' }),
    'session-key': category({
      ...{ access: 'granted', rotationDays: 30, cache: 'distributed' },
      plan: { rotator: { name: 'random', value: { bytes: 32 } }, after: null },
    }),
    // Names under which fields and files are encrypted: there is nothing stored for one.
    'data-key': category({ access: 'granted' }),
  },
  lockout: { failures: 5, minutes: 15 },
  rate: { perSecret: 600, perPrincipal: 6000 },
  approvalMinutes: 15,
  rotation: { principal: null },
  keyRotation: { kekDays: 365, dekDays: 365, graceHours: 72 },
  retention: { ledgerDays: null },
  session: { idleMinutes: 15, hours: 8 },
  alerts: { failures: 3, hourly: 10_000, hours: null, newPrincipal: true },
  emergency: DEFAULT_EMERGENCY,
};

/** A policy from before there was such a thing says nothing of it. */
export function emergencyIn({ emergency = DEFAULT_EMERGENCY }: VaultPolicy): EmergencyPolicy {
  return emergency;
}

function category(said: Partial<Category>): Category {
  const plain = { protection: 'envelope', rotationDays: null, access: 'granted', audit: 'all' } as const;
  const kept = { keepVersions: 10, plan: null, graceMinutes: null, overdue: 'alert' } as const;
  return { ...plain, ...kept, cache: 'none', purpose: false, ...said };
}

export type PrincipalKind = 'person' | 'service';

/** By what a principal comes in: a person by the first two, a service by the third, unless it is known by `certificate` or `uid`. */
export const CREDENTIALS = ['password', 'totp', 'token'] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** What is told of a secret. */
export type SecretView = SecretIdentity & {
  /** UUID v4. */
  id: string;
  category: string;
  description: string;
  tags: string[];
  version: number;
  createdAt: string;
  /** Of the newest version, or of what is said about it. */
  updatedAt: string;
  accessedAt: string | null;
  /** Null: never. */
  rotationDue: string | null;
};

export type VersionView = { version: number; createdAt: string; createdBy: string; algorithm: string; keyId: string };

export type GrantView = {
  id: string;
  principal: string;
  scope: Scope;
  rights: readonly Right[];
  expiresAt: string | null;
  grantedBy: string;
  createdAt: string;
};

export type ApprovalRequestView = {
  id: string;
  principal: string;
  action: string;
  secret: SecretIdentity;
  version: number;
  purpose: string;
  /** SHA-256 (hex) of what an approver is shown; an approval names it. */
  shown: string;
  expiresAt: string;
  approvedBy: string[];
};

export type PrincipalView = {
  id: string;
  name: string;
  kind: PrincipalKind;
  system: boolean;
  disabled: boolean;
  /** Some secret, or the login, is locked for them. */
  locked: boolean;
  /** Which there are; never what they are. */
  credentials: Credential[];
  /** SHA-256 (hex) of the client certificate it comes with. */
  certificate: string | null;
  uid: number | null;
  createdAt: string;
};
