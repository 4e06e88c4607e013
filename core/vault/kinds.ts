import { z } from 'zod';
import { rotationPlanSchema } from '../contract/rotation-plan.ts';
import { RENEWAL_STATES } from '../contract/vault-renewal.ts';
import { EMERGENCY_RIGHTS, notifierName } from '../contract/vault-emergency-policy.ts';
import { ENVIRONMENTS, RIGHTS, scopeSchema, vaultPolicySchema } from '../contract/vault.ts';
import { kekBackupSchema } from './rotation/next-key.ts';

const id = z.uuid();
const at = z.iso.datetime();
const name = z.string().min(1).max(300);
/** Of whoever did it: name in the vault, where from (`pipe`, `unix:UID`, an address), and what it calls itself; under which emergency, where there is one. */
const by = {
  principal: name,
  address: z.string().max(200),
  agent: z.string().max(200),
  emergency: id.optional(),
};
const secret = { owner: z.string().max(64), environment: z.enum(ENVIRONMENTS), name };

/** Why a principal may not. Outside it is all the same: VAULT_REFUSED. */
export const REASONS = [
  'no-secret',
  'no-grant',
  'not-owner',
  'not-system',
  'not-admin',
  'approvals-missing',
  'locked',
  'wrong',
  'rate',
  'damaged',
  'overdue',
  'grace',
] as const;
export type Reason = (typeof REASONS)[number];

