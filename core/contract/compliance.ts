import type { Due, Inventory, InventoryKey, Rehearsal } from './reports.ts';
import type { SecretIdentity } from './vault.ts';

/** What the ledger tells of a vault, for auditors: each line can be recomputed from its rows. Times are ISO 8601, UTC. */

/** A secret or a scope, as reports name it. */
export function nameOfSecret({
  owner,
  environment,
  name,
}: {
  owner: string;
  environment: string;
  name: string;
}): string {
  return `${owner}/${environment}/${name}`;
}

/** Which ledger, and how much of it: `root` (hex) is of the tree of all `rows`, `signed` of them the newest signed checkpoint covers. */
export type ReportSource = { origin: string; rows: number; root: string; signed: number };

/** A secret that stands. `rotations`: versions after the first; `late`: those of them that came after they were due. */
export type RotationLine = SecretIdentity & {
  category: string;
  version: number;
  algorithm: string;
  /** Of the KEK under which it was stored. */
  key: string;
  storedAt: string;
  due: string | null;
  standing: 'never' | 'overdue' | 'soon' | 'later';
  rotations: number;
  late: number;
};

/** What one principal did at one secret in the period, or tried to. */
export type AccessLine = SecretIdentity & {
  principal: string;
  allowed: number;
  refused: number;
  first: string;
  last: string;
};

/** Accesses of one month (`2026-11`), by action. */
export type AccessMonth = { month: string; allowed: number; refused: number };

/**
 * Something against the policy. `access`, `administration`, `login`: it was refused. `damage`: it was allowed and did not open. `alert`: what the vault found unusual.
 * `rotation`: it is overdue now; `seq` is the row of the version.
 */
export type Violation = {
  seq: number;
  at: string;
  what: 'access' | 'administration' | 'login' | 'damage' | 'alert' | 'rotation';
  principal: string;
  address: string;
  /** A secret or a scope, `owner/environment/name`; empty where it is about none. */
  secret: string;
  action: string;
  reason: string;
};

/** A KEK of the vault, as its newest row tells it. */
export type VaultKeyLine = { key: string; provider: string; state: string; at: string };

/** Break-glass (requirement V11). `scope`: `owner/environment/name`; `operations`: rows under it, refused ones too. */
export type EmergencyLine = {
  emergency: string;
  principal: string;
  reason: string;
  rights: string;
  scope: string;
  openedAt: string;
  expiresAt: string;
  ended: 'open' | 'expired' | 'revoked';
  endedAt: string | null;
  operations: number;
  reviewedBy: string | null;
  reviewedAt: string | null;
  finding: string | null;
};

export type InventoryReport = Inventory & { source: ReportSource; vaultKeys: VaultKeyLine[] };
/** `due`: the next attestation and the next recovery of each share set that stands. */
export type RehearsalReport = { source: ReportSource; rehearsals: Rehearsal[]; due: Due[] };
export type EmergencyReport = { source: ReportSource; emergencies: EmergencyLine[] };
/** What is gone without the vault's key, or the CA keys: keys that stand with how many backups, certificates to reissue from the root down, secrets. */
export type LossReport = {
  source: ReportSource;
  keys: (Pick<InventoryKey, 'label' | 'purpose' | 'algorithm'> & { backups: number })[];
  reissue: { name: string; sha256: string; serial: string; notAfter: string; depth: number; ca: boolean }[];
  /** `reissue`: the certificate of a key; `reset`: its owner chooses anew; `replace`: made anew where it is used. */
  secrets: (SecretIdentity & {
    category: string;
    version: number;
    key: string;
    remedy: 'reissue' | 'reset' | 'replace';
  })[];
};
export type RotationReport = { source: ReportSource; secrets: RotationLine[] };
export type AccessReport = { source: ReportSource; lines: AccessLine[]; months: AccessMonth[] };
export type ViolationReport = { source: ReportSource; violations: Violation[] };
/** The files that were asked for. */
export type Written = { csv: string | null; json: string | null; pdf: string | null };
