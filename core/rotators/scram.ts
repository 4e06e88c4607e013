import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { wipe } from '../process/guarded.ts';

/** What PostgreSQL uses by itself, and RFC 7677 section 4 asks for at least: the passwords are drawn, not chosen. */
const ITERATIONS = 4096;
export const SALT_BYTES = 16;

/**
 * The SCRAM-SHA-256 verifier of a password (RFC 5802 section 3, RFC 5803, RFC 7677), as PostgreSQL keeps it: whoever sees the statement that sets it, or a log of it, cannot log
 * in with it. `password`: printable ASCII, of which SASLprep (RFC 4013) changes nothing; the caller wipes it.
 */
export function scramVerifier(password: Uint8Array, salt: Uint8Array, iterations = ITERATIONS): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  wipe(salted, clientKey);
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`;
}
