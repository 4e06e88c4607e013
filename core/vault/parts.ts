import type { Kysely } from 'kysely';
import type { Mode } from '../contract/ceremony.ts';
import type { KmsProvider } from '../kms/provider.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { NewRow } from '../ledger/row.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/schema.ts';
import { change, statement } from '../store/statement.ts';
import type { SecretCache } from './cache.ts';
import type { VaultBody, VaultKind } from './kinds.ts';

export type Db = Kysely<Tables>;

/** What a vault stands on. */
export type VaultParts = {
  store: Store;
  ledger: Ledger;
  kms: KmsProvider;
  clock: () => Date;
  /** In training a software keystore may keep what is a token's otherwise. */
  mode: Mode;
  /** Of an open vault: what it keeps of what it has opened. */
  cache?: SecretCache;
};

/** Who acts, as authenticated, and from where. */
export type Principal = { id: string; name: string; kind: 'person' | 'service'; system: boolean };
/** `emergency`: whoever has broken the glass acts under it while it lasts. Without it nobody has the rights that it gives, and every row of theirs bears it. */
export type Caller = { principal: Principal; address: string; agent: string; emergency?: string | null };

/** How a row names who did it, and under which emergency. */
export function byOf({ principal, address, agent, emergency }: Caller): By {
  return { principal: principal.name, address, agent, ...(emergency ? { emergency } : {}) };
}
type By = { principal: string; address: string; agent: string; emergency?: string };

/** Whether a caller is on the holder's machine: by its own pipe, or its socket. */
export function isFromHere({ address }: Caller): boolean {
  return address === 'pipe' || address.startsWith('unix:');
}

/** A row of the vault, and what it is about: found again by both. */
export type VaultRow = { row: NewRow; secret: string | null; principal: string | null };

export function vaultRow<K extends VaultKind>(
  kind: K,
  body: VaultBody<K>,
  about: { secret?: string | null; principal?: string | null } = {},
): VaultRow {
  return { row: { kind, ceremony: null, body }, secret: about.secret ?? null, principal: about.principal ?? null };
}

const ADD_TRAIL = statement((db, { about, seq }: Tables['vault_trail']) =>
  db.insertInto('vault_trail').values({ about, seq }),
);

/** Appends rows, with their trail and a change that stands or falls with them. Durable when it answers; the number of the first row. */
export async function record(
  ledger: Ledger,
  rows: VaultRow[],
  also: (db: Db, from: number) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const [first] = await ledger.append(
    rows.map(({ row }) => row),
    async (db, from) => {
      for (const [index, { secret, principal }] of rows.entries()) {
        for (const about of [secret, principal]) {
          if (about !== null) await change(db, ADD_TRAIL, { about, seq: from + index });
        }
      }
      await also(db, from);
    },
  );
  return first?.seq ?? 0;
}
