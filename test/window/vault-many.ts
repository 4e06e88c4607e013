import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LocalKms } from '../../core/kms/local.ts';
import { openStore } from '../../core/store/open.ts';
import type { VaultSecretTable } from '../../core/store/schema.ts';
import { contextOf, seal } from '../../core/vault/envelope.ts';
import { NEVER, insertVersion } from '../../core/vault/rows.ts';
import { PASSPHRASE } from '../vault/sample-holder.ts';
import { bytes } from '../vault/sample-vault.ts';

const TOGETHER = 500;

/** So many secrets more, sealed each under its own data key, in the store of a vault that nobody holds: a rotation of them can be looked at. */
export async function addMany(data: string, count: number): Promise<void> {
  const store = await openStore(data);
  const kms = await LocalKms.open(join(data, 'vault.keystore'), bytes(PASSPHRASE));
  const value = bytes('one of many');
  const at = new Date().toISOString();
  for (let from = 0; from < count; from += TOGETHER) {
    const numbers = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, index) => from + index);
    const made = await Promise.all(
      numbers.map(async (number) => {
        const identity = { owner: 'many', environment: 'testing', name: `item/${number}`, id: randomUUID() } as const;
        const secret: VaultSecretTable = {
          ...{ ...identity, category: 'system-configuration', description: '', version: 1 },
          ...{ created_at: at, updated_at: at, accessed_at: NEVER, rotation_due: null, rotation_days: null },
        };
        return { secret, sealed: await seal(kms, contextOf(identity, 1), value) };
      }),
    );
    await store.db.transaction().execute(async (db) => {
      for (const { secret, sealed } of made) await insertVersion(db, kms, secret, sealed, { by: 'many', keep: 10 });
    });
  }
  await kms.close();
  await store.close();
}
