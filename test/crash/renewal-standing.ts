import type { SecretIdentity } from '../../core/contract/vault.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import type { Verdict } from './check.ts';

export type { Verdict };
/** A secret, and the version that it was taken to. */
export type Taken = { secret: SecretIdentity; to: number };

/** What is wrong in the store and the ledger of a vault whose secrets have rotated: nothing is under way, every version came by one rotation, was stored once, and nobody had read another. */
export async function standing(data: string, taken: Taken[], seen: Map<string, string>): Promise<Verdict> {
  const [lost, repeated]: [string[], string[]] = [[], []];
  await verifyLedger(data, { kinds: KINDS, paper: null });
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date(), KINDS);
  const rows = async (kind: string) =>
    (await ledger.read({ kind, limit: 1_000_000 })).map(({ body }) => body as Record<string, unknown>);
  const [stored, steps, alerts] = [await rows('vault.stored'), await rows('vault.renewal'), await rows('vault.alert')];
  const open = await store.db
    .selectFrom('vault_renewal')
    .select('state')
    .where('state', 'not in', ['activated', 'rolled-back'])
    .execute();
  for (const { state } of open) lost.push(`a rotation is ${state} still`);
  for (const { alert, name } of alerts) {
    if (alert === 'rotation' || alert === 'damaged') lost.push(`${String(name)}: alert ${alert}`);
  }
  for (const { secret, to } of taken) {
    const of = (row: Record<string, unknown>) => row['name'] === secret.name;
    const kept = await store.db
      .selectFrom('vault_version as v')
      .innerJoin('vault_secret as s', 's.id', 'v.secret')
      .select('v.version')
      .where('s.name', '=', secret.name)
      .execute();
    const numbers = kept.map(({ version }) => version).sort((one, other) => one - other);
    if (numbers.join(' ') !== Array.from({ length: to }, (_, index) => index + 1).join(' ')) {
      lost.push(`${secret.name} has the versions ${numbers.join(' ')}`);
    }
    for (let version = 1; version <= to; version += 1) {
      const times = stored.filter((row) => of(row) && row['version'] === version).length;
      if (times === 0) lost.push(`no row says that ${secret.name} ${version} was stored`);
      if (times > 1) repeated.push(`${secret.name} ${version} was stored ${times} times`);
      const at = (step: string) => steps.filter((row) => of(row) && row['version'] === version && row['step'] === step);
      if (version > 1 && at('activated').length !== 1) {
        repeated.push(`${secret.name} ${version} was activated ${at('activated').length} times`);
      }
    }
    // Read while it was no version yet, or after it was none any more.
    for (const place of seen.keys()) {
      const [, version = ''] = place.split(' ');
      if (place.startsWith(`${secret.name} `) && !numbers.includes(Number(version))) lost.push(`${place} was read`);
    }
  }
  await store.close();
  return { lost, repeated };
}
