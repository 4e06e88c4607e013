import { Refusal } from '../contract/errors.ts';
import type { EffectContext } from './action.ts';

/** The encrypted shares that rest in the store between the split and the scan of their sheets. */
export async function sealedShares({ store, state }: Pick<EffectContext, 'store' | 'state'>) {
  return store.db.selectFrom('sealed_share').selectAll().where('ceremony', '=', state.id).orderBy('number').execute();
}

/** The same, if every one is there. SHARES_MISSING. */
export async function allSealedShares(context: Pick<EffectContext, 'store' | 'state'>) {
  const shares = await sealedShares(context);
  const expected = context.state.script.policy.shareCount;
  if (shares.length !== expected) throw new Refusal('SHARES_MISSING', { present: shares.length, expected });
  return shares;
}

/** Erases them, from the write-ahead log and the free pages as well (secure_delete). */
export async function eraseSealedShares({ store, state }: Pick<EffectContext, 'store' | 'state'>): Promise<void> {
  await store.write((db) => db.deleteFrom('sealed_share').where('ceremony', '=', state.id).execute());
  store.flush();
}
