import { LocalKms } from '../../core/kms/local.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { join } from 'node:path';
import { Vault, activeKey } from '../../core/vault/vault.ts';
import { PASSPHRASE, rotationsOf } from './rotating-vault.ts';
import { ORIGIN, bytes } from './sample-vault.ts';

/**
 * One node of several, for a test that kills it: `node.ts DATA NAME`. It stores what standard input does not end: versions of one secret that all nodes store, and secrets of its own; and goes on
 * with the rotation that is under way. Says a line when each is durable, and how far the rotation is.
 */

const [data = '', name = ''] = process.argv.slice(2);
const say = (...words: (string | number)[]) => process.stdout.write(`${words.join(' ')}\n`);
const ending = new AbortController();
process.stdin
  .on('end', () => {
    ending.abort();
  })
  .resume();

const store = await openStore(data);
const key = await activeKey(store.db);
const { keystore } = JSON.parse(key?.place ?? '{}') as { keystore: string };
const kms = await LocalKms.open(join(data, keystore), bytes(PASSPHRASE));
const clock = () => new Date();
const vault = new Vault({ store, ledger: openLedger(store, clock, KINDS), kms, clock, mode: 'training' });
const rotations = await rotationsOf(vault, store, data);
await rotations.resume(bytes(PASSPHRASE));
const { id } = await store.db
  .selectFrom('vault_principal')
  .select('id')
  .where('name', '=', 'service')
  .executeTakeFirstOrThrow();
const caller = { principal: { id, name: 'service', kind: 'service' as const, system: true }, ...ORIGIN };
say('ready');

for (let turn = 1; !ending.signal.aborted; turn += 1) {
  const value = `${name} ${turn}`;
  const put = async (place: string) => {
    const identity = { owner: 'service', environment: 'production' as const, name: place };
    const { version } = await vault.secrets.put(caller, { identity, category: 'system-configuration' }, bytes(value));
    say('stored', place, version, value);
  };
  await put('shared');
  await put(`own/${name}/${turn % 3}`);
  // What another node began, or left behind, is taken up as time passes.
  await rotations.tick();
}
await rotations.settled();
await store.close();
say('ended');
