import { Refusal } from '../../contract/errors.ts';

/**
 * The calls that a pool takes, and which of them may be given to another process when the first ended before it
 * answered. What makes, imports or destroys a key may have happened already and is never repeated. A call that names
 * the ticket of a secret belongs to the process that holds the secret, so a pool takes none of those.
 */
export const REPEATABLE = {
  inventory: true,
  sign: true,
  wrap: true,
  encrypt: true,
  decrypt: true,
  generateKey: false,
  destroy: false,
} as const;

export type PooledCall = keyof typeof REPEATABLE;

/** What a module answers when its token is no longer there, or its session: the process lives, but serves no more. */
const AWAY = new Set([
  'CKR_DEVICE_ERROR',
  'CKR_DEVICE_REMOVED',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_SESSION_CLOSED',
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_USER_NOT_LOGGED_IN',
  'CKR_CRYPTOKI_NOT_INITIALIZED',
  // An unrecoverable error (PKCS#11 v2.40 5.1.1): tpm2-pkcs11 says it of a TPM that is gone, and ever after.
  'CKR_GENERAL_ERROR',
]);

/** Whether a refusal says that the process or its token is gone, and not that the call was wrong. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false;
  return error.code === 'TOKEN_GONE' || (error.code === 'TOKEN_FAILED' && AWAY.has(String(error.params['ckr'])));
}
