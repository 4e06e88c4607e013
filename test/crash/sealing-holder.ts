import { setImmediate as nextTurn } from 'node:timers/promises';
import { holderPoints } from './holder-points.ts';
import { aroundSealing } from './statements.ts';

/**
 * `sealing-holder.ts HOME AT`: a holder whose policy moves three months of its ledger to segments, one after the other, while it stores and reads. At point AT (0: at none) it kills itself; started again
 * it goes on. On standard output: a line for each point, `stored N` once value N is durable, `done` at the end.
 */

const [home = '', at = '0'] = process.argv.slice(2);
const { say, begin, point } = holderPoints(at, (source) => /insert into "(ledger_segment)"/.exec(source)?.[1] ?? '');
// Where its store is on PostgreSQL.
aroundSealing(point);

const { DEFAULT_POLICY } = await import('../../core/contract/vault.ts');
const { record, vaultRow } = await import('../../core/vault/parts.ts');
const { appendCheckpoint, appendKey, selfSignedKey } = await import('../ledger/sample-ledger.ts');
const { Clock, bytes, openedVault, sampleVault, textOf } = await import('../vault/sample-vault.ts');

const clock = new Clock();
const until = (time: string) => {
  clock.minutes(Math.max(0, (new Date(time).getTime() - clock.read().getTime()) / 60_000));
};
const identity = (number: number) => ({ owner: 'service', environment: 'production' as const, name: `${number}` });

if (at === 'make') {
  const { vault, caller, somebody, clock: time, close } = await sampleVault(home);
  const ada = await caller('ada');
  const many = { perSecret: 1_000_000, perPrincipal: 1_000_000 };
  await vault.policies.change(ada, 2, { ...DEFAULT_POLICY, rate: many, retention: { ledgerDays: 90 } });
  const service = await somebody('service', ['READ', 'WRITE'], { system: true });
  const { ledger } = vault.parts;
  const key = selfSignedKey('Ledger key', home);
  await appendKey(ledger, key, null);
  // November, December, January: more than one page of rows in one of them.
  for (const rows of [50, 1100, 50]) {
    await vault.secrets.put(service, { identity: identity(rows), category: 'system-configuration' }, bytes(`${rows}`));
    const by = { principal: 'service', address: 'unix:0', agent: 'then' };
    const [stored] = await ledger.read({ kind: 'vault.stored', limit: 1 });
    const { secret } = stored?.body as { secret: string };
    const read = { action: 'get', ...identity(rows), secret, version: 1, purpose: null, request: null } as const;
    const row = vaultRow('vault.access', { ...read, allowed: true, reason: null, ...by });
    await record(
      ledger,
      Array.from({ length: rows }, () => row),
    );
    time.minutes(31 * 24 * 60);
  }
  await appendCheckpoint(ledger, key);
  await close();
  process.exit(0);
}

const { vault, caller, close } = await openedVault(home, clock);
const service = await caller('service');
const { ledger } = vault.parts;
until((await ledger.read({ limit: 1 }))[0]?.at ?? '');
let over = false as boolean;

/** Every row of the ledger once, in order, and every secret with its own value. */
async function use(): Promise<void> {
  const rows = await ledger.read();
  if (rows.some(({ seq }, index) => seq !== index + 1)) throw new Error('a row is missing, or there twice');
  const { secrets } = await vault.secrets.list(service, { limit: 1000 });
  for (const { name } of secrets) {
    const { value } = await vault.secrets.get(service, { identity: identity(Number(name)) });
    if (textOf(value) !== name) throw new Error(`secret ${name} has the value of another`);
  }
}
const using = (async () => {
  for (let turn = 0; !over || turn === 0; turn += 1) {
    await nextTurn();
    const { secrets } = await vault.secrets.list(service, { limit: 1000 });
    const number = 2000 + secrets.length;
    if (turn < 8) {
      await vault.secrets.put(
        service,
        { identity: identity(number), category: 'system-configuration' },
        bytes(`${number}`),
      );
      say(`stored ${number}`);
    }
    await use();
  }
})();

begin();
for (const time of ['2027-03-10T00:00:00Z', '2027-04-10T00:00:00Z', '2027-05-10T00:00:00Z']) {
  until(time);
  await vault.retention.look();
}
over = true;
await using;
await use();
const { secrets } = await vault.secrets.list(service, { limit: 1000 });
say(`has ${secrets.map(({ name }) => name).join(' ')}`);
await vault.retention.close();
await close();
say('done');
