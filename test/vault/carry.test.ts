import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCertificate } from '../../core/pki/read-certificate.ts';
import { approve, request } from '../../core/vault/approvals.ts';
import { exportNamespace, importNamespace } from '../../core/vault/carry.ts';
import { sha256Of } from '../../core/vault/namespace-export.ts';
import { envelopData } from '../../core/pki/enveloped-data.ts';
import { packExport, unpackExport } from '../../core/vault/namespace-export.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { DATABASE, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

function recipientIn(folder: string) {
  const [key, certificate] = [join(folder, 'to.key'), join(folder, 'to.crt')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes', '-subj', '/CN=other vault'],
      ...['-addext', 'keyUsage=keyAgreement', '-keyout', key, '-out', certificate, '-days', '3650'],
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key), keyFile: key, certificate: readCertificate(readFileSync(certificate), certificate) };
}

test('a namespace goes from one vault to another, whole, with what protects passwords, or not at all', async () => {
  const folder = temporaryFolder();
  const to = recipientIn(folder);
  const here = await sampleVault(join(folder, 'here'));
  const carrier = await here.somebody('billing', ['READ', 'WRITE', 'ADMIN'], { system: true });
  const put = (name: string, category: string, value: string) =>
    here.vault.secrets.put(carrier, { identity: { ...DATABASE, name }, category, tags: ['pci'] }, bytes(value));
  await put('db/main', 'database-password', 'first-hush');
  await put('db/main', 'database-password', 'second-hush');
  await put('api', 'api-token', 'token-hush');
  const out = join(folder, 'billing.cms');
  const wanted = {
    owner: 'billing',
    environment: undefined,
    recipient: to.certificate,
    out,
    purpose: 'the move',
    requests: [],
  };
  const { sha256, secrets } = await exportNamespace(here.vault, carrier, wanted);
  expect(secrets).toBe(2);
  expect(sha256).toBe(sha256Of(readFileSync(out)));
  const rows = await here.vault.parts.ledger.read();
  const kinds = rows.map(({ kind, body }) => (kind === 'vault.access' ? (body as { action: string }).action : kind));
  expect(kinds.slice(-5)).toEqual(['export', 'vault.alert', 'export', 'vault.alert', 'vault.exported']);
  expect(readFileSync(out).includes('hush') || readFileSync(out).includes('db/main')).toBe(false);
  // Stock tools open it.
  const opened = execFileSync('openssl', [
    'cms',
    '-decrypt',
    '-binary',
    '-inform',
    'DER',
    '-in',
    out,
    '-inkey',
    to.keyFile,
  ]);
  const { manifest } = unpackExport(new Uint8Array(opened));
  expect(manifest.items.map(({ name, version, protection }) => [name, version, protection])).toEqual([
    ['api', 1, 'hmac'],
    ['db/main', 2, 'envelope'],
  ]);

  const there = await sampleVault(join(folder, 'there'));
  const service = await there.somebody('billing', ['READ', 'WRITE'], { system: true });
  const bring = (more: Partial<Parameters<typeof importNamespace>[2]> = {}) =>
    importNamespace(there.vault, service, {
      ...{ file: out, sha256, key: new Uint8Array(to.key), purpose: 'the move', replace: false, ...more },
    });
  const countThere = async () => (await there.store.db.selectFrom('vault_version').selectAll().execute()).length;
  const before = await countThere();
  // Damaged, another's, and one that collides in its last item: nothing of it is there.
  expect((await refusal(() => bring({ sha256: '0'.repeat(64) }))).code).toBe('EXPORT_DAMAGED');
  expect((await refusal(() => bring({ key: new Uint8Array(recipientIn(temporaryFolder()).key) }))).code).toBe(
    'BUNDLE_NOT_FOR_KEY',
  );
  await there.vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('here'));
  expect((await refusal(() => bring())).code).toBe('EXPORT_COLLIDES');
  expect(await countThere()).toBe(before + 1);
  expect(await bring({ replace: true })).toEqual({ secrets: 2, created: 1, replaced: 1 });
  const { value, version, secret } = await there.vault.secrets.get(service, { identity: DATABASE });
  expect([textOf(value), version, secret.tags]).toEqual(['second-hush', 2, ['pci']]);
  expect(textOf((await there.vault.secrets.get(service, { identity: DATABASE, version: 1 })).value)).toBe('here');
  await there.vault.secrets.verify(service, { identity: { ...DATABASE, name: 'api' } }, bytes('token-hush'));
  expect((await there.vault.parts.ledger.read({ kind: 'vault.imported' })).map(({ body }) => body)).toMatchObject([
    { sha256, secrets: 2, origin: await here.vault.parts.ledger.origin() },
  ]);
  // Whoever may not write all of it brings none of it.
  const half = await there.somebody('half', ['WRITE'], { scope: { owner: 'billing', environment: '*', name: 'db/*' } });
  const stored = await countThere();
  const code = (
    await refusal(() =>
      importNamespace(there.vault, half, {
        file: out,
        sha256,
        key: new Uint8Array(to.key),
        purpose: 'x',
        replace: true,
      }),
    )
  ).code;
  expect(code).toBe('VAULT_REFUSED');
  expect(await countThere()).toBe(stored);

  // Any byte of a value that is not what was exported.
  const inside = new Uint8Array(opened);
  const values = inside.length - manifest.items.reduce((sum, { size }) => sum + size, 0);
  for (let place = values; place < inside.length; place += 1) {
    const turned = Uint8Array.from(inside);
    turned[place] = (turned[place] ?? 0) ^ 1;
    expect(() => unpackExport(turned), `${place}`).toThrow('EXPORT_DAMAGED');
  }
  const forged = envelopData(packExport({ ...manifest, owner: 'web' }, []), to.certificate);
  writeFileSync(join(folder, 'forged.cms'), forged);
  expect(
    (await refusal(() => bring({ file: join(folder, 'forged.cms'), sha256: sha256Of(forged), replace: true }))).code,
  ).toBe('EXPORT_DAMAGED');

  // One that does not open: nothing leaves, and the row of its own access is named.
  const { id } = await here.store.db
    .selectFrom('vault_secret')
    .selectAll()
    .where('name', '=', 'db/main')
    .executeTakeFirstOrThrow();
  await here.store.db
    .updateTable('vault_version')
    .set({ ciphertext: new Uint8Array(40) })
    .where('secret', '=', id)
    .execute();
  const second = join(folder, 'second.cms');
  expect((await refusal(() => exportNamespace(here.vault, carrier, { ...wanted, out: second }))).code).toBe(
    'VAULT_REFUSED',
  );
  expect(readdirSync(folder)).not.toContain('second.cms');
  const [failed] = await here.vault.parts.ledger.read({ kind: 'vault.failed' });
  const { access } = failed?.body as { access: number };
  expect((await here.vault.parts.ledger.read({ from: access, to: access }))[0]?.body).toMatchObject({
    ...{ action: 'export', name: 'db/main', allowed: true },
  });
  await here.close();
  await there.close();
});

