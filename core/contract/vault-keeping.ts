import { z } from 'zod';
import type { CacheHealth } from './vault-cache-policy.ts';
import type { SealedSegment } from './ledger.ts';
import type { EmergencyHealth } from './vault-emergency.ts';
import {
  ENVIRONMENTS,
  type Environment,
  type SecretIdentity,
  identitySchema,
  ownerSchema,
  purposeSchema,
} from './vault.ts';

/** Commands that keep a vault: its health, its copies, a namespace carried to another one, and keys for what rests elsewhere. */

const none = z.strictObject({});
const ticket = z.string().regex(/^[0-9a-f]{32}$/);
const path = z.string().min(1).max(4096);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const why = { purpose: purposeSchema.optional(), request: z.uuid().optional() };
/** What a field, or a file, is bound to besides the key's name: a table and a row. Never secret. */
const bound = z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/), z.string().max(400));

export const KEEPING_COMMANDS = {
  /** Counts and states for whoever has some grant; alerts of what they administer. */
  'vault.health': { input: none },
  /** OpenMetrics 1.0 text: counts alone, for whoever has some grant. */
  'vault.metrics': { input: none },
  'vault.alerts': {
    input: z.strictObject({ limit: z.int().min(1).max(1000).default(100), before: z.int().min(1).optional() }),
  },
  /**
   * The newest versions of a namespace to one recipient certificate (PEM, or a file of the holder's machine), in a new file there. `requests`: what two people
   * approved, of the secrets that need it. ADMIN of the namespace, and READ of each secret.
   */
  'vault.export': {
    input: z.strictObject({
      owner: ownerSchema,
      environment: z.enum(ENVIRONMENTS).optional(),
      recipient: z.union([z.string().max(16_384), z.strictObject({ file: path })]),
      out: path,
      purpose: purposeSchema,
      requests: z.array(z.uuid()).max(100).default([]),
    }),
  },
  /** `sha256`: of the file, as the exporter was told. `secret`: the ticket of the recipient's private key (PEM); or `keyFile`: where it is on the holder's machine. */
  'vault.import': {
    input: z.strictObject({
      file: path,
      sha256,
      secret: ticket.optional(),
      keyFile: path.optional(),
      purpose: purposeSchema,
      replace: z.boolean().default(false),
    }),
  },
  /** A copy of the store while it works, encrypted, in a new file, opened again before it counts. ADMIN of everything. */
  'vault.backup': { input: z.strictObject({ out: path }) },
  /** Signed rows of the ledger that are older than that time to sealed segments of the data folder. ADMIN of everything. */
  'vault.seal': { input: z.strictObject({ olderThan: z.iso.datetime().or(z.iso.date()) }) },
  /**
   * A backup into a new folder, from this machine alone. `key`: a keystore file whose passphrase is `secret`, or the token file of the token that has the key now, whose
   * PIN is.
   */
  'vault.restore': {
    input: z.strictObject({
      file: path,
      folder: path,
      key: z.union([z.strictObject({ keystore: path }), z.strictObject({ token: path })]),
      secret: ticket.optional(),
    }),
  },
  /** A data key for one field or file, under a name that WRITE is granted for: the ticket stands for it. */
  'vault.dataKey': { input: identitySchema.extend({ ...why, context: bound }) },
  /** The same again: READ. `wrapped`: as it was answered, base64. */
  'vault.openDataKey': { input: identitySchema.extend({ ...why, context: bound, wrapped: z.base64().max(8192) }) },
} as const;

export type AlertView = {
  seq: number;
  at: string;
  alert:
    | 'failures'
    | 'locked'
    | 'rate'
    | 'hour'
    | 'new-principal'
    | 'damaged'
    | 'key'
    | 'emergency'
    | 'notifier'
    | 'overdue'
    | 'rotation'
    | 'hook'
    | 'retention';
  secret: SecretIdentity;
  count: number;
  principal: string;
  address: string;
};

export type VaultHealth = {
  secrets: { category: string; environment: Environment; count: number }[];
  /** How many secrets are to be rotated: by now, and within 30 days; and how many rotations have begun and not ended. */
  rotation: { overdue: number; soon: number; open: number };
  /** `detail`: why not, where it is not well. */
  key: { id: string; provider: string; state: string | null; ok: boolean; detail: string | null };
  /** `root`: hex. `signed`: rows that the newest signed checkpoint covers. `sealed`: rows that are in segments. */
  ledger: { size: number; root: string; signed: number; sealed: number };
  /** Principals that are locked somewhere. */
  locked: number;
  emergency: EmergencyHealth;
  /** Of this holder since it was opened. */
  cache: CacheHealth;
  /** The newest, of secrets that the caller administers. */
  alerts: AlertView[];
};

export type KeepingOutputs = {
  'vault.health': VaultHealth;
  'vault.metrics': { text: string };
  'vault.alerts': { alerts: AlertView[] };
  'vault.export': { path: string; sha256: string; secrets: number };
  'vault.import': { secrets: number; created: number; replaced: number };
  'vault.backup': { path: string; sha256: string; bytes: number; ledgerRows: number };
  'vault.seal': { segments: SealedSegment[] };
  'vault.restore': { folder: string; ledgerRows: number; keyId: string };
  'vault.dataKey': { ticket: string; wrapped: string };
  'vault.openDataKey': { ticket: string };
};
