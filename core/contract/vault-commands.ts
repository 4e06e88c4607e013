import { z } from 'zod';
import { EMERGENCY_COMMANDS, type EmergencyOutputs } from './vault-emergency.ts';
import { KEEPING_COMMANDS, type KeepingOutputs } from './vault-keeping.ts';
import { RENEWAL_COMMANDS, type RenewalOutputs } from './vault-renewal.ts';
import { ROTATION_COMMANDS, type RotationOutputs } from './vault-rotation.ts';
import {
  type ApprovalRequestView,
  type Category,
  type GrantView,
  type PrincipalView,
  type SecretView,
  type VaultPolicy,
  type VersionView,
  APPROVABLE,
  ENVIRONMENTS,
  RIGHTS,
  descriptionSchema,
  identitySchema,
  ownerSchema,
  principalName,
  purposeSchema,
  scopeSchema,
  tagSchema,
  tagsSchema,
  vaultPolicySchema,
} from './vault.ts';

/**
 * The vault's part of the command table. A value is never in an input or an output: a `ticket` stands for bytes that went ahead, or that are to be
 * fetched, once. Every command but `vault.status`, `vault.initialise`, `vault.unlock`, `vault.login`, `vault.restore` and `vault.moveKey` is somebody's: the caller's credential goes
 * with the call and not in it.
 */

const ticket = z.string().regex(/^[0-9a-f]{32}$/);
const path = z.string().min(1).max(4096);
const id = z.uuid();
const none = z.strictObject({});
const named = z.strictObject({ name: principalName });
const why = { purpose: purposeSchema.optional(), request: id.optional() };
const categoryName = z.string().min(1).max(41);

