import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_POLICY, type SecretIdentity } from '../../core/contract/vault.ts';
import { wipe } from '../../core/process/guarded.ts';
import type { VaultSecretTable } from '../../core/store/schema.ts';
import { contextOf, seal } from '../../core/vault/envelope.ts';
import { health } from '../../core/vault/health.ts';
import { byOf, record, vaultRow } from '../../core/vault/parts.ts';
import { NEVER, insertVersion } from '../../core/vault/rows.ts';
import { sampleVault } from '../vault/sample-vault.ts';

/** A vault of some size, and what the benchmark does with it. Secrets have 1 KiB. */

export const VALUE_BYTES = 1024;
const TOGETHER = 1000;
const CATEGORY = 'database-password';
/** What the policy allows at most: the benchmark is to meet no limit. */
const LIMIT = 1_000_000;

export type Ground = {
  size: number;
  store: () => Promise<void>;
  rotate: () => Promise<void>;
  retrieve: () => Promise<void>;
  list: () => Promise<void>;
  audit: () => Promise<void>;
  health: () => Promise<void>;
  /** Reads its files through, so that they are in memory: a machine may have taken that back from what was not used for some seconds. */
  warm: () => void;
  /** The folder of its store. */
  folder: string;
  /** Erases what `store` stored, so that the size stays. */
  tidy: () => Promise<void>;
  close: () => Promise<void>;
};

/** `size` secrets with their rows in the ledger, sealed each under its own data key. */
export async function makeGround(home: string, size: number): Promise<Ground> {
  const { vault, store, caller, somebody, close } = await sampleVault(join(home, String(size)));
  const { parts, secrets } = vault;
  const ada = await caller('ada');
  await vault.policies.change(ada, 2, {
    ...DEFAULT_POLICY,
    rate: { perSecret: LIMIT, perPrincipal: LIMIT },
    alerts: { ...DEFAULT_POLICY.alerts, hourly: LIMIT, newPrincipal: false },
  });
  const service = await somebody('billing', ['READ', 'WRITE', 'ROTATE'], { system: true });
  const value = randomBytes(VALUE_BYTES);
  const chunk = new Uint8Array(1024 * 1024);
  const names: SecretIdentity[] = Array.from({ length: size }, () => ({
    ...({ owner: 'billing', environment: 'production' } as const),
    name: `bench/${randomUUID()}`,
  }));
  for (let from = 0; from < size; from += TOGETHER) await fill(names.slice(from, from + TOGETHER));
  await store.flush();

  async function fill(identities: SecretIdentity[]): Promise<void> {
    const at = new Date().toISOString();
    const made = await Promise.all(
      identities.map(async (identity) => {
        const secret: VaultSecretTable = {
          ...{ ...identity, id: randomUUID(), category: CATEGORY, description: '', version: 1 },
          ...{
            created_at: at,
            updated_at: at,
            accessed_at: NEVER,
            rotation_due: '2099-01-01T00:00:00.000Z',
            rotation_days: null,
          },
        };
        return { secret, sealed: await seal(parts.kms, contextOf({ ...identity, id: secret.id }, 1), value) };
      }),
    );
    const rows = made.map(({ secret: { owner, environment, name, id }, sealed }) =>
      vaultRow(
        'vault.stored',
        {
          ...{ owner, environment: environment as SecretIdentity['environment'], name, secret: id, category: CATEGORY },
          ...{ version: 1, key: sealed.keyId, algorithm: sealed.algorithm, bytes: VALUE_BYTES, rotationDue: null },
          ...byOf(service),
        },
        { secret: id, principal: service.principal.id },
      ),
    );
    await record(parts.ledger, rows, async (db) => {
      for (const { secret, sealed } of made) {
        await insertVersion(db, parts.kms, secret, sealed, { by: 'billing', keep: 10 });
      }
    });
  }

  // In the order in which they are listed.
  names.sort((one, other) => (one.name < other.name ? -1 : 1));
  const any = (of = size) => names[Math.floor(Math.random() * of)] as SecretIdentity;
  return {
    size,
    folder: store.folder,
    store: async () => {
      const identity = { owner: 'billing', environment: 'staging', name: `bench/${randomUUID()}` } as const;
      await secrets.put(service, { identity, category: CATEGORY }, value);
    },
    rotate: async () => {
      await secrets.put(service, { identity: any() }, value, 'rotate');
    },
    retrieve: async () => {
      const { value: opened } = await secrets.get(service, { identity: any(), purpose: 'benchmark' });
      if (opened.length !== VALUE_BYTES) throw new Error('another value came back');
      wipe(opened);
    },
    list: async () => {
      const { secrets: listed } = await secrets.list(service, { after: any(size - 100), limit: 100 });
      if (listed.length !== 100) throw new Error(`${listed.length} secrets were listed`);
    },
    audit: async () => {
      const rows = await parts.ledger.read({ limit: 100 });
      if (rows.length !== 100) throw new Error(`${rows.length} rows were read`);
    },
    health: async () => {
      const { key, secrets: counted } = await health(parts, service);
      if (!key.ok || counted.length === 0) throw new Error('health is not as it should be');
    },
    warm: () => {
      for (const name of ['claviger.db', 'claviger.db-wal']) {
        const file = openSync(join(store.folder, name), 'r');
        while (readSync(file, chunk) > 0);
        closeSync(file);
      }
    },
    tidy: async () => {
      await store.db.deleteFrom('vault_secret').where('environment', '=', 'staging').execute();
    },
    close,
  };
}
