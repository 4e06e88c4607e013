import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { KEY_ALGORITHMS, type KeyRecord } from '../token.ts';
import { removeDurably, writeDurably } from './durable-file.ts';
import { type Sealed, seal, sealed, unseal } from './sealed.ts';

const flag = z.boolean();

/** What stands in the clear beside an encrypted key, and is bound to it as additional data. */
const header = z.strictObject({
  token: z.string(),
  label: z.string(),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  kind: z.enum(['private', 'secret']),
  algorithm: z.enum([...KEY_ALGORITHMS, 'AES-256']),
  publicKey: z.base64().nullable(),
  attributes: z.strictObject({
    token: flag,
    private: flag,
    sensitive: flag,
    alwaysSensitive: flag,
    extractable: flag,
    neverExtractable: flag,
    local: flag,
    trusted: flag,
    wrapWithTrusted: flag,
    sign: flag,
    encrypt: flag,
    decrypt: flag,
    derive: flag,
    wrap: flag,
    unwrap: flag,
  }),
});
type Header = z.infer<typeof header>;
const keyFile = z.strictObject({ header, key: sealed });

/** A key at rest. `path` is its file. */
export type StoredKey = { path: string; header: Header; key: Sealed };

/** Every key of a token's folder. STORE_DAMAGED. */
export function readKeyFiles(folder: string, serial: string): StoredKey[] {
  return readdirSync(folder)
    .filter((name) => /^key-[0-9a-f]{32}\.json$/.test(name))
    .sort()
    .map((name) => readKeyFile(join(folder, name), serial));
}

function readKeyFile(path: string, serial: string): StoredKey {
  let content: z.infer<typeof keyFile>;
  try {
    content = keyFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Refusal('STORE_DAMAGED', { path, detail: 'not a key of a software token' });
  }
  if (content.header.token !== serial) {
    throw new Refusal('STORE_DAMAGED', { path, detail: 'a key of another token' });
  }
  return { path, ...content };
}

/** Encrypts a key into a file of its own and answers it as read back. The caller wipes both secrets. */
export function writeKeyFile(
  folder: string,
  serial: string,
  pinKey: Uint8Array,
  record: Omit<KeyRecord, 'algorithm'> & { algorithm: Header['algorithm'] },
  secret: Uint8Array,
): StoredKey {
  const publicKey = record.publicKey && Buffer.from(record.publicKey).toString('base64');
  const head: Header = { ...record, token: serial, publicKey };
  const path = join(folder, `key-${record.id}.json`);
  writeDurably(path, `${JSON.stringify({ header: head, key: seal(pinKey, secret, head) }, null, 2)}\n`);
  return readKeyFile(path, serial);
}

/** The secret of a key, in guarded memory; the caller wipes it. STORE_DAMAGED if file and label do not belong together. */
export function openKeyFile(pinKey: Uint8Array, stored: StoredKey): Uint8Array {
  const secret = unseal(pinKey, stored.key, stored.header);
  if (!secret) throw new Refusal('STORE_DAMAGED', { path: stored.path, detail: 'the key does not open' });
  return secret;
}

export function removeKeyFile(stored: StoredKey): void {
  removeDurably(stored.path);
}

export function recordOf({ header: head }: StoredKey): KeyRecord {
  return {
    label: head.label,
    id: head.id,
    kind: head.kind,
    algorithm: head.algorithm,
    publicKey: head.publicKey === null ? null : new Uint8Array(Buffer.from(head.publicKey, 'base64')),
    attributes: head.attributes,
  };
}
