import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SecretIdentity } from '../../core/contract/vault.ts';
import { unlockKeystore } from '../../core/kms/keystore.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { contextOf } from '../../core/vault/envelope.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import type { Canary } from './forms.ts';
import type { Ground } from './ground.ts';

/** What a vault can be made to write down, and the secrets in it that nobody typed. */

/** Somebody outside, with a key of their own: both are the test's, and searched by nobody. */
export function recipientOf(ground: Ground): { certificate: string; key: string } {
  const [certificate, key] = [ground.bring('to.crt', ''), ground.bring('to.key', '')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=other', '-days', '30'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  return { certificate, key };
}

/** What the vault drew itself, as whoever walked it wrote it down. */
export function heardOf(path: string): Canary[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { name, hex } = JSON.parse(line) as { name: string; hex: string };
    return { kind: 'token', name, bytes: Buffer.from(hex, 'hex') };
  });
}

/** Signs the ledger of a store, and has it told, exported, sealed, verified and reported, by the command line. */
export async function useLedger(ground: Ground, data: string, recipient: string): Promise<void> {
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date(), KINDS);
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await appendCheckpoint(ledger, key);
  await store.close();
  for (const words of [
    ['list', '--json'],
    ['export', '-o', join(ground.left, 'slice.ledger')],
    ['export', '--recipient', recipient, '-o', join(ground.left, 'slice.cms')],
    ['seal', '--before', '2100-01-01'],
    ['verify', data],
  ]) {
    const place = words[0] === 'verify' ? [] : ['--data', data];
    const { status, stderr } = await ground.run(['ledger', ...words, ...place], undefined, { listen: false });
    expect(status, stderr).toBe(0);
  }
  for (const report of ['inventory', 'rotation', 'access', 'violations', 'emergencies', 'rehearsals', 'losses']) {
    const files = ['--csv', join(ground.left, `${report}.csv`), '-o', join(ground.left, `${report}.pdf`)];
    const words = ['report', report, '--data', data, '--json', ...files];
    const { status, stderr } = await ground.run(words, undefined, { listen: false });
    expect(status, stderr).toBe(0);
  }
}

/** The KEKs of a data folder, and every data key that they open: what no file of the vault has in the clear either. */
export async function keysIn(data: string, passphrase: Uint8Array): Promise<Canary[]> {
  const keys: Canary[] = [];
  const keks = new Map<string, LocalKms>();
  for (const name of readdirSync(data).filter((one) => one.endsWith('.keystore'))) {
    const { keyId, kek } = await unlockKeystore(join(data, name), passphrase);
    keys.push({ kind: 'key', name: `KEK ${keyId}`, bytes: Uint8Array.from(kek) });
    keks.set(keyId, new LocalKms(keyId, guardedCopy(kek)));
  }
  const store = await openStore(data);
  const rows = await store.db
    .selectFrom('vault_data_key as d')
    .innerJoin('vault_secret as s', 's.id', 'd.secret')
    .select(['s.id', 's.owner', 's.environment', 's.name', 'd.version', 'd.key_id', 'd.data_key'])
    .execute();
  for (const { id, owner, environment, name, version, key_id, data_key } of rows) {
    const kms = keks.get(key_id);
    if (!kms) throw new Error(`no keystore of ${key_id}`);
    const context = contextOf({ ...({ owner, environment, name } as SecretIdentity), id }, version);
    const bytes = Uint8Array.from(await kms.decrypt(data_key, context));
    keys.push({ kind: 'key', name: `data key of ${owner}/${name} ${version}`, bytes });
  }
  await store.close();
  for (const kms of keks.values()) await kms.close();
  return keys;
}
