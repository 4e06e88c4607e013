import type { SecretIdentity } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Store } from '../store/open.ts';
import { VAULT_KINDS } from './kinds.ts';
import { OWN, findSecret, placeOf } from './rows.ts';

/** By which ids the trail of a vault knows a secret or a principal: rows of the ledger are found by them. */

/** Of the secret that stands there, and of those that stood there and were deleted. SECRET_UNKNOWN. */
export async function idsOfSecret(
  { store, ledger }: { store: Store; ledger: Ledger },
  identity: SecretIdentity,
): Promise<string[]> {
  const place = placeOf(identity);
  const present = identity.owner === OWN ? undefined : await findSecret(store.db, identity);
  const deleted = (await ledger.read({ kind: 'vault.deleted' }))
    .map(({ body }) => VAULT_KINDS['vault.deleted'].parse(body))
    .filter((one) => placeOf(one as SecretIdentity) === place);
  const ids = [...(present ? [present.id] : []), ...deleted.map(({ secret }) => secret)];
  if (ids.length === 0) throw new Refusal('SECRET_UNKNOWN', { secret: place });
  return ids;
}

/** PRINCIPAL_UNKNOWN. */
export async function idOfPrincipal({ db }: Store, name: string): Promise<string> {
  const found = await db.selectFrom('vault_principal').select('id').where('name', '=', name).executeTakeFirst();
  if (!found) throw new Refusal('PRINCIPAL_UNKNOWN', { name });
  return found.id;
}
