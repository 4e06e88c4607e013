import fs from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { holderPoints } from './holder-points.ts';

/**
 * `rotating-holder.ts HOME AT`: a holder that rotates its vault's KEK to the end, rolls another rotation back, and rotates the data keys, while it stores and reads. At point AT (0: at none) it
 * kills itself; started again it goes on. On standard output: a line for each point, `stored N` once value N is durable, `done` at the end.
 */

const [home = '', at = '0'] = process.argv.slice(2);
// Of the store what a rotation reads or writes.
const { say, begin } = holderPoints(at, (source) => /"vault_(rotation|data_key|key)"/.exec(source)?.[1] ?? '');

const { Clock, bytes, textOf } = await import('../vault/sample-vault.ts');
const { numbered, reopened, rotatingVault } = await import('../vault/rotating-vault.ts');
const { PASSPHRASE } = await import('../vault/rotating-vault.ts');
const data = join(home, 'data');

const SECRETS = 6;
if (at === 'make') {
  await (await rotatingVault(home, SECRETS)).close();
  process.exit(0);
}

begin();
const { vault, store, rotations, close } = await reopened(data, new Clock());
const callerOf = async (name: string) => {
  const { id, kind, system } = await store.db
    .selectFrom('vault_principal')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return { principal: { id, name, kind, system: system !== 0 }, address: 'pipe', agent: 'test' };
};
const [ada, service] = [await callerOf('ada'), await callerOf('service')];
const { countUnder } = await import('../../core/vault/rotation/versions.ts');
let over = false as boolean;

/** Everything that was there before, and everything that was called stored, is read each time round. */
async function use(): Promise<void> {
  const { secrets } = await vault.secrets.list(service, { limit: 1000 });
  for (const { name } of secrets) {
    await nextTurn();
    const { value } = await vault.secrets.get(service, { identity: numbered(Number(name)) });
    if (textOf(value) !== name) throw new Error(`secret ${name} has the value of another`);
  }
}
const using = (async () => {
  let number = 1000;
  const { secrets } = await vault.secrets.list(service, { limit: 1000 });
  number += secrets.length;
  for (; !over; number += 1) {
    await nextTurn();
    if (number < 1000 + 12) {
      const identity = numbered(number);
      await vault.secrets.put(service, { identity, category: 'system-configuration' }, bytes(`${number}`));
      say(`stored ${number}`);
    }
    await use();
  }
})();

const secret = () => bytes(PASSPHRASE);
const finished = async (what: 'kek' | 'dek', phase: 'finished' | 'rolled-back') =>
  (
    await store.db
      .selectFrom('vault_rotation')
      .select('id')
      .where('what', '=', what)
      .where('phase', '=', phase)
      .execute()
  ).length > 0;
/** Where the holder before this one was is in the store. */
async function through(phase: 'finished' | 'rolled-back'): Promise<void> {
  if (await finished('kek', phase)) return;
  const before = await rotations.status(ada);
  if (!before || before.finishedAt !== null) await rotations.rotateKey(ada, { secret: secret() });
  else if (before.stopped !== null) await rotations.continue(ada, secret());
  await rotations.settled();
  const shown = await rotations.status(ada);
  if (shown?.stopped) throw new Error(`stopped: ${shown.stopped}`);
  if (shown?.phase === 'grace') {
    if (phase === 'finished') await rotations.finish(ada, true);
    else await rotations.rollBack(ada);
    await rotations.settled();
  }
}
await through('finished');
await through('rolled-back');
if (!(await finished('dek', 'finished'))) {
  const before = await rotations.status(ada);
  if (before?.what !== 'dek' || before.finishedAt !== null) await rotations.rotateDataKeys(ada);
  await rotations.settled();
}
over = true;
await using;
await use();

// One KEK, and every version under it.
const { count: versions } = await store.db
  .selectFrom('vault_version')
  .select(({ fn }) => fn.countAll<number>().as('count'))
  .executeTakeFirstOrThrow();
const { count: dataKeys } = await store.db
  .selectFrom('vault_data_key')
  .select(({ fn }) => fn.countAll<number>().as('count'))
  .executeTakeFirstOrThrow();
const under = await countUnder(store.db, vault.parts.kms.keyId);
const keystores = fs.readdirSync(data).filter((name) => name.endsWith('.keystore'));
if (versions !== dataKeys || under !== dataKeys || keystores.length !== 1) {
  throw new Error(`${versions} versions, ${dataKeys} data keys, ${under} under the active key, ${keystores.join(' ')}`);
}
const { secrets } = await vault.secrets.list(service, { limit: 1000 });
say(`has ${secrets.map(({ name }) => name).join(' ')}`);
await close();
say('done');
