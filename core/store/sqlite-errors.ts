import Database from 'better-sqlite3';
import { Refusal } from '../contract/errors.ts';
import { writeRefusal } from './files.ts';

/** SQLite's errors made refusals: OUTPUT_FULL, OUTPUT_UNWRITABLE, STORE_DAMAGED, STORE_BUSY. */
export function refusalOf(error: unknown, path: string): unknown {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return new Refusal('STORE_BUSY', { path });
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return new Refusal('STORE_DAMAGED', { path, detail: code });
  if (code.startsWith('SQLITE_IOERR') && code.endsWith('READ'))
    return new Refusal('STORE_DAMAGED', { path, detail: code });
  if (code === 'SQLITE_FULL') return new Refusal('OUTPUT_FULL', { path });
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_IOERR'))
    return new Refusal('OUTPUT_UNWRITABLE', { path });
  return writeRefusal(error, path);
}
