import { DatabaseError } from 'pg';
import { Refusal } from '../contract/errors.ts';

/** What undid the transaction, and would not a second time (appendix A of PostgreSQL's manual: SQLSTATE). */
export const TO_BE_REPEATED = ['40001', '40P01'];
/** Something else was written first: the same row, or the row that this one is about is gone. */
const OVERTAKEN = [...TO_BE_REPEATED, '23505', '23503'];

/** PostgreSQL's errors made refusals, by SQLSTATE: OUTPUT_FULL, OUTPUT_UNWRITABLE, STORE_DAMAGED, STORE_BUSY, STORE_UNREACHABLE, STORE_OVERTAKEN. `path`: how the database is called. */
export function postgresRefusal(error: unknown, path: string): unknown {
  if (error instanceof Refusal || error instanceof TypeError || error instanceof RangeError) return error;
  if (!(error instanceof DatabaseError)) {
    // No answer of the server's: what is between it and here has failed.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'closed';
    return new Refusal('STORE_UNREACHABLE', { path, detail: code });
  }
  const { code = '' } = error;
  if (OVERTAKEN.includes(code)) return new Refusal('STORE_OVERTAKEN', { path, detail: code });
  if (code === '55P03') return new Refusal('STORE_BUSY', { path });
  if (code === '53100') return new Refusal('OUTPUT_FULL', { path });
  if (code === '25006' || code === '42501') return new Refusal('OUTPUT_UNWRITABLE', { path });
  if (code.startsWith('XX') || code === '58030') return new Refusal('STORE_DAMAGED', { path, detail: code });
  // Class 08: the connection; 28: who connects; 53: no room for more; 57P: it shuts down, or has ended this one; 3D: no such database.
  const unreachable = ['08', '28', '53', '57P', '3D', '25P03'];
  if (unreachable.some((start) => code.startsWith(start)))
    return new Refusal('STORE_UNREACHABLE', { path, detail: code });
  return error;
}
