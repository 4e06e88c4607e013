/**
 * One taxonomy of expected failures. A code is stable; its texts stand in messages/errors-*.ts (explain.ts).
 * `correct`: mend the input and do the same again. `retry`: nothing is wrong with the input. `abort`: stop and ask.
 */
export type Recovery = 'correct' | 'retry' | 'abort';

export const ERRORS = {
  // the caller
  INPUT_INVALID: 'correct',
  COMMAND_UNKNOWN: 'correct',
  INTERNAL: 'abort',
  CORE_GONE: 'retry',
  CALLS_TOO_MANY: 'retry',
  // files
  FILE_MISSING: 'correct',
  FILE_UNREADABLE: 'correct',
  FILE_TOO_LARGE: 'correct',
  FILE_CHANGED: 'correct',
  OUTPUT_EXISTS: 'correct',
  OUTPUT_MISSING: 'correct',
  OUTPUT_OTHER: 'correct',
  OUTPUT_UNWRITABLE: 'correct',
  OUTPUT_DIFFERS: 'correct',
  OUTPUT_FULL: 'retry',
  // the store
  STORE_UNSAFE: 'correct',
  STORE_DAMAGED: 'abort',
  STORE_PLACE_INVALID: 'correct',
  STORE_UNREACHABLE: 'retry',
  STORE_UNSUITED: 'correct',
  STORE_OVERTAKEN: 'retry',
  STORE_SHARED: 'correct',
  SETTINGS_INVALID: 'correct',
  STORE_BUSY: 'retry',
  // the ledger
  LEDGER_ALTERED: 'abort',
  LEDGER_ROLLED_BACK: 'abort',
  LEDGER_FORKED: 'abort',
  LEDGER_OTHER: 'correct',
  LEDGER_FILE_INVALID: 'correct',
  LEDGER_SEGMENT_MISSING: 'correct',
  LEDGER_SEGMENT_DAMAGED: 'correct',
  LEDGER_KEY_ELSEWHERE: 'correct',
  LEDGER_KEY_OTHER: 'correct',
  LEDGER_SIGNATURE_REFUSED: 'correct',
  STORE_OF_OTHER_MODE: 'correct',
  CHECKPOINT_OLDER: 'correct',
  CHECKPOINT_UNSAID: 'correct',
  LEDGER_NOT_SIGNED: 'correct',
  LEDGER_ROW_UNKNOWN: 'correct',
  CHECKPOINT_INVALID: 'correct',
  CHECKPOINT_NEEDED: 'correct',
  CHECKPOINT_OUTSIDE: 'correct',
  // scripts and answers
  SCRIPT_INVALID: 'correct',
  ANSWERS_INVALID: 'correct',
  ANSWER_MISSING: 'correct',
  ANSWERS_REFUSED_LIVE: 'correct',
  // the ceremony
  CEREMONY_UNKNOWN: 'correct',
  CEREMONY_NONE: 'correct',
  CEREMONY_RUNNING: 'correct',
  CEREMONY_PAUSED: 'correct',
  CEREMONY_NOT_PAUSED: 'correct',
  SECOND_MEDIUM_MISSING: 'correct',
  CEREMONY_OVER: 'abort',
  STEP_NOT_CURRENT: 'retry',
  STEP_INTERRUPTED: 'retry',
  STEP_RUNNING: 'retry',
  STEP_STOPPED: 'retry',
  ANSWERS_PENDING: 'correct',
  CONFIRMATION_MISSING: 'correct',
  SHOWN_DIFFERENT: 'correct',
  ASK_UNKNOWN: 'correct',
  DUAL_CONTROL: 'correct',
  PERSON_UNKNOWN: 'correct',
  PARTICIPANTS_MISSING: 'correct',
  PREFLIGHT_MISSING: 'correct',
  PREFLIGHT_FAILED: 'correct',
  WORDS_DIFFER: 'abort',
  PASSPHRASE_WEAK: 'correct',
  PASSPHRASE_REPEATED: 'correct',
  RECIPIENT_MISSING: 'correct',
  PIN_SHORT: 'correct',
  INPUT_ENDED: 'correct',
  SHARES_MISSING: 'abort',
  REHEARSAL_LEFT: 'abort',
  // tokens
  TOKEN_FILE_CHANGED: 'correct',
  TOKEN_DIFFERENT: 'abort',
  TOKEN_FILE_INVALID: 'correct',
  TOKEN_FILE_MISSING: 'correct',
  MODULE_MISSING: 'correct',
  MODULE_UNUSABLE: 'correct',
  TOKEN_MISSING: 'correct',
  SLOT_MISSING: 'correct',
  TOKEN_INITIALISED: 'correct',
  TOKEN_AMBIGUOUS: 'correct',
  TOKEN_GONE: 'retry',
  TOKEN_FAILED: 'retry',
  POOL_BUSY: 'retry',
  ENTROPY_STUCK: 'abort',
  DICE_INVALID: 'correct',
  TOKEN_LIED: 'abort',
  TOKEN_NOT_LIVE: 'correct',
  PIN_WRONG: 'correct',
  PIN_LOCKED: 'abort',
  PIN_LAST_TRY: 'correct',
  PIN_REPEATED: 'correct',
  PIN_SOURCE: 'correct',
  KEY_EXISTS: 'abort',
  KEY_MISSING: 'abort',
  KEY_AMBIGUOUS: 'abort',
  KEY_UNRECORDED: 'abort',
  KEY_DIFFERENT: 'abort',
  MECHANISM_MISSING: 'abort',
  CIPHERTEXT_UNOPENED: 'abort',
  ATTESTATION_INVALID: 'abort',
  BACKUP_DAMAGED: 'correct',
  BACKUP_UNOPENED: 'correct',
  BACKUP_CHANGED: 'correct',
  // key-encryption keys
  KMS_CLOSED: 'correct',
  KMS_KEY_UNKNOWN: 'correct',
  KMS_UNOPENED: 'abort',
  KEYSTORE_PASSPHRASE_WRONG: 'correct',
  KEYSTORE_DAMAGED: 'abort',
  KEYSTORE_VERSION: 'correct',
  KEYSTORE_VARIABLE: 'correct',
  // requests and revocation
  REQUEST_INVALID: 'correct',
  REQUEST_KEY_REFUSED: 'correct',
  REQUEST_SUBJECT_DIFFERENT: 'correct',
  REVOCATION_INVALID: 'correct',
  REVOCATION_LIST_PROFILE: 'abort',
  NUMBER_INVALID: 'correct',
  // shares
  SHARES_UNRECORDED: 'abort',
  POLICY_DIFFERENT: 'abort',
  CUSTODIAN_UNKNOWN: 'abort',
  CUSTODY_UNRECORDED: 'abort',
  SHARE_DAMAGED: 'correct',
  SHARE_UNKNOWN_FORMAT: 'correct',
  SHARE_NOT_THEIRS: 'correct',
  SHARE_FOREIGN: 'correct',
  SHARE_OF_EXERCISE: 'correct',
  SHARE_NOT_OF_EXERCISE: 'correct',
  SHARE_NOT_LOST: 'abort',
  CUSTODIAN_TWICE: 'abort',
  EPOCHS_SPENT: 'abort',
  MASTER_KEY_RETIRED: 'abort',
  BACKUP_NOT_RENEWED: 'abort',
  SHARE_OLD_EPOCH: 'correct',
  SHARE_OF_ABORTED: 'correct',
  SHEET_OTHER: 'correct',
  PICTURE_UNREADABLE: 'correct',
  SHARE_REPEATED: 'correct',
  SHARES_TOO_FEW: 'correct',
  SHARE_PASSPHRASE_WRONG: 'correct',
  PASSPHRASE_THROTTLED: 'retry',
  SHARE_ALTERED: 'abort',
  SHARES_WRONG_SECRET: 'abort',
  MANIFEST_INVALID: 'correct',
  SHEET_UNREADABLE: 'retry',
  SHEET_NOT_PRINTED: 'correct',
  SHEET_DIFFERS: 'correct',
  // printers
  SPOOLER_MISSING: 'correct',
  PRINTER_UNKNOWN: 'correct',
  PRINTER_REFUSED: 'retry',
  SPOOL_HOLDS: 'abort',
  // bundles
  BUNDLE_DAMAGED: 'correct',
  BUNDLE_NOT_FOR_KEY: 'correct',
  BUNDLE_UNTRUSTED: 'abort',
  BUNDLE_EXPIRED: 'abort',
  BUNDLE_REPLAYED: 'abort',
  BUNDLE_FORKED: 'abort',
  CERTIFICATE_INVALID: 'correct',
  CERTIFICATE_PROFILE: 'correct',
  KEY_FILE_INVALID: 'correct',
  // the vault
  VAULT_NEW: 'correct',
  VAULT_EXISTS: 'correct',
  VAULT_LOCKED: 'correct',
  VAULT_KEY_OTHER: 'correct',
  VAULT_KEY_DAMAGED: 'abort',
  TOKEN_KEK_NEEDED: 'correct',
  VAULT_REFUSED: 'correct',
  VAULT_RATE: 'retry',
  FIELD_DAMAGED: 'abort',
  FILE_SEALED_DAMAGED: 'correct',
  FILE_SEALED_VERSION: 'correct',
  EXPORT_DAMAGED: 'correct',
  EXPORT_EMPTY: 'correct',
  EXPORT_COLLIDES: 'correct',
  VAULT_BACKUP_DAMAGED: 'correct',
  FOLDER_NOT_EMPTY: 'correct',
  PURPOSE_MISSING: 'correct',
  SECRET_DAMAGED: 'abort',
  SECRET_NOT_READABLE: 'correct',
  SECRET_NOT_VERIFIED: 'correct',
  VALUE_SIZE: 'correct',
  CATEGORY_UNKNOWN: 'correct',
  CATEGORY_OTHER: 'correct',
  CATEGORY_USED: 'correct',
  POLICY_OUTDATED: 'retry',
  LOGIN_REFUSED: 'correct',
  SESSION_OVER: 'correct',
  PASSWORD_SHORT: 'correct',
  PRINCIPAL_UNKNOWN: 'correct',
  PRINCIPAL_EXISTS: 'correct',
  PRINCIPAL_KIND: 'correct',
  PRINCIPAL_ONESELF: 'correct',
  CREDENTIAL_TAKEN: 'correct',
  GRANT_UNKNOWN: 'correct',
  GRANT_EXPIRED: 'correct',
  GRANT_TO_ONESELF: 'correct',
  REQUEST_UNKNOWN: 'correct',
  APPROVAL_OWN: 'correct',
  APPROVAL_DIFFERENT: 'correct',
  APPROVAL_TWICE: 'correct',
  // the holder of a vault
  SOCKET_UNSAFE: 'correct',
  SOCKET_TAKEN: 'correct',
  LOCKDOWN_MISSING: 'abort',
  VAULT_UNREACHABLE: 'retry',
  VAULT_CALLS: 'retry',
} as const satisfies Record<string, Recovery>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorParams = Record<string, string | number>;

/** One thing that is wrong in a file that people write, and where: lines and columns from 1, null where it is no part of the text. */
export type Complaint = { line: number | null; column: number | null; step: string | null; message: string };

/** An expected failure as a value: what crosses every process boundary. `complaints`: every one, where there may be several. */
export type ErrorValue = { code: ErrorCode; params: ErrorParams; recovery: Recovery; complaints?: Complaint[] };

/** What every command answers. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: ErrorValue };

/** An expected failure on its way to the process boundary, where `outcomeOf` makes it a value. Never carries a secret. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  readonly complaints: Complaint[];
  constructor(code: ErrorCode, params: ErrorParams = {}, complaints: Complaint[] = []) {
    super(code);
    this.code = code;
    this.params = params;
    this.complaints = complaints;
  }
  get value(): ErrorValue {
    const { code, params, complaints } = this;
    return { code, params, recovery: ERRORS[code], ...(complaints.length > 0 ? { complaints } : {}) };
  }
}