export const VAULT_COMMANDS = {
  'vault.status': { input: none },
  /**
   * `key`: a new keystore in the data folder, whose passphrase is `secret`, or the key `label` of a token that a ceremony made, whose PIN is. `password`: of the first
   * administrator; the ticket that is answered stands for the URI of their one-time codes.
   */
  'vault.initialise': {
    input: z.strictObject({
      key: z.union([
        z.strictObject({ keystore: z.literal(true) }),
        z.strictObject({ token: path, label: z.string().min(1).max(64) }),
      ]),
      secret: ticket.optional(),
      administrator: principalName,
      password: ticket,
    }),
  },
  /** `secret`: the keystore's passphrase or the token's PIN, where its file names no source for it. */
  'vault.unlock': { input: z.strictObject({ secret: ticket.optional() }) },
  /**
   * The key of the vault lies in another token from now on, from this machine alone; the vault is locked then. `token`: its file. `secret`: its PIN, where the file names no
   * source for it.
   */
  'vault.moveKey': { input: z.strictObject({ token: path, secret: ticket.optional() }) },
  /** Everybody is out, and the key is gone from memory. ADMIN of everything. */
  'vault.lock': { input: none },
  'vault.login': { input: named.extend({ password: ticket, code: z.string().regex(/^\d{6}$/) }) },
  'vault.logout': { input: none },
  'vault.whoami': { input: none },
  'vault.put': {
    input: identitySchema.extend({
      ...why,
      value: ticket,
      category: categoryName.optional(),
      description: descriptionSchema.optional(),
      tags: tagsSchema.optional(),
      rotationDays: z.int().min(1).max(36_500).optional(),
    }),
  },
  /** `previous`: the one before the newest, as long as policy lets it count. */
  'vault.get': {
    input: identitySchema.extend({ ...why, version: z.int().min(1).or(z.literal('previous')).optional() }),
  },
  /** Whether a candidate is the value of a password or an API token. */
  'vault.verify': { input: identitySchema.extend({ ...why, value: ticket }) },
  'vault.list': {
    input: z.strictObject({
      owner: ownerSchema.optional(),
      environment: z.enum(ENVIRONMENTS).optional(),
      name: identitySchema.shape.name.optional(),
      tag: tagSchema.optional(),
      /** What is to be rotated by now, alone. */
      due: z.boolean().default(false),
      after: identitySchema.optional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
  },
  'vault.versions': { input: identitySchema.extend(why) },
  'vault.describe': {
    input: identitySchema.extend({ tags: tagsSchema.optional(), description: descriptionSchema.optional() }),
  },
  'vault.delete': { input: identitySchema.extend(why) },
  'vault.grant': {
    input: named.extend({
      scope: scopeSchema,
      rights: z.array(z.enum(RIGHTS)).min(1).max(RIGHTS.length),
      expiresAt: z.iso.datetime().nullable().default(null),
    }),
  },
  'vault.revoke': { input: z.strictObject({ grant: id }) },
  'vault.grants': { input: none },
  'vault.request': {
    input: identitySchema.extend({
      action: z.enum(APPROVABLE),
      purpose: purposeSchema,
    }),
  },
  'vault.approve': { input: z.strictObject({ request: id, shown: z.string().regex(/^[0-9a-f]{64}$/) }) },
  'vault.requests': { input: none },
  'vault.principals': { input: none },
  'vault.addPrincipal': {
    input: named.extend({ kind: z.enum(['person', 'service']), system: z.boolean().default(false) }),
  },
  /** Of a person; one's own, or another's by an administrator. */
  'vault.setPassword': { input: named.extend({ password: ticket }) },
  /** A new key of one-time codes: the ticket stands for its URI, which is shown once. */
  'vault.setTotp': { input: named },
  /** A new token of a service: the ticket stands for it; it is shown once, and the one before ends. */
  'vault.issueToken': { input: named },
  /** The same into a new file of this machine, which its owner alone may read: nothing has changed where it cannot be written. */
  'vault.saveToken': { input: named.extend({ out: path }) },
  /** `certificate`: SHA-256 of its DER; `file`: a certificate (PEM or DER) on the holder's machine. */
  'vault.bind': {
    input: named.extend({
      to: z.union([
        z.strictObject({ certificate: z.string().regex(/^[0-9a-f]{64}$/) }),
        z.strictObject({ file: path }),
        z.strictObject({ uid: z.int().min(0).max(4_294_967_294) }),
      ]),
    }),
  },
  'vault.disable': { input: named.extend({ disabled: z.boolean() }) },
  'vault.unblock': { input: named },
  'vault.policy': { input: none },
  /** `version`: the one that it becomes. */
  'vault.changePolicy': { input: z.strictObject({ version: z.int().min(2), policy: vaultPolicySchema }) },
  ...KEEPING_COMMANDS,
  ...RENEWAL_COMMANDS,
  ...ROTATION_COMMANDS,
  ...EMERGENCY_COMMANDS,
} as const;

export type VaultStatus = {
  state: 'none' | 'locked' | 'open';
  provider: string | null;
  keyId: string | null;
  mode: 'training' | 'live' | null;
  /** What a person types to unlock it; null where the token's file names a file with the PIN. */
  asks: 'passphrase' | 'pin' | null;
};

type Done = Record<string, never>;

export type VaultOutputs = KeepingOutputs &
  RenewalOutputs &
  RotationOutputs &
  EmergencyOutputs & {
    'vault.status': VaultStatus;
    'vault.initialise': { ticket: string };
    'vault.unlock': VaultStatus;
    'vault.moveKey': { keyId: string; label: string; token: string };
    'vault.lock': VaultStatus;
    /** The ticket stands for the session's token. */
    'vault.login': { ticket: string };
    'vault.logout': Done;
    'vault.whoami': { name: string; kind: 'person' | 'service'; system: boolean; administers: boolean };
    'vault.put': { id: string; version: number };
    /** `cache`: what the caller may do to spare the next call. */
    'vault.get': { secret: SecretView; version: number; cache: Category['cache']; ticket: string };
    'vault.verify': Done;
    'vault.list': { secrets: SecretView[]; more: boolean };
    'vault.versions': { versions: VersionView[] };
    'vault.describe': Done;
    'vault.delete': Done;
    'vault.grant': { grant: string };
    'vault.revoke': Done;
    'vault.grants': { grants: GrantView[] };
    'vault.request': ApprovalRequestView;
    'vault.approve': ApprovalRequestView;
    'vault.requests': { requests: ApprovalRequestView[] };
    'vault.principals': { principals: PrincipalView[] };
    'vault.addPrincipal': { id: string };
    'vault.setPassword': Done;
    'vault.setTotp': { ticket: string };
    'vault.issueToken': { ticket: string };
    'vault.saveToken': { path: string };
    'vault.bind': Done;
    'vault.disable': Done;
    'vault.unblock': Done;
    'vault.policy': { version: number; policy: VaultPolicy };
    'vault.changePolicy': Done;
  };
