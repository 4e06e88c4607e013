import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { backUp, readBackupHead, restore } from '../../core/vault/backup.ts';
import { Vault } from '../../core/vault/vault.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { DATABASE, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';
import { tokenKms } from './token-kms.ts';

const PLACE = JSON.stringify({ keystore: 'vault.keystore' });

test('a backup is made while the vault works, and gives back all that was there when the machine is gone', async () => {
  const token = await tokenKms();
  const { kms } = token;
  const folder = temporaryFolder();
  const { vault, store, somebody, caller, clock, close } = await sampleVault(join(folder, 'here'), { kms });
  const ada = await caller('ada');
  const service = await somebody('billing', ['READ', 'WRITE'], { system: true });
  const put = (value: string) =>
    vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes(value));
  await put('hush-hush');
  const out = join(folder, 'vault.backup');
  // Others write meanwhile; nobody waits for it.
  const [made] = await Promise.all([backUp(vault.parts, ada, out, KINDS), put('hush-later')]);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect((await vault.parts.ledger.read({ kind: 'vault.backup' })).map(({ body }) => body)).toMatchObject([
    { sha256: made.sha256, bytes: made.bytes, ledgerRows: made.ledgerRows, principal: 'ada' },
  ]);
  const file = readFileSync(out);
  for (const text of ['hush', 'db/main', 'SQLite format', 'database-password']) expect(file.includes(text)).toBe(false);
  // Nothing is left in the data folder.
  expect(readdirSync(store.folder).filter((name) => !/^(claviger\.db|store\.yaml)/.test(name))).toEqual([]);
  expect((await refusal(() => backUp(vault.parts, ada, out, KINDS))).code).toBe('OUTPUT_EXISTS');
  expect((await refusal(() => backUp(vault.parts, service, join(folder, 'b'), KINDS))).code).toBe('VAULT_REFUSED');
  const kept = await vault.parts.ledger.read({ to: made.ledgerRows });
  await close();

  expect(await readBackupHead(out)).toMatchObject({ key: kms.keyId, provider: 'pkcs11' });
  const into = join(folder, 'there');
  const tools = { kms, kinds: KINDS, clock: clock.read };
  expect(await restore({ file: out, folder: into, place: PLACE }, tools)).toEqual({
    ...{ folder: into, ledgerRows: made.ledgerRows, keyId: kms.keyId },
  });
  expect((await verifyLedger(into, { kinds: KINDS, paper: null })).size).toBe(made.ledgerRows + 1);
  const restored = await openStore(into);
  const ledger = openLedger(restored, clock.read, KINDS);
  expect(await ledger.read({ to: made.ledgerRows })).toEqual(kept);
  expect((await ledger.read({ limit: 1 }))[0]).toMatchObject({ kind: 'vault.restored', body: { sha256: made.sha256 } });
  const again = new Vault({ ...vault.parts, store: restored, ledger });
  expect(textOf((await again.secrets.get(service, { identity: DATABASE, version: 1 })).value)).toBe('hush-hush');
  expect((await restored.db.selectFrom('vault_key').select('place').execute())[0]?.place).toBe(PLACE);
  await restored.close();
  expect((await refusal(() => restore({ file: out, folder: into, place: PLACE }, tools))).code).toBe(
    'FOLDER_NOT_EMPTY',
  );

  // Cut, turned, or under another key: nothing is restored, and nothing is left.
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const stranger = new LocalKms('b2c1ee34-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(new Uint8Array(32)));
  expect(
    (await refusal(() => restore({ file: out, folder: empty, place: PLACE }, { ...tools, kms: stranger }))).code,
  ).toBe('KMS_KEY_UNKNOWN');
  const turned = Buffer.from(file);
  turned[turned.length - 100] = (turned[turned.length - 100] ?? 0) ^ 1;
  for (const [name, content] of [
    ['cut', file.subarray(0, file.length - 70_000)],
    ['turned', turned],
    ['else', Buffer.from('something else')],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { code } = await refusal(() => restore({ file: path, folder: empty, place: PLACE }, tools));
    expect(code, name).toBe('FILE_SEALED_DAMAGED');
  }
  expect(readdirSync(empty)).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['cut', 'else', 'empty', 'here', 'there', 'turned', 'vault.backup']);
  await token.close();
});
