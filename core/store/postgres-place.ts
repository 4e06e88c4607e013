import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import { readRefusal } from './files.ts';

/** In a data folder: that its store is on PostgreSQL, and where. Nothing of it is secret. */
export const STORE_FILE = 'store.yaml';

const path = z.string().refine(isAbsolute, 'is an absolute path');

const schema = z.strictObject({
  postgres: z
    .strictObject({
      /** A folder: the server's Unix socket is in it, and it knows the user by who they are. Else a host, over TLS alone. */
      host: z.string().min(1),
      port: z.int().min(1).max(65535).default(5432),
      database: z.string().min(1),
      user: z.string().min(1),
      /** Read at each connection, so that it can change while the holder runs. */
      passwordFile: path.optional(),
      tls: z.strictObject({ ca: path, certificate: path.optional(), key: path.optional() }).optional(),
    })
    .refine(({ host, tls }) => isAbsolute(host) || tls, 'a host takes tls with ca')
    .refine(
      ({ tls }) => (tls?.certificate === undefined) === (tls?.key === undefined),
      'certificate and key belong together',
    ),
});

export type PostgresPlace = z.infer<typeof schema>['postgres'];

/** Null where the store is a database in the folder. STORE_PLACE_INVALID, STORE_UNSAFE, FILE_UNREADABLE. */
export async function readPostgresPlace(folder: string): Promise<PostgresPlace | null> {
  const file = join(folder, STORE_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const refusal = readRefusal(error, file);
    if (refusal instanceof Refusal && refusal.code === 'FILE_MISSING') return null;
    throw refusal;
  }
  refuseIfOthersMayRead(file);
  const { parseYaml } = await import('./yaml.ts');
  return parseYaml(text, schema, (detail) => new Refusal('STORE_PLACE_INVALID', { path: file, detail })).postgres;
}

export function refuseIfOthersMayRead(path: string): void {
  if (process.platform === 'win32') return;
  const mode = statSync(path).mode & 0o777;
  if (mode & 0o077) throw new Refusal('STORE_UNSAFE', { path, mode: mode.toString(8) });
}
