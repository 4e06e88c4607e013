import type { Client } from 'pg';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import type { RotatorSettings } from '../contract/rotation-plan.ts';

export type PostgresSettings = Extract<RotatorSettings, { name: 'postgres' }>;

const loginSchema = z.object({ username: z.string().min(1), password: z.string().min(1) });
/** Strings, since the driver takes no bytes: they last for one connection. */
export type Login = z.infer<typeof loginSchema>;

/** Of a value `{"username": …, "password": …}`; null for any other. */
export function loginOf(value: Uint8Array): Login | null {
  try {
    return loginSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value)));
  } catch {
    // The parser's error would quote the value.
    return null;
  }
}

export function refusal(step: string, detail: string): Refusal {
  return new Refusal('ROTATOR_FAILED', { rotator: 'postgres', step, detail });
}

/**
 * Logs in by SCRAM-SHA-256, works, and leaves. A server that wants the password in the clear or as MD5 does not get it; one that lets in without asking for one proves nothing
 * and is refused as well. ROTATOR_FAILED with an SQLSTATE or a code of the system, for the server's messages may quote.
 */
export async function withLogin<T>(
  { host, port, database, ca, seconds }: PostgresSettings,
  login: Login,
  step: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  let asked = 'nothing' as 'nothing' | 'scram' | 'plain';
  // The driver is read where a role is rotated, and by no start.
  const { Client, DatabaseError } = await import('pg');
  const client = new Client({
    ...{ host, port, database, user: login.username, application_name: 'claviger', enableChannelBinding: true },
    // Called when the server has said how it wants it.
    password: () => {
      if (asked !== 'scram') throw refusal(step, 'the server wants the password itself');
      return login.password;
    },
    ...{ connectionTimeoutMillis: seconds * 1000, query_timeout: seconds * 1000 },
    ssl: host.startsWith('/') ? false : { ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  });
  // These come before the driver's own.
  client.connection.on('authenticationSASL', () => (asked = 'scram'));
  for (const way of ['authenticationCleartextPassword', 'authenticationMD5Password']) {
    client.connection.on(way, () => (asked = 'plain'));
  }
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (asked === 'nothing') throw refusal(step, 'the server asks for no password');
    return await work(client);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refusal(step, error instanceof DatabaseError ? `SQLSTATE ${error.code ?? '?'}` : codeOf(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'no connection';
}
