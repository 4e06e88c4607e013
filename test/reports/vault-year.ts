import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { REASON, listed, withNotifiers } from '../vault/sample-emergency.ts';
import { setPlan } from '../../core/vault/renewal-plans.ts';
import { DATABASE, ORIGIN, bytes, refusal, sampleVault } from '../vault/sample-vault.ts';

const DAY = 24 * 60;

/** Of one of its secrets. */
export const LONGEST_NAME = 'of_two_hundred_letters_'.repeat(9).slice(0, 200);

/** More than a year of a vault in the folder `data` of `home`, and the whole of its ledger, signed, in a file: late rotations, refusals, damage, an emergency. */
export async function vaultYear(home: string, ledger: string): Promise<void> {
  const { vault, clock, somebody, close, store, totp, caller, again } = await sampleVault(home);
  const { secrets, parts } = vault;
  // Reports go by the clock of the machine: a year up to now, whenever that is.
  clock.minutes(Math.floor((Date.now() - clock.read().getTime()) / 60_000) - 400 * DAY);
  const billing = await somebody('billing', ['READ', 'WRITE', 'ADMIN'], { system: true });
  const web = await somebody('web', ['WRITE'], { system: true });
  const put = (name: string, category: string) =>
    secrets.put(billing, { identity: { ...DATABASE, name }, category }, bytes(`value of ${name}`));
  await put('db/main', 'database-password');
  await put('db/gone', 'database-password');
  await put('node/one', 'node-certificate-key');
  await put(LONGEST_NAME, 'node-certificate-key');
  // Late, and overdue again by now.
  clock.minutes(95 * DAY);
  await put('db/main', 'database-password');
  for (let read = 0; read < 3; read += 1) await secrets.get(billing, { identity: DATABASE });
  await refusal(() => secrets.get(web, { identity: DATABASE }));
  await refusal(() => vault.principals.list(web));
  await refusal(() => vault.logins.begin('ada', bytes('another password'), '000000', ORIGIN));
  clock.minutes(40 * DAY);
  await secrets.delete(billing, { identity: { ...DATABASE, name: 'db/gone' } });
  clock.minutes(200 * DAY);
  await put('db/new', 'database-password');
  // Sooner than its category says.
  const sooner = { ...DATABASE, name: 'db/new' };
  await setPlan(vault, await caller('ada'), sooner, { days: 80 });
  // Broken once and reviewed, and once by somebody who is not on the list.
  const sample = { vault, clock, somebody, close, store, totp, caller, again };
  await withNotifiers(sample, []);
  const mira = await listed(sample, 'mira');
  const { id } = await vault.emergencies.open(await mira.caller(), { reason: REASON, code: mira.code() });
  await secrets.get(await mira.caller(), { identity: DATABASE, purpose: 'to find out' });
  clock.minutes(DAY);
  await vault.keep();
  await refusal(async () => vault.emergencies.open(web, { reason: REASON, code: '000000' }));
  const [{ operations } = { operations: 0 }] = (await vault.emergencies.status(await caller('ada'))).emergencies;
  await vault.emergencies.review(await caller('ada'), id, { finding: 'The password was read.', operations });
  await store.db
    .updateTable('vault_version')
    .set({ iv: new Uint8Array(12) })
    .execute();
  await refusal(() => secrets.get(billing, { identity: DATABASE }));
  const key = selfSignedKey('Ledger key', home);
  await appendKey(parts.ledger, key, null);
  await appendCheckpoint(parts.ledger, key);
  await parts.ledger.export({ from: 1, to: (await parts.ledger.signed()).size }, ledger);
  await close();
}