/** The rows of a vault. None has a value, or anything that was made of one but its length. */
export const VAULT_KINDS = {
  /** A KEK of this vault, and its first administrator with the first of them. */
  'vault.key': z.strictObject({
    key: z.string(),
    provider: z.string(),
    state: z.enum(['active', 'next', 'retiring', 'destroyed']),
  }),
  /** A rotation of the KEK, or of the data keys under it. `versions`: that were done in this phase, or are to be. `detail`: the code of what stopped it. */
  'vault.rotation': z.strictObject({
    rotation: id,
    what: z.enum(['kek', 'dek']),
    event: z.enum([
      ...(['started', 'prepared', 're-encrypted', 'verified', 'activated', 'clean-up', 'finished'] as const),
      ...(['paused', 'continued', 'stopped', 'roll-back', 'rolled-back'] as const),
    ]),
    from: z.string(),
    to: z.string().nullable(),
    versions: z.int(),
    detail: z.string().nullable(),
    backup: kekBackupSchema.nullable(),
    ...by,
  }),
  /** What became of a process of the token that has the key. */
  'vault.token': z.strictObject({
    event: z.enum(['up', 'failover', 'down', 'refused', 'fallback']),
    member: z.string(),
    detail: z.string().nullable(),
  }),
  /** The key was tried: at an unlock that was refused, or while the vault was open. `code`: what is wrong with it; null where it opens again. */
  'vault.key-check': z.strictObject({ key: z.string(), ok: z.boolean(), code: z.string().nullable() }),
  /** It lies in another token, where it was tried. `from`, `to`: the tokens' files. */
  'vault.key-moved': z.strictObject({ key: z.string(), from: z.string(), to: z.string() }),
  'vault.policy': z.strictObject({ version: z.int().min(1), policy: vaultPolicySchema, ...by }),
  /** `change`: what became of this principal; `subject` is its name. */
  'vault.principal': z.strictObject({
    subject: name,
    id,
    kind: z.enum(['person', 'service']),
    system: z.boolean(),
    change: z.enum(['added', 'password', 'totp', 'token', 'certificate', 'uid', 'disabled', 'enabled', 'unlocked']),
    ...by,
  }),
  'vault.login': z.strictObject({
    result: z.enum(['in', 'refused', 'locked', 'out']),
    way: z.enum(['password', 'token', 'certificate', 'uid', 'code']),
    ...by,
  }),
  'vault.grant': z.strictObject({
    grant: id,
    subject: name,
    scope: scopeSchema,
    rights: z.array(z.enum(RIGHTS)),
    expiresAt: at.nullable(),
    ...by,
  }),
  'vault.revoke': z.strictObject({ grant: id, subject: name, ...by }),
  'vault.request': z.strictObject({
    request: id,
    action: z.string(),
    ...secret,
    version: z.int(),
    purpose: z.string(),
    shown: z.string(),
    expiresAt: at,
    ...by,
    secret: id,
  }),
  'vault.approval': z.strictObject({ request: id, shown: z.string(), ...by }),
  /** Durable before anything is opened. `version`: null where there is none. `reason`: null where allowed. */
  'vault.access': z.strictObject({
    action: z.string(),
    ...secret,
    secret: id.nullable(),
    version: z.int().nullable(),
    purpose: z.string().nullable(),
    request: id.nullable(),
    allowed: z.boolean(),
    reason: z.enum(REASONS).nullable(),
    ...by,
  }),
  /** An act of an administrator, by somebody who is none there. */
  'vault.refused': z.strictObject({ action: z.string(), scope: scopeSchema, ...by }),
  /** A version is there. `bytes`: of what protects the value, where it comes back of the value itself. */
  'vault.stored': z.strictObject({
    ...secret,
    secret: id,
    category: z.string(),
    version: z.int().min(1),
    key: z.string(),
    algorithm: z.string(),
    bytes: z.int(),
    rotationDue: at.nullable(),
    ...by,
  }),
  'vault.changed': z.strictObject({
    ...secret,
    secret: id,
    description: z.boolean(),
    tags: z.array(z.string()).nullable(),
    ...by,
  }),
  /** How a secret rotates from now on. Null: as its category says. */
  'vault.plan': z.strictObject({
    ...secret,
    secret: id,
    plan: rotationPlanSchema.nullable(),
    days: z.int().nullable(),
    rotationDue: at.nullable(),
    ...by,
  }),
  /**
   * A rotation has come so far; `opened`: a version, or another secret's, was opened for its rotator (`detail`); `told`: outside. `version`: the one that it makes. `detail`: a code
   * where it fails.
   */
  'vault.renewal': z.strictObject({
    rotation: id,
    ...secret,
    secret: id,
    step: z.enum([...RENEWAL_STATES, 'opened', 'told']),
    version: z.int(),
    rotator: z.string(),
    detail: z.string().max(500).nullable(),
    ...by,
  }),
  'vault.deleted': z.strictObject({ ...secret, secret: id, versions: z.int(), ...by }),
  /** What was allowed and did not open: the row of the access, and why. */
  'vault.failed': z.strictObject({ access: z.int(), code: z.string(), ...secret, secret: id, ...by }),
  'vault.alert': z.strictObject({
    alert: z.enum([
      'failures',
      'locked',
      'rate',
      'hour',
      'new-principal',
      'damaged',
      'key',
      'emergency',
      'notifier',
      'overdue',
      'rotation',
      'hook',
      'retention',
    ]),
    ...secret,
    secret: id.nullable(),
    count: z.int(),
    ...by,
  }),
  'vault.emergency-list': z.strictObject({ subject: name, allowed: z.boolean(), ...by }),
  /** Break-glass, from the reason to the review. `expired`: written when it was noticed, by nobody. */
  'vault.emergency': z.discriminatedUnion('event', [
    z.strictObject({
      event: z.literal('opened'),
      reason: z.string(),
      scope: scopeSchema,
      rights: z.array(z.enum(EMERGENCY_RIGHTS)),
      expiresAt: at,
      ...by,
      emergency: id,
    }),
    z.strictObject({ event: z.literal('refused'), because: z.enum(['not-listed', 'no-person']), ...by }),
    z.strictObject({ event: z.literal('expired'), emergency: id, subject: name, expiresAt: at }),
    z.strictObject({ event: z.literal('revoked'), subject: name, ...by, emergency: id }),
    z.strictObject({
      event: z.literal('reviewed'),
      subject: name,
      finding: z.string(),
      operations: z.int(),
      ...by,
      emergency: id,
    }),
  ]),
  /** One attempt to tell somebody. `detail`: why it failed, as a code; never what a program or a server said. */
  'vault.notified': z.strictObject({
    emergency: id,
    event: z.enum(['opened', 'ended']),
    notifier: notifierName,
    attempt: z.int().min(1),
    ok: z.boolean(),
    detail: z.string().max(100).nullable(),
  }),
  /** The password by which the vault logs in elsewhere: of which notifier. */
  'vault.outside-password': z.strictObject({ of: notifierName, ...by }),
  /** Before the file is there. `sha256`: of it; `recipient`: SHA-256 of the certificate that it is for. */
  'vault.exported': z.strictObject({
    owner: z.string(),
    environment: z.enum(ENVIRONMENTS).nullable(),
    secrets: z.int(),
    sha256: z.string(),
    recipient: z.string(),
    purpose: z.string(),
    ...by,
  }),
  /** With the versions that it brought. `origin`: of the ledger that it came from. */
  'vault.imported': z.strictObject({
    origin: z.string(),
    sha256: z.string(),
    secrets: z.int(),
    purpose: z.string(),
    ...by,
  }),
  /** It was opened again and was whole: so many rows of the ledger are in it. */
  'vault.backup': z.strictObject({ sha256: z.string(), bytes: z.int(), ledgerRows: z.int(), ...by }),
  /** The first row after a restore: what came after the backup was made is not here. */
  'vault.restored': z.strictObject({ sha256: z.string(), key: z.string(), ledgerRows: z.int() }),
} as const;

export type VaultKind = keyof typeof VAULT_KINDS;
export type VaultBody<K extends VaultKind> = z.infer<(typeof VAULT_KINDS)[K]>;
