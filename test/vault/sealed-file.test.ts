import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { expect, test } from 'vitest';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { encryptColumn, fieldContext } from '../../core/vault/encrypt-column.ts';
import { decryptField, encryptField } from '../../core/vault/field.ts';
import { decryptFile, encryptFile } from '../../core/vault/file.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { bytes, refusal, textOf } from './sample-vault.ts';

const CONTEXT = { table: 'customer', row: '7' };
const CHUNK = 65_536;
const TAG = 16;
const keysOf = () => new LocalKms('7d444840-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(randomBytes(32)));

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5])(
  'a file of %i bytes comes back, and nothing of it is to be read in between',
  async (length) => {
    const [folder, keys] = [temporaryFolder(), keysOf()];
    const at = (name: string) => join(folder, name);
    const content = randomBytes(length);
    writeFileSync(at('plain'), content);
    await encryptFile(keys, CONTEXT, at('plain'), at('sealed'));
    await decryptFile(keys, CONTEXT, at('sealed'), at('again'));
    expect(readFileSync(at('again')).equals(content)).toBe(true);
    expect(statSync(at('sealed')).mode & 0o777).toBe(0o600);
    expect(statSync(at('again')).mode & 0o777).toBe(0o600);
    if (length > 16) expect(readFileSync(at('sealed')).includes(content.subarray(0, 16))).toBe(false);
  },
);

test('a file that was cut, grown, reordered, mixed, moved or turned anywhere does not open, and leaves nothing', async () => {
  const [folder, keys] = [temporaryFolder(), keysOf()];
  const at = (name: string) => join(folder, name);
  const content = randomBytes(3 * CHUNK + 5);
  writeFileSync(at('plain'), content);
  await encryptFile(keys, CONTEXT, at('plain'), at('sealed'));
  await encryptFile(keys, CONTEXT, at('plain'), at('other'));
  const [sealed, other] = [readFileSync(at('sealed')), readFileSync(at('other'))];
  const head = sealed.length - content.length - 4 * TAG;
  const chunk = (file: Buffer, index: number) =>
    file.subarray(head + index * (CHUNK + TAG), head + (index + 1) * (CHUNK + TAG));
  const start = sealed.subarray(0, head);
  const turned = (place: number) => {
    const copy = Buffer.from(sealed);
    copy[place] = (copy[place] ?? 0) ^ 1;
    return copy;
  };
  const broken: Record<string, Buffer> = {
    'cut at a chunk': sealed.subarray(0, head + 3 * (CHUNK + TAG)),
    'cut after the head': start,
    'cut inside the head': sealed.subarray(0, 20),
    'cut inside a chunk': sealed.subarray(0, sealed.length - 1),
    grown: Buffer.concat([sealed, Buffer.of(0)]),
    'grown by its last chunk': Buffer.concat([sealed, chunk(sealed, 3)]),
    reordered: Buffer.concat([start, chunk(sealed, 1), chunk(sealed, 0), chunk(sealed, 2), chunk(sealed, 3)]),
    'short of one in the middle': Buffer.concat([start, chunk(sealed, 0), chunk(sealed, 2), chunk(sealed, 3)]),
    'with a chunk of another file': Buffer.concat([start, chunk(other, 0), sealed.subarray(head + CHUNK + TAG)]),
    'under the head of another file': Buffer.concat([other.subarray(0, head), sealed.subarray(head)]),
    'turned in its last chunk': turned(sealed.length - 1),
    'turned in its first chunk': turned(head),
  };
  for (let place = 0; place < head; place += 1) broken[`turned in its head at ${place}`] = turned(place);
  for (const [name, file] of Object.entries(broken)) {
    writeFileSync(at('broken'), file);
    const { code } = await refusal(() => decryptFile(keys, CONTEXT, at('broken'), at('opened')));
    expect(['FILE_SEALED_DAMAGED', 'FILE_SEALED_VERSION', 'KMS_UNOPENED', 'KMS_KEY_UNKNOWN'], name).toContain(code);
    expect(existsSync(at('opened')), name).toBe(false);
  }
  await decryptFile(keys, CONTEXT, at('sealed'), at('whole'));
  const elsewhere = { ...CONTEXT, row: '8' };
  expect((await refusal(() => decryptFile(keys, elsewhere, at('sealed'), at('opened')))).code).toBe(
    'FILE_SEALED_DAMAGED',
  );
  expect((await refusal(() => decryptFile(keysOf(), CONTEXT, at('sealed'), at('opened')))).code).toBe('KMS_UNOPENED');
  expect((await refusal(() => decryptFile(keys, CONTEXT, at('sealed'), at('plain')))).code).toBe('OUTPUT_EXISTS');
  expect(readFileSync(at('plain')).equals(content)).toBe(true);
});

