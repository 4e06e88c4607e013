import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeystore, unlockKeystore } from '../../core/kms/keystore.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { Child } from '../../core/process/child.ts';
import { spawnBelow } from '../../core/process/spawn.ts';
import { scanMemory } from '../hsm/process-memory.ts';
import { kmsConformance } from './conformance.ts';

const PASSPHRASE = Buffer.from('anvil birch cedar dune');

kmsConformance('a software keystore', 'local', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-kms-'));
  const [keystore, other] = [join(folder, 'vault.keystore'), join(folder, 'other.keystore')];
  await createKeystore(keystore, PASSPHRASE);
  await createKeystore(other, PASSPHRASE);
  return {
    open: () => LocalKms.open(keystore, PASSPHRASE),
    openOther: () => LocalKms.open(other, PASSPHRASE),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
});

test('a closed provider has overwritten its KEK', async () => {
  const kek = guardedCopy(Buffer.alloc(32, 7));
  const kms = new LocalKms('00000000-0000-4000-8000-000000000000', kek);
  expect(await kms.healthCheck()).toMatchObject({ ok: true });
  await kms.close();
  expect(kek.every((byte) => byte === 0)).toBe(true);
});

test('a process that unlocks, uses and closes a keystore holds its KEK once, and then nowhere; its passphrase nowhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-kms-'));
  const path = join(folder, 'vault.keystore');
  await createKeystore(path, PASSPHRASE);
  const { kek } = await unlockKeystore(path, PASSPHRASE);
  const holder = new Child(spawnBelow(process.execPath, join(import.meta.dirname, 'hold-kek.ts'), []));
  const found = () =>
    scanMemory(holder.pid as number, { kek, passphrase: PASSPHRASE }).found.map(({ needle }) => needle);
  try {
    await holder.call('open', { path, ticket: await holder.sendSecret(PASSPHRASE) });
    expect(found()).toEqual(['kek']);
    await holder.call('close', {});
    expect(found()).toEqual([]);
  } finally {
    await holder.close();
    rmSync(folder, { recursive: true });
  }
});
