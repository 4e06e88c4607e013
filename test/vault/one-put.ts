import { Refusal } from '../../core/contract/errors.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { Vault, checkKey } from '../../core/vault/vault.ts';
import { DATABASE, ORIGIN, bytes } from './sample-vault.ts';

/** Stores large secrets until it is refused, then reads what it stored: prints each version that is there whole, and the code. For a disk that is full, or may only be read. */

const [folder = ''] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
const kms = new LocalKms(
  '7d444840-9dc0-41d1-b245-5ffdce74fad2',
  guardedCopy(bytes('a key-encryption key for testing')),
);

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.code);
  }
}

await attempt(async () => {
  const store = await openStore(folder);
  await checkKey(store, kms);
  const vault = new Vault({
    store,
    ledger: openLedger(store, () => new Date(), KINDS),
    kms,
    clock: () => new Date(),
    mode: 'training',
  });
  const { id, name } = await store.db
    .selectFrom('vault_principal')
    .selectAll()
    .where('name', '=', 'billing')
    .executeTakeFirstOrThrow();
  const caller = { principal: { id, name, kind: 'service' as const, system: true }, ...ORIGIN };
  let stored = 0;
  await attempt(async () => {
    for (; stored < 40; stored += 1) {
      await vault.secrets.put(caller, { identity: DATABASE }, new Uint8Array(500_000).fill(stored + 1));
    }
  });
  const rows = await store.db
    .selectFrom('vault_version')
    .select('version')
    .where('created_by', '=', 'billing')
    .execute();
  const newest = await store.db
    .selectFrom('vault_secret')
    .select('version')
    .where('owner', '=', DATABASE.owner)
    .executeTakeFirstOrThrow();
  say(`stored ${stored}, newest ${newest.version}, versions ${rows.length}`);
  await store.close();
});
