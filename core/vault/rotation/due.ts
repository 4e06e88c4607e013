import { type Vault, activeKey } from '../vault.ts';

const DAY_MS = 86_400_000;

/** What policy asks to be rotated by now. */
export async function rotationDue({ parts: { store }, policies }: Vault, now: Date): Promise<'kek' | 'dek' | null> {
  const { kekDays, dekDays } = (await policies.present()).policy.keyRotation;
  const key = await activeKey(store.db);
  if (!key) return null;
  const isDue = (since: string, days: number | null) =>
    days !== null && new Date(since).getTime() + days * DAY_MS <= now.getTime();
  // A keystore's passphrase is a person's.
  if (key.provider !== 'local' && isDue(key.created_at, kekDays)) return 'kek';
  const last = await store.db
    .selectFrom('vault_rotation')
    .select('started_at')
    .where('what', '=', 'dek')
    .orderBy('started_at', 'desc')
    .executeTakeFirst();
  const first = await store.db.selectFrom('vault_policy').select('at').where('version', '=', 1).executeTakeFirst();
  return isDue(last?.started_at ?? first?.at ?? key.created_at, dekDays) ? 'dek' : null;
}
