/** The tables. Each migration file says why its table is there. */
export type Tables = {
  ledger: LedgerTable;
  ledger_tree: LedgerTreeTable;
  ledger_origin: { origin: string };
  ledger_segment: LedgerSegmentTable;
  /** On PostgreSQL alone: the bytes of each segment, by its first row, in parts. */
  ledger_segment_part: { first: number; number: number; bytes: Uint8Array };
  sealed_share: SealedShareTable;
  vault_key: VaultKeyTable;
  vault_policy: VaultPolicyTable;
  vault_secret: VaultSecretTable;
  vault_version: VaultVersionTable;
  vault_data_key: VaultDataKeyTable;
  vault_rotation: VaultRotationTable;
  vault_tag: { tag: string; secret: string };
  vault_principal: VaultPrincipalTable;
  vault_grant: VaultGrantTable;
  vault_request: VaultRequestTable;
  vault_approval: { request: string; principal: string; at: string };
  vault_use: VaultUseTable;
  vault_emergency: VaultEmergencyTable;
  vault_emergency_person: { principal: string; added_by: string; added_at: string };
  vault_notice: VaultNoticeTable;
  vault_count: { category: string; environment: string; secrets: number };
  vault_plan: VaultPlanTable;
  vault_renewal: VaultRenewalTable;
  vault_due_told: { secret: string; due: string };
  /** Which rows of the ledger are about a secret, or a principal: its id. */
  vault_trail: { about: string; seq: number };
};

export type LedgerTable = {
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  kind: string;
  /** Null for a row that belongs to no ceremony. */
  ceremony: string | null;
  /** Canonical JSON (RFC 8785). */
  body: string;
};

export type LedgerTreeTable = {
  seq: number;
  /** The leaf's hash, then those of the subtrees that the row completes, 32 bytes each. */
  hashes: Uint8Array;
};

/** Rows `first` to `last` are in a file of the data folder, or, where several nodes share the store, in `ledger_segment_part`; the name is that of a backup's file then. */
export type LedgerSegmentTable = { first: number; last: number; file: string; sha256: string };

export type SealedShareTable = {
  ceremony: string;
  number: number;
  x: number;
  /** The share as printed: encrypted under its custodian's passphrase. */
  text: string;
};

/** Times are ISO 8601, UTC; lists and policies JSON. */
export type VaultKeyTable = {
  id: string;
  provider: string;
  /** Where it lies: JSON, and what it says is the provider's. */
  place: string;
  mode: 'training' | 'live';
  state: 'active' | 'next' | 'retiring' | 'destroyed';
  check_value: Uint8Array;
  created_at: string;
};

export type VaultPolicyTable = { version: number; at: string; changed_by: string; policy: string };

export type VaultSecretTable = {
  id: string;
  owner: string;
  environment: string;
  name: string;
  category: string;
  description: string;
  version: number;
  created_at: string;
  updated_at: string;
  /** `NEVER` (core/vault/rows.ts) until it was: the row keeps its length. */
  accessed_at: string;
  rotation_due: string | null;
  /** Shorter than its category's; null: as long. */
  rotation_days: number | null;
};

/** Of one secret alone. */
export type VaultPlanTable = { secret: string; plan: string };

export type VaultRenewalTable = {
  id: string;
  secret: string;
  /** The version that it makes; the one before it is the newest until then. */
  version: number;
  state: 'intended' | 'applied' | 'verified' | 'activated' | 'rolling-back' | 'rolled-back';
  /** As it was when the rotation began: JSON. */
  plan: string;
  detail: string | null;
  told: 'due' | 'done' | 'failed' | null;
  started_at: string;
  updated_at: string;
};

export type VaultVersionTable = {
  secret: string;
  version: number;
  algorithm: string;
  iv: Uint8Array;
  /** And the tag, 16 bytes. */
  ciphertext: Uint8Array;
  created_at: string;
  created_by: string;
};

export type VaultDataKeyTable = {
  secret: string;
  version: number;
  key_id: string;
  /** Under the key `key_id`: each version has one under every key that is active, next or retiring. */
  data_key: Uint8Array;
};

/** One has no `finished_at`, or none has. */
export type VaultRotationTable = {
  id: string;
  what: 'kek' | 'dek';
  phase:
    'preparation' | 're-encryption' | 'verification' | 'grace' | 'clean-up' | 'roll-back' | 'finished' | 'rolled-back';
  old_key: string;
  new_key: string | null;
  place: string | null;
  after_secret: string;
  after_version: number;
  done: number;
  total: number;
  paused: number;
  stopped: string | null;
  grace_hours: number;
  grace_until: string | null;
  /** JSON: of the new key, under the master key. */
  backup: string | null;
  /** JSON: who commanded it last. */
  started_by: string;
  started_at: string;
  finished_at: string | null;
};

export type VaultPrincipalTable = {
  id: string;
  name: string;
  kind: 'person' | 'service';
  system: number;
  disabled: number;
  certificate: string | null;
  uid: number | null;
  totp_counter: number | null;
  created_at: string;
};

export type VaultGrantTable = {
  id: string;
  principal: string;
  owner: string;
  environment: string;
  name: string;
  rights: string;
  expires_at: string | null;
  granted_by: string;
  created_at: string;
  revoked_at: string | null;
  /** That it is a part of. */
  emergency: string | null;
};

export type VaultEmergencyTable = {
  id: string;
  principal: string;
  reason: string;
  owner: string;
  environment: string;
  name: string;
  rights: string;
  /** The ledger's row that says so. */
  opened_row: number;
  opened_at: string;
  expires_at: string;
  ended_at: string | null;
  ended: 'expired' | 'revoked' | null;
  ended_by: string | null;
  reviewed_at: string | null;
  reviewed_by: string | null;
  finding: string | null;
  /** 1 until it is reviewed, and null then: there is one at most. */
  unreviewed: 1 | null;
};

export type VaultNoticeTable = {
  id: string;
  emergency: string;
  event: 'opened' | 'ended';
  notifier: string;
  attempts: number;
  state: 'pending' | 'sent' | 'failed';
  created_at: string;
};

export type VaultRequestTable = {
  id: string;
  principal: string;
  action: string;
  secret: string;
  version: number;
  purpose: string;
  shown: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
};

export type VaultUseTable = {
  principal: string;
  secret: string;
  /** Minutes, and hours, since 1970. */
  minute: number;
  reads: number;
  hour: number;
  hourly: number;
  failures: number;
  failing_since: string | null;
  locked_at: string | null;
  /** Reads in all. */
  total: number;
};
