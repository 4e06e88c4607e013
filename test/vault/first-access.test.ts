import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { MIGRATIONS } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { bytes, sampleVault } from './sample-vault.ts';

const MANY = 200;

const nameOf = (index: number) => ({ owner: 'billing', environment: 'production', name: `db/${index}` }) as const;

async function filledVault() {
  const opened = await sampleVault(temporaryFolder());
  const { vault, caller, somebody } = opened;
  const ada = await caller('ada');
  await vault.policies.change(ada, 2, { ...DEFAULT_POLICY, rate: { perSecret: MANY, perPrincipal: MANY } });
  const service = await somebody('billing', ['READ', 'WRITE'], { system: true });
  for (let index = 0; index < MANY; index++) {
    await vault.secrets.put(service, { identity: nameOf(index), category: 'database-password' }, bytes('one'));
  }
  return { ...opened, service };
}

test('the first access of a secret moves no other', async () => {
  const { vault, store, service, close } = await filledVault();
  const pages = async () =>
    (await sql`SELECT pageno, path, ncell FROM dbstat WHERE name = 'vault_secret' ORDER BY path`.execute(store.db))
      .rows;
  const before = await pages();
  expect(before.length).toBeGreaterThan(10);
  for (let index = 0; index < MANY; index++) {
    await vault.secrets.get(service, { identity: nameOf(index), purpose: 'test' });
  }
  expect(await pages()).toEqual(before);
  await close();
});

test('a secret that was never read says so, also one of a store from before', async () => {
  const { vault, store, service, close } = await filledVault();
  const accessed = async () => {
    const { secrets } = await vault.secrets.list(service, { limit: MANY });
    return secrets.filter(({ accessedAt }) => accessedAt !== null).map(({ name, accessedAt }) => [name, accessedAt]);
  };
  expect(await accessed()).toEqual([]);
  await vault.secrets.get(service, { identity: nameOf(7), purpose: 'test' });
  const read = await accessed();
  expect(read).toEqual([['db/7', expect.stringMatching(/^20\d\d-.*Z$/)]]);
  await sql`UPDATE vault_secret SET accessed_at = NULL WHERE name <> 'db/7'`.execute(store.db);
  await MIGRATIONS['0011-accessed']?.up(store.db);
  expect(await accessed()).toEqual(read);
  await close();
});
