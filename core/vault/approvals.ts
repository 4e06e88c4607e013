import { createHash, randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Approvable, ApprovalRequestView, SecretIdentity } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import type { VaultRequestTable } from '../store/schema.ts';
import { anyRight, holds } from './access.ts';
import { heldBy } from './grants.ts';
import { type Caller, type Db, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import type { Policies } from './policies.ts';
import { findSecret, identityOf } from './rows.ts';

/** Asks two people for one act at one version. Whoever has no right there at all is refused as everywhere. VAULT_REFUSED. */
export async function request(
  parts: VaultParts,
  policies: Policies,
  caller: Caller,
  wanted: { action: Approvable; identity: SecretIdentity; purpose: string },
): Promise<ApprovalRequestView> {
  const { store, ledger, clock } = parts;
  const now = clock();
  const secret = await findSecret(store.db, wanted.identity);
  const held = await heldBy(store.db, caller.principal.id, caller.emergency ?? null);
  const right = {
    ...({ get: 'READ', export: 'READ', put: 'WRITE', rotate: 'ROTATE', delete: 'ADMIN' } as const),
    versions: anyRight(held, wanted.identity, now.toISOString()) ?? 'READ',
  }[wanted.action];
  if (!secret || !holds(held, right, wanted.identity, now.toISOString())) throw new Refusal('VAULT_REFUSED');
  const { policy } = await policies.present();
  const id = randomUUID();
  const expiresAt = new Date(now.getTime() + policy.approvalMinutes * 60_000).toISOString();
  const { action, identity, purpose } = wanted;
  const bound = {
    request: id,
    principal: caller.principal.name,
    action,
    ...identity,
    version: secret.version,
    purpose,
    expiresAt,
  };
  const shown = createHash('sha256')
    .update(canonicalize(bound) ?? '')
    .digest('hex');
  const row = vaultRow(
    'vault.request',
    {
      request: id,
      action,
      ...identity,
      version: secret.version,
      purpose,
      shown,
      expiresAt,
      ...byOf(caller),
      secret: secret.id,
    },
    { secret: secret.id, principal: caller.principal.id },
  );
  await record(ledger, [row], async (db) => {
    await db
      .insertInto('vault_request')
      .values({
        ...{ id, principal: caller.principal.id, action, secret: secret.id, version: secret.version, purpose, shown },
        ...{ created_at: now.toISOString(), expires_at: expiresAt, used_at: null },
      })
      .execute();
  });
  return { ...bound, id, secret: identity, shown, approvedBy: [] };
}

/**
 * A person's approval of what they were shown: ADMIN there, logged in themselves, and not the one who asks. REQUEST_UNKNOWN (none, over, used, or not for them),
 * APPROVAL_OWN, APPROVAL_DIFFERENT (something else was shown), APPROVAL_TWICE.
 */
export async function approve(
  parts: VaultParts,
  caller: Caller,
  id: string,
  shown: string,
): Promise<ApprovalRequestView> {
  const { store, ledger, clock } = parts;
  const now = clock().toISOString();
  const found = (await open(store.db, now)).find((one) => one.request.id === id);
  const held = await heldBy(store.db, caller.principal.id);
  if (!found || caller.principal.kind !== 'person' || !holds(held, 'ADMIN', found.identity, now)) {
    throw new Refusal('REQUEST_UNKNOWN', { request: id });
  }
  const { request } = found;
  if (request.principal === caller.principal.id) throw new Refusal('APPROVAL_OWN');
  if (request.shown !== shown) throw new Refusal('APPROVAL_DIFFERENT');
  if (found.approvedBy.includes(caller.principal.name)) throw new Refusal('APPROVAL_TWICE');
  const row = vaultRow(
    'vault.approval',
    { request: id, shown, ...byOf(caller) },
    { secret: request.secret, principal: caller.principal.id },
  );
  await record(ledger, [row], async (db) => {
    await db.insertInto('vault_approval').values({ request: id, principal: caller.principal.id, at: now }).execute();
  });
  return { ...viewOf(found), approvedBy: [...found.approvedBy, caller.principal.name] };
}

/** Requests that can still be approved or used: one's own, and those that the caller may approve. */
export async function listRequests(parts: VaultParts, caller: Caller): Promise<ApprovalRequestView[]> {
  const now = parts.clock().toISOString();
  const held = await heldBy(parts.store.db, caller.principal.id);
  return (await open(parts.store.db, now))
    .filter(({ request, identity }) => request.principal === caller.principal.id || holds(held, 'ADMIN', identity, now))
    .map(viewOf);
}

/** How many people have approved exactly this, and are still there to answer for it. */
export async function approvalsOf(
  db: Db,
  id: string,
  asked: { principal: string; action: string; secret: string; version: number; purpose: string; now: string },
): Promise<number> {
  const request = await db
    .selectFrom('vault_request')
    .selectAll()
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  const fits =
    request?.principal === asked.principal &&
    request.action === asked.action &&
    request.secret === asked.secret &&
    request.version === asked.version &&
    request.purpose === asked.purpose &&
    request.expires_at > asked.now;
  if (!fits) return 0;
  const approvals = await db
    .selectFrom('vault_approval as a')
    .innerJoin('vault_principal as p', 'p.id', 'a.principal')
    .select('p.id')
    .where('a.request', '=', id)
    .where('p.disabled', '=', 0)
    .where('p.id', '!=', asked.principal)
    .execute();
  return approvals.length;
}

type Open = { request: VaultRequestTable; requester: string; identity: SecretIdentity; approvedBy: string[] };

async function open(db: Db, now: string): Promise<Open[]> {
  const requests = await db
    .selectFrom('vault_request')
    .selectAll()
    .where('expires_at', '>', now)
    .where('used_at', 'is', null)
    .orderBy('created_at')
    .execute();
  return Promise.all(
    requests.map(async (request) => {
      const secret = await db
        .selectFrom('vault_secret')
        .selectAll()
        .where('id', '=', request.secret)
        .executeTakeFirst();
      const requester = await nameOf(db, request.principal);
      const approvals = await db
        .selectFrom('vault_approval as a')
        .innerJoin('vault_principal as p', 'p.id', 'a.principal')
        .select('p.name')
        .where('a.request', '=', request.id)
        .orderBy('a.at')
        .execute();
      const approvedBy = approvals.map(({ name }) => name);
      return secret ? [{ request, requester, identity: identityOf(secret), approvedBy }] : [];
    }),
  ).then((found) => found.flat());
}

async function nameOf(db: Db, id: string): Promise<string> {
  const row = await db.selectFrom('vault_principal').select('name').where('id', '=', id).executeTakeFirst();
  return row?.name ?? id;
}

function viewOf({ request, requester, identity, approvedBy }: Open): ApprovalRequestView {
  const { id, action, version, purpose, shown, expires_at: expiresAt } = request;
  return { id, principal: requester, action, secret: identity, version, purpose, shown, expiresAt, approvedBy };
}