test('who does not administer all of it exports nothing, and what needs two people needs them here', async () => {
  const folder = temporaryFolder();
  const to = recipientIn(folder);
  const { vault, somebody, close } = await sampleVault(join(folder, 'data'));
  const identity = { owner: 'ca', environment: 'isolated', name: 'root-2026' } as const;
  const ines = await somebody('ines', ['READ', 'WRITE', 'ADMIN'], { kind: 'person' });
  await vault.secrets.put(ines, { identity, category: 'root-ca-key' }, bytes('key'));
  const out = join(folder, 'ca.cms');
  const purpose = 'the move';
  const wanted = {
    owner: 'ca',
    environment: undefined,
    recipient: to.certificate,
    out,
    purpose,
    requests: [] as string[],
  };
  const reader = await somebody('reader', ['READ']);
  expect((await refusal(() => exportNamespace(vault, reader, wanted))).code).toBe('VAULT_REFUSED');
  expect((await refusal(() => exportNamespace(vault, ines, wanted))).code).toBe('VAULT_REFUSED');
  expect((await refusal(() => exportNamespace(vault, ines, { ...wanted, owner: 'none' }))).code).toBe('EXPORT_EMPTY');
  const asked = await request(vault.parts, vault.policies, ines, { action: 'export', identity, purpose });
  for (const name of ['tomas', 'mira']) {
    await approve(vault.parts, await somebody(name, ['ADMIN'], { kind: 'person' }), asked.id, asked.shown);
  }
  expect(readdirSync(folder)).not.toContain('ca.cms');
  const approved = { ...wanted, requests: [asked.id] };
  expect((await exportNamespace(vault, ines, approved)).secrets).toBe(1);
  expect((await refusal(() => exportNamespace(vault, ines, { ...approved, out: join(folder, 'b.cms') }))).code).toBe(
    'VAULT_REFUSED',
  );
  await close();
});