test('a field opens in its own place alone, and any other letter of it is damage', async () => {
  const keys = keysOf();
  const field = await encryptField(keys, CONTEXT, bytes('DE02120300000000202051'));
  expect(field).toMatch(/^clvf1\.[A-Za-z0-9_-]+$/);
  expect(textOf(await decryptField(keys, CONTEXT, field))).toBe('DE02120300000000202051');
  expect(await encryptField(keys, CONTEXT, bytes('DE02120300000000202051'))).not.toBe(field);
  expect((await refusal(() => decryptField(keys, { ...CONTEXT, row: '8' }, field))).code).toBe('KMS_UNOPENED');
  for (let place = 0; place < field.length; place += 1) {
    const letter = field[place] === 'A' ? 'B' : 'A';
    const { code } = await refusal(() =>
      decryptField(keys, CONTEXT, field.slice(0, place) + letter + field.slice(place + 1)),
    );
    expect(['FIELD_DAMAGED', 'KMS_UNOPENED', 'KMS_KEY_UNKNOWN'], `${place}`).toContain(code);
  }
  for (const other of ['', 'clvf1.', 'clvf1.AAAA', `${field}=`, 'plain text']) {
    expect((await refusal(() => decryptField(keys, CONTEXT, other))).code, other).toBe('FIELD_DAMAGED');
  }
});

test('a column is encrypted in batches, goes on after an interruption, and takes no row twice', async () => {
  const database = new Database(':memory:');
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a table of somebody else's
  const db = new Kysely<any>({ dialect: new SqliteDialect({ database }) });
  await sql`CREATE TABLE customer (id INTEGER PRIMARY KEY, iban TEXT)`.execute(db);
  for (let id = 1; id <= 25; id += 1) {
    await sql`INSERT INTO customer VALUES (${id}, ${id === 13 ? null : `iban ${id}`})`.execute(db);
  }
  const keys = keysOf();
  const wanted = { table: 'customer', key: 'id', column: 'iban', context: { app: 'shop' }, batch: 10 };
  let left = 14;
  const failing = {
    decrypt: keys.decrypt.bind(keys),
    generateDataKey: (context: Record<string, string>) =>
      left-- > 0 ? keys.generateDataKey(context) : Promise.reject(new Error('the holder is away')),
  };
  await expect(encryptColumn(db, failing, wanted)).rejects.toThrow('the holder is away');
  const rows = () =>
    database.prepare('SELECT id, iban FROM customer ORDER BY id').all() as { id: number; iban: string | null }[];
  const before = rows();
  expect(before.filter(({ iban }) => iban?.startsWith('clvf1.'))).toHaveLength(10);
  expect(await encryptColumn(db, keys, wanted)).toBe(14);
  expect(await encryptColumn(db, keys, wanted)).toBe(0);
  for (const [index, { id, iban }] of rows().entries()) {
    if (id === 13) expect(iban).toBeNull();
    else expect(textOf(await decryptField(keys, fieldContext(wanted, id), iban ?? ''))).toBe(`iban ${id}`);
    if (index < 10) expect(iban).toBe(before[index]?.iban);
  }
  await db.destroy();
});
