import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import { expect, test } from 'vitest';
import { createKeystore } from '../../core/kms/keystore.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { SecretBox } from '../../core/process/secret-channel.ts';
import { Changes } from '../../core/service/changes.ts';
import { handle, handlersOf } from '../../core/service/handlers.ts';
import type { Credential, Peer } from '../../core/service/vault.ts';
import { KEYSTORE } from '../../core/service/vault-key.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { openPipe } from './open-pipe.ts';
import { Clock, DATABASE, PASSWORD, bytes, preparedData, refusal, textOf } from './sample-vault.ts';

/** What keeps a vault, as a caller meets it: the commands, with who may and where from. */

const PASSPHRASE = 'a passphrase for a keystore';

function coreOf(data: string, clock: Clock) {
  const box = new SecretBox(openPipe());
  const parts = { data, box, changes: new Changes(), clock: clock.read, random: () => new Uint8Array(4) };
  const core = handlersOf(parts);
  const keep = (text: string) => box.keep(guardedCopy(bytes(text)));
  const taken = async (ticket: string) => textOf(await box.take(ticket));
  return { ...core, box, keep, taken };
}

function peerOf(address: string, credential: Credential | null = null): Peer {
  return { address, agent: 'test', credential };
}

test('health, metrics, data keys, a namespace carried, a backup and its restore, by the commands', async () => {
  const [folder, clock] = [temporaryFolder(), new Clock()];
  const data = join(folder, 'data');
  await preparedData(data);
  const core = coreOf(data, clock);
  const { handlers, keep, taken, box } = core;
  const ada = peerOf('pipe');
  // A password that is refused leaves nothing, and a keystore that an attempt before left behind is taken again.
  const early = { key: { keystore: true }, administrator: 'ada' } as const;
  const short = () =>
    handlers['vault.initialise']({ ...early, secret: keep(PASSPHRASE), password: keep('short') }, ada);
  expect((await refusal(short)).code).toBe('PASSWORD_SHORT');
  expect(readdirSync(data)).not.toContain(KEYSTORE);
  await createKeystore(join(data, KEYSTORE), bytes(PASSPHRASE));
  const made = await handlers['vault.initialise'](
    { key: { keystore: true }, secret: keep(PASSPHRASE), administrator: 'ada', password: keep(PASSWORD) },
    ada,
  );
  const totp = URI.parse(await taken(made.ticket)) as TOTP;
  const code = totp.generate({ timestamp: clock.read().getTime() });
  box.forget([(await handlers['vault.login']({ name: 'ada', password: keep(PASSWORD), code }, ada)).ticket]);
  await handlers['vault.addPrincipal']({ name: 'billing', kind: 'service', system: true }, ada);
  const token = bytes(await taken((await handlers['vault.issueToken']({ name: 'billing' }, ada)).ticket));
  const scope = { owner: 'billing', environment: '*', name: '*' } as const;
  await handlers['vault.grant']({ name: 'billing', scope, rights: ['READ', 'WRITE', 'ADMIN'] }, ada);
  const service = peerOf('unix:1000', { token });
  await handlers['vault.put']({ ...DATABASE, category: 'database-password', value: keep('hush-hush') }, service);

  // Counts for whoever has a grant, and nothing for who has none.
  expect((await handlers['vault.health']({}, service)).secrets).toEqual([
    { category: 'database-password', environment: 'production', count: 1 },
  ]);
  expect((await handlers['vault.metrics']({}, service)).text).toContain(
    'claviger_vault_access_total{environment="production",action="put"} 1',
  );
  expect((await handlers['vault.alerts']({}, service)).alerts).toEqual([]);
  await handlers['vault.addPrincipal']({ name: 'nobody', kind: 'service' }, ada);
  const stranger = peerOf('unix:1001', {
    token: bytes(await taken((await handlers['vault.issueToken']({ name: 'nobody' }, ada)).ticket)),
  });
  for (const command of ['vault.health', 'vault.metrics'] as const) {
    expect((await refusal(() => handlers[command]({}, stranger))).code).toBe('VAULT_REFUSED');
  }

  // A data key comes back under its name and context alone, and never without a row before it.
  const place = { owner: 'billing', environment: 'production', name: 'fields/customer.iban' } as const;
  const context = { row: '7' };
  const { ticket, wrapped } = await handlers['vault.dataKey']({ ...place, context }, service);
  const key = Buffer.from(await box.take(ticket));
  expect(key).toHaveLength(32);
  const opened = await handlers['vault.openDataKey']({ ...place, context, wrapped }, service);
  expect(key.equals(await box.take(opened.ticket))).toBe(true);
  for (const other of [
    { ...place, context: { row: '8' }, wrapped },
    { ...place, name: 'fields/customer.name', context, wrapped },
  ]) {
    expect((await refusal(() => handlers['vault.openDataKey'](other, service))).code).toBe('KMS_UNOPENED');
  }
  expect((await refusal(() => handlers['vault.openDataKey']({ ...place, context, wrapped }, stranger))).code).toBe(
    'VAULT_REFUSED',
  );
  const { rows } = await handlers['ledger.list']({ kind: 'vault.access', limit: 10 }, ada);
  const accesses = rows.map(({ body }) => body as { action: string; allowed: boolean; principal: string });
  expect(accesses.slice(-3).map(({ action, allowed, principal }) => [action, allowed, principal])).toEqual([
    ['open-data-key', true, 'billing'],
    ['open-data-key', true, 'billing'],
    ['open-data-key', false, 'nobody'],
  ]);

  // Out to a certificate, and back in.
  const [keyFile, certificate] = [join(folder, 'to.key'), join(folder, 'to.crt')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=other', '-days', '3650'];
  execFileSync('openssl', [...request, '-keyout', keyFile, '-out', certificate], { stdio: 'ignore' });
  const recipient = readFileSync(certificate, 'utf8');
  const out = join(folder, 'billing.cms');
  const purpose = 'the move';
  const { sha256 } = await handlers['vault.export']({ owner: 'billing', recipient, out, purpose }, service);
  const bring = { file: out, sha256, purpose, replace: true };
  const pem = () => keep(readFileSync(keyFile, 'utf8'));
  expect(await handlers['vault.import']({ ...bring, secret: pem() }, service)).toEqual({
    secrets: 1,
    created: 0,
    replaced: 1,
  });
  expect((await refusal(() => handlers['vault.import']({ ...bring, secret: keep('no key') }, service))).code).toBe(
    'KEY_FILE_INVALID',
  );
  // The same with both in files of this machine, as a window names them.
  const named = { owner: 'billing', recipient: { file: certificate }, out: join(folder, 'again.cms'), purpose };
  const second = await handlers['vault.export'](named, service);
  const fromFiles = { ...bring, file: named.out, sha256: second.sha256 };
  expect(await handlers['vault.import']({ ...fromFiles, keyFile }, service)).toMatchObject({ replaced: 1 });
  for (const neither of [fromFiles, { ...fromFiles, keyFile, secret: pem() }]) {
    expect((await refusal(() => handlers['vault.import'](neither, service))).code).toBe('INPUT_INVALID');
  }

  const backup = join(folder, 'vault.backup');
  expect((await refusal(() => handlers['vault.backup']({ out: backup }, service))).code).toBe('VAULT_REFUSED');
  const { ledgerRows } = await handlers['vault.backup']({ out: backup }, ada);
  await core.close();

  // The machine is gone: the backup, and the keystore from where its copy is.
  const kept = { keystore: join(data, 'vault.keystore') };
  const into = join(folder, 'restored');
  await preparedData(join(folder, 'no-store'));
  const elsewhere = coreOf(join(folder, 'no-store'), clock);
  const wanted = () => ({ file: backup, folder: into, key: kept, secret: elsewhere.keep(PASSPHRASE) });
  expect((await refusal(() => elsewhere.handlers['vault.restore'](wanted(), peerOf('unix:0')))).code).toBe(
    'VAULT_REFUSED',
  );
  expect(await elsewhere.handlers['vault.restore'](wanted(), peerOf('pipe'))).toMatchObject({
    folder: into,
    ledgerRows,
  });
  expect(await handle(elsewhere.handlers, 'ledger.verify', { path: into }, peerOf('pipe'))).toMatchObject({
    size: ledgerRows + 1,
  });
  await elsewhere.close();
  const again = coreOf(into, clock);
  await again.handlers['vault.unlock']({ secret: again.keep(PASSPHRASE) }, peerOf('pipe'));
  const got = await again.handlers['vault.get']({ ...DATABASE }, service);
  expect([await again.taken(got.ticket), got.version]).toEqual(['hush-hush', 3]);
  await again.close();
});
