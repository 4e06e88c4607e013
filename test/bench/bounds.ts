import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { VALUE_BYTES } from './vault-ground.ts';

/** What nothing that is durable, encrypted or kept in SQLite can be faster than, with nothing around it. */

const PAGE_BYTES = 4096;

/** A page appended to a file and synced: the least that makes a new row durable. */
export function openLog(home: string): { append: () => void; close: () => void } {
  const file = openSync(join(home, 'log'), 'w');
  const page = randomBytes(PAGE_BYTES);
  return {
    append: () => {
      writeSync(file, page);
      fdatasyncSync(file);
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** A page written over another one of a file, and synced: no file grows, and the file system has nothing to write besides. */
export function openPages(home: string): { write: () => void; close: () => void } {
  const file = openSync(join(home, 'pages'), 'w');
  const page = randomBytes(PAGE_BYTES);
  const pages = 1000;
  for (let number = 0; number < pages; number += 1) writeSync(file, page);
  fdatasyncSync(file);
  let next = 0;
  return {
    write: () => {
      writeSync(file, page, 0, PAGE_BYTES, (next++ % pages) * PAGE_BYTES);
      fdatasyncSync(file);
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** better-sqlite3 alone, with the settings of a store: a value and a row beside it in one durable transaction, and a hundred rows in the order of their key. */
export function openRawSqlite(home: string): { store: () => void; list: () => void; close: () => void } {
  const database = new Database(join(home, 'raw.db'));
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`
    CREATE TABLE secret (name text PRIMARY KEY, value blob, created text) WITHOUT ROWID;
    CREATE TABLE row (seq integer PRIMARY KEY, body text)`);
  const addSecret = database.prepare('INSERT INTO secret VALUES (?, ?, ?)');
  const addRow = database.prepare('INSERT INTO row (body) VALUES (?)');
  const list = database.prepare('SELECT name, created FROM secret WHERE name > ? ORDER BY name LIMIT 100');
  const value = randomBytes(VALUE_BYTES);
  const body = randomBytes(200).toString('hex');
  const name = () => randomBytes(16).toString('hex');
  const store = database.transaction(() => {
    addSecret.run(name(), value, '2026-01-01T00:00:00.000Z');
    addRow.run(body);
  });
  database.transaction(() => {
    for (let count = 0; count < 10_000; count += 1) addSecret.run(name(), value, '2026-01-01T00:00:00.000Z');
  })();
  return {
    store: () => {
      store();
    },
    list: () => {
      list.all(name().slice(1));
    },
    close: () => {
      database.close();
    },
  };
}

/** AES-256-GCM of a value, there and back, under one key. */
export function rawGcm(): () => void {
  const key = randomBytes(32);
  const value = randomBytes(VALUE_BYTES);
  return () => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const ciphertext = cipher.update(value);
    cipher.final();
    const decipher = createDecipheriv('aes-256-gcm', key, iv);
    decipher.setAuthTag(cipher.getAuthTag());
    decipher.update(ciphertext);
    decipher.final();
  };
}
