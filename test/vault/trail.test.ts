import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { storedRows } from '../../core/ledger/read.ts';
import { idOfPrincipal, idsOfSecret } from '../../core/vault/trail.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { DATABASE, bytes, refusal, sampleVault } from './sample-vault.ts';

const OTHER = { ...DATABASE, name: 'db/other' };

/** Two services and two secrets, of which one was deleted and made again. */
async function busyVault(home: string) {
  const opened = await sampleVault(home);
  const { vault, somebody } = opened;
  const rights = ['READ', 'WRITE', 'ADMIN'] as const;
  const [billing, sales] = [
    await somebody('billing', [...rights], { system: true }),
    await somebody('sales', [...rights], { system: true }),
  ];
  const category = 'database-password';
  await vault.secrets.put(billing, { identity: DATABASE, category }, bytes('one'));
  await vault.secrets.put(billing, { identity: OTHER, category }, bytes('two'));
  await vault.secrets.get(sales, { identity: DATABASE });
  await vault.secrets.delete(billing, { identity: DATABASE });
  await vault.secrets.put(sales, { identity: DATABASE, category }, bytes('three'));
  await vault.secrets.get(billing, { identity: DATABASE });
  return { ...opened, billing, sales };
}

type Said = { name?: string; principal?: string; subject?: string; action?: string };

test('rows are found by the secret they are about, deleted or not, and by the principal, in the store and in sealed files', async () => {
  const { vault, store, close } = await busyVault(temporaryFolder());
  const { ledger } = vault.parts;
  const ofSecret = await idsOfSecret({ store, ledger }, DATABASE);
  expect(ofSecret).toHaveLength(2);
  const ofSales = await idOfPrincipal(store, 'sales');
  const rows = await ledger.read();
  const said = (body: unknown) => body as Said;
  const want = (fits: (said: Said) => boolean) => rows.filter(({ body }) => fits(said(body)));
  // A first put is asked for before the secret is there: that row is about its principal alone.
  const isFirst = ({ action }: Said) => action === 'put';
  const about = want((one) => one.name === DATABASE.name && !isFirst(one));
  const bySales = want(({ principal, subject }) => principal === 'sales' || subject === 'sales');
  const look = async () => {
    expect(await ledger.read({ about: [ofSecret] })).toEqual(about);
    expect(await ledger.read({ about: [[ofSales]] })).toEqual(bySales);
    const both = about.filter((row) => bySales.includes(row));
    expect(both.length).toBeGreaterThan(2);
    expect(await ledger.read({ about: [ofSecret, [ofSales]] })).toEqual(both);
    expect(await ledger.read({ about: [ofSecret], limit: 2 })).toEqual(about.slice(-2));
    expect(await ledger.read({ about: [ofSecret], kind: 'vault.deleted' })).toHaveLength(1);
  };
  await look();

  const plan = await storedRows(store, { about: [[ofSales]], limit: 100 }).explain<{ detail: string }>(
    undefined,
    sql`query plan`,
  );
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^SEARCH t USING PRIMARY KEY \(about=\?\)/),
    expect.stringMatching(/^SEARCH ledger USING INTEGER PRIMARY KEY/),
  ]);

  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await appendCheckpoint(ledger, key);
  expect(await ledger.seal(rows.length - 3)).toHaveLength(1);
  await look();

  expect((await refusal(() => idsOfSecret({ store, ledger }, { ...DATABASE, name: 'none' }))).code).toBe(
    'SECRET_UNKNOWN',
  );
  expect((await refusal(() => idOfPrincipal(store, 'nobody'))).code).toBe('PRINCIPAL_UNKNOWN');
  await close();
});

test('claviger ledger list --secret --principal', async () => {
  const home = temporaryFolder();
  await (await busyVault(home)).close();
  const list = async (...words: string[]) => {
    const { status, stdout } = await claviger(['ledger', 'list', '--data', `${home}/data`, '--json', ...words]);
    return { status, said: JSON.parse(stdout) as { rows: { kind: string; body: Said }[]; error: { code: string } } };
  };
  const place = 'billing/production/db/main';
  const { said } = await list('--secret', place, '--principal', 'billing');
  expect(said.rows.map(({ kind, body }) => [kind, body.action ?? null])).toEqual([
    ['vault.stored', null],
    ['vault.access', 'delete'],
    ['vault.deleted', null],
    ['vault.access', 'get'],
    ['vault.alert', null],
  ]);
  const refused = await list('--secret', 'billing/production/none');
  expect([refused.status, refused.said.error.code]).toEqual([1, 'SECRET_UNKNOWN']);
});
