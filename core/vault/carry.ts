import { type KeyObject, createPrivateKey, randomUUID } from 'node:crypto';
import type { Environment, Scope, SecretIdentity } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { envelopData, openEnvelope } from '../pki/enveloped-data.ts';
import type { ReadCertificate } from '../pki/read-certificate.ts';
import { wipe } from '../process/guarded.ts';
import { entryAt, readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import { type Sealed, contextOf, isDamage, seal } from './envelope.ts';
import { requireAdmin } from './grants.ts';
import type { Act, Admission } from './guard.ts';
import {
  EXPORT_LIMIT,
  EXPORT_SECRETS,
  type ExportManifest,
  packExport,
  sha256Of,
  unpackExport,
} from './namespace-export.ts';
import { type Caller, type VaultRow, byOf, record, vaultRow } from './parts.ts';
import { NEVER, identityOf, insertVersion, openVersion, placeOf, rotationDueOf, setTags, tagsOf } from './rows.ts';
import type { Vault } from './vault.ts';

/** A namespace from one vault to another: whole or not at all, and each secret of it behind the guard. */

/** `requests`: approvals of two people, of the secrets that need them. */
export type Export = {
  owner: string;
  environment: Environment | undefined;
  recipient: ReadCertificate;
  out: string;
  purpose: string;
  requests: readonly string[];
};

/**
 * The newest versions of a namespace that the caller administers, in a new file (0600) for the recipient's key alone. Every access is durable before the first value is
 * opened, and the row with the file's hash before the file is there. EXPORT_EMPTY, OUTPUT_EXISTS and its like, and what the guard refuses.
 */
export async function exportNamespace(
  vault: Vault,
  caller: Caller,
  wanted: Export,
): Promise<{ path: string; sha256: string; secrets: number }> {
  const { store, ledger, clock } = vault.parts;
  const { owner, environment, recipient, out, purpose } = wanted;
  const at = clock().toISOString();
  const scope: Scope = { owner, environment: environment ?? '*', name: '*' };
  await requireAdmin(vault.parts, caller, scope, 'export');
  if (await entryAt(out)) throw new Refusal('OUTPUT_EXISTS', { path: out });
  let query = store.db.selectFrom('vault_secret').selectAll().where('owner', '=', owner);
  if (environment !== undefined) query = query.where('environment', '=', environment);
  const secrets = await query
    .orderBy('environment')
    .orderBy('name')
    .limit(EXPORT_SECRETS + 1)
    .execute();
  if (secrets.length === 0) throw new Refusal('EXPORT_EMPTY');
  if (secrets.length > EXPORT_SECRETS) {
    throw new Refusal('INPUT_INVALID', { detail: `an export has at most ${EXPORT_SECRETS} secrets` });
  }
  const requests = await requestsOf(vault, wanted.requests);
  const acts: Act[] = secrets.map((secret) => ({
    ...{ action: 'export', right: 'READ', identity: identityOf(secret), decrypts: true, purpose },
    request: requests.get(secret.id),
  }));
  const admissions: Admission[] = [];
  for (const act of acts) admissions.push(await vault.guard.admit(caller, act));
  const access = await record(
    ledger,
    admissions.flatMap(({ rows }) => rows),
    async (db) => {
      for (const { also } of admissions) await also(db);
    },
  );
  const values: Uint8Array[] = [];
  let packed: Uint8Array | null = null;
  try {
    for (const [index, secret] of secrets.entries()) {
      const act = acts[index] as Act;
      const before = admissions.slice(0, index).reduce((sum, { rows }) => sum + rows.length, 0);
      const failed = (code: string) => vault.guard.failed(caller, act, secret, 'damaged', code, access + before);
      const value = await openVersion(vault.parts, secret).catch((error: unknown) => {
        if (!isDamage(error)) throw error;
        return failed(error.code);
      });
      if (!value) return await failed('VERSION_MISSING');
      values.push(value);
      if (values.reduce((sum, { length }) => sum + length, 0) > EXPORT_LIMIT) {
        throw new Refusal('INPUT_INVALID', { detail: `an export holds at most ${EXPORT_LIMIT} bytes` });
      }
    }
    const tags = await tagsOf(
      store.db,
      secrets.map(({ id }) => id),
    );
    const manifest: ExportManifest = {
      ...{ claviger: 'vault-export', version: 1, origin: await ledger.origin(), createdAt: at },
      ...{ owner, environment: environment ?? null },
      items: secrets.map((secret, index) => ({
        ...identityOf(secret),
        ...{ category: secret.category, protection: admissions[index]?.category.protection ?? 'envelope' },
        ...{ description: secret.description, tags: tags.get(secret.id) ?? [], version: secret.version },
        ...{ createdAt: secret.created_at, updatedAt: secret.updated_at, rotationDue: secret.rotation_due },
        ...{ size: values[index]?.length ?? 0, sha256: sha256Of(values[index] ?? new Uint8Array(0)) },
      })),
    };
    packed = packExport(manifest, values);
    const file = envelopData(packed, recipient);
    const sha256 = sha256Of(file);
    const said = { owner, environment: environment ?? null, secrets: secrets.length, sha256, purpose };
    const row = vaultRow(
      'vault.exported',
      { ...said, recipient: sha256Of(recipient.der), ...byOf(caller) },
      { principal: caller.principal.id },
    );
    await record(ledger, [row]);
    await writeFileDurably(out, file, { mode: 0o600, overwrite: false });
    if (sha256Of(await readFileOrRefuse(out, file.length)) !== sha256)
      throw new Refusal('OUTPUT_DIFFERS', { path: out });
    return { path: out, sha256, secrets: secrets.length };
  } finally {
    wipe(packed, ...values);
  }
}

/**
 * All of an export, in one transaction. `sha256`: as the exporter was told, which is what makes it theirs. `key`: PKCS#8, PEM; the caller wipes it. EXPORT_DAMAGED, EXPORT_COLLIDES,
 * KEY_FILE_INVALID, BUNDLE_NOT_FOR_KEY, BUNDLE_DAMAGED, FILE_MISSING and its like, CATEGORY_OTHER, and what the guard refuses.
 */
export async function importNamespace(
  vault: Vault,
  caller: Caller,
  wanted: { file: string; sha256: string; key: Uint8Array; purpose: string; replace: boolean },
): Promise<{ secrets: number; created: number; replaced: number }> {
  const bytes = await readFileOrRefuse(wanted.file, 2 * EXPORT_LIMIT);
  if (sha256Of(bytes) !== wanted.sha256) throw new Refusal('EXPORT_DAMAGED', { detail: 'its SHA-256 is another' });
  const opened = openEnvelope(bytes, privateKeyOf(wanted.key, wanted.file));
  let values: Uint8Array[] = [];
  try {
    const unpacked = unpackExport(opened);
    values = unpacked.values;
    const places = unpacked.manifest.items.map(placeOf);
    return await vault.secrets.exclusively(places, () => bring(vault, caller, wanted, unpacked));
  } finally {
    wipe(opened, ...values);
  }
}

async function bring(
  vault: Vault,
  caller: Caller,
  { purpose, sha256, replace }: { purpose: string; sha256: string; replace: boolean },
  { manifest, values }: { manifest: ExportManifest; values: Uint8Array[] },
): Promise<{ secrets: number; created: number; replaced: number }> {
  const { ledger, kms, clock } = vault.parts;
  const at = clock().toISOString();
  const admissions: Admission[] = [];
  for (const item of manifest.items) {
    const identity: SecretIdentity = { owner: item.owner, environment: item.environment, name: item.name };
    const act: Act = { action: 'import', right: 'WRITE', identity, decrypts: false, category: item.category, purpose };
    const admission = await vault.guard.admit(caller, act);
    const { secret, category } = admission;
    if (secret && !replace) throw new Refusal('EXPORT_COLLIDES', { secret: placeOf(item) });
    if ((secret && secret.category !== item.category) || category.protection !== item.protection) {
      throw new Refusal('CATEGORY_OTHER', { category: secret?.category ?? item.category });
    }
    admissions.push(admission);
  }
  const versions: { secret: VaultSecretTable; sealed: Sealed; row: VaultRow; tags: string[]; keep: number }[] = [];
  for (const [index, item] of manifest.items.entries()) {
    const { secret: before, category } = admissions[index] as Admission;
    const { owner, environment, name, description, tags } = item;
    const secret: VaultSecretTable = {
      ...(before ?? { owner, environment, name, id: randomUUID(), created_at: at, accessed_at: NEVER }),
      ...{ category: item.category, description, version: (before?.version ?? 0) + 1, updated_at: at },
      // What is imported is due when it was, and no later than policy says here.
      rotation_due: earlier(item.rotationDue, rotationDueOf(category, before?.rotation_days ?? null, clock())),
      rotation_days: before?.rotation_days ?? null,
    };
    const context = contextOf({ owner, environment, name, id: secret.id }, secret.version);
    const sealed = await seal(kms, context, values[index] as Uint8Array);
    const row = vaultRow(
      'vault.stored',
      {
        ...{ owner, environment, name, secret: secret.id, category: secret.category, version: secret.version },
        ...{ key: sealed.keyId, algorithm: sealed.algorithm, bytes: item.size, rotationDue: secret.rotation_due },
        ...byOf(caller),
      },
      { secret: secret.id, principal: caller.principal.id },
    );
    versions.push({ secret, sealed, row, tags, keep: category.keepVersions });
  }
  const said = { origin: manifest.origin, sha256, secrets: versions.length, purpose };
  const imported = vaultRow('vault.imported', { ...said, ...byOf(caller) }, { principal: caller.principal.id });
  const rows = [...admissions.flatMap((one) => one.rows), ...versions.map(({ row }) => row), imported];
  await record(ledger, rows, async (db) => {
    for (const { also } of admissions) await also(db);
    for (const { secret, sealed, tags, keep } of versions) {
      await insertVersion(db, kms, secret, sealed, { by: caller.principal.name, keep });
      await setTags(db, secret.id, tags);
    }
  });
  const replaced = versions.filter(({ secret }) => secret.version > 1).length;
  return { secrets: versions.length, created: versions.length - replaced, replaced };
}

/** Of two times; null: never. */
function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

/** The request of each secret, of those that were named. */
async function requestsOf({ parts: { store } }: Vault, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await store.db.selectFrom('vault_request').select(['id', 'secret']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, secret }) => [secret, id]));
}

function privateKeyOf(pem: Uint8Array, path: string): KeyObject {
  try {
    return createPrivateKey(Buffer.from(pem.buffer, pem.byteOffset, pem.length));
  } catch {
    throw new Refusal('KEY_FILE_INVALID', { path, detail: 'it is no private key' });
  }
}
