import { Refusal } from '../contract/errors.ts';
import type { Script } from '../contract/script.ts';
import type { Store } from '../store/open.ts';
import type { EffectContext } from './action.ts';

/** Numbers of the share sheets that a script makes: of the share that is replaced, or of the whole set. */
export function sheetNumbers({ policy, steps }: Script): number[] {
  const replaced = steps.find(({ action }) => action === 'replace-share')?.parameters['share'];
  if (typeof replaced === 'number') return [replaced];
  return Array.from({ length: policy.shareCount }, (_, index) => index + 1);
}

/** The encrypted shares that rest in the store between the split and the scan of their sheets. */
export async function sealedShares({ store, state }: Pick<EffectContext, 'store' | 'state'>) {
  return store.db.selectFrom('sealed_share').selectAll().where('ceremony', '=', state.id).orderBy('number').execute();
}

/** The same, if every one is there. SHARES_MISSING. */
export async function allSealedShares(context: Pick<EffectContext, 'store' | 'state'>) {
  const shares = await sealedShares(context);
  const expected = sheetNumbers(context.state.script).length;
  if (shares.length !== expected) throw new Refusal('SHARES_MISSING', { present: shares.length, expected });
  return shares;
}

/** Erases them, from the write-ahead log and the free pages as well (secure_delete). */
export async function eraseSealedShares({ store, state }: Pick<EffectContext, 'store' | 'state'>): Promise<void> {
  await erase(store, state.id);
}

/** Finishes the erasing of aborted ceremonies: a crash may have come between the row of the abort and the erasing. */
export async function eraseAfterAborts(store: Store): Promise<void> {
  const left = await store.db
    .selectFrom('sealed_share')
    .innerJoin('ledger', 'ledger.ceremony', 'sealed_share.ceremony')
    .where('kind', '=', 'ceremony.aborted')
    .select('sealed_share.ceremony')
    .distinct()
    .execute();
  for (const { ceremony } of left) await erase(store, ceremony);
}

async function erase(store: Store, ceremony: string): Promise<void> {
  await store.write((db) => db.deleteFrom('sealed_share').where('ceremony', '=', ceremony).execute());
  await store.flush();
}
