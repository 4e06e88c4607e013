import { Refusal } from '../contract/errors.ts';
import { guardedCopy, wipe } from '../process/guarded.ts';

const VARIABLE = 'CLAVIGER_VAULT_PASSPHRASE';
type Environment = { [VARIABLE]?: string | undefined };

/**
 * The keystore's passphrase from the environment, in guarded memory, which the caller wipes; null where there is none. In development
 * only, and never without `warn`: other processes of this user can read it, and it cannot be overwritten.
 * KEYSTORE_VARIABLE: it is set elsewhere.
 */
export function passphraseOfVariable(
  environment: Environment,
  isDevelopment: boolean,
  warn: (text: string) => void,
): Uint8Array | null {
  const value = environment[VARIABLE];
  if (value === undefined || value === '') return null;
  if (!isDevelopment) throw new Refusal('KEYSTORE_VARIABLE', { variable: VARIABLE });
  // Processes that this one starts do not inherit it.
  delete environment.CLAVIGER_VAULT_PASSPHRASE;
  warn(`${VARIABLE} is for development: whoever can look at this process can read it`);
  const bytes = Buffer.from(value);
  const passphrase = guardedCopy(bytes);
  wipe(bytes);
  return passphrase;
}
