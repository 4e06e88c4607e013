import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { dataKeysOf } from '../../core/vault/data-keys.ts';
import { decryptField, encryptField } from '../../core/vault/field.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { PASSPHRASE, type RotatingVault, numbered, phaseOf, reopened, rotatingVault, under } from './rotating-vault.ts';
import { bytes, refusal, textOf } from './sample-vault.ts';

const SECRETS = 400;
const passphrase = () => bytes(PASSPHRASE);

async function eventsOf({ vault }: RotatingVault): Promise<string[]> {
  const rows = await vault.parts.ledger.read({ kind: 'vault.rotation' });
  return rows.map(({ body }) => (body as { event: string }).event);
}

async function valueOf({ vault, service }: RotatingVault, number: number, version?: number): Promise<string> {
  const { value } = await vault.secrets.get(service, { identity: numbered(number), version });
  return textOf(value);
}

test('a key is rotated while others read, store and erase: no read fails, nothing is lost, and the old key is gone', async () => {
  const folder = temporaryFolder();
  const sample = await rotatingVault(folder, SECRETS);
  const { vault, store, rotations, ada, service, data } = sample;
  const before = vault.parts.kms.keyId;
  const expected = new Map(Array.from({ length: SECRETS }, (_, number) => [number, [`${number}`]]));

  let over = false;
  const counts = { reads: 0, writes: 0, phases: new Set<string | null>() };
  const reader = async (turn: number) => {
    for (let step = turn; !over; step += 7) {
      // As a call over a socket comes: in a turn of its own.
      await nextTurn();
      const number = step % SECRETS;
      const kept = expected.get(number);
      if (!kept) continue;
      const version = kept.length;
      expect(await valueOf(sample, number, version)).toBe(kept[version - 1]);
      counts.reads += 1;
      counts.phases.add(await phaseOf(store));
    }
  };
  const writer = async () => {
    for (let step = 0; !over; step += 1) {
      await nextTurn();
      // Some that are there, some that are new.
      const number = step % 3 === 0 ? SECRETS + step : (step * 31) % SECRETS;
      const value = `${number} again ${step}`;
      const identity = numbered(number);
      const { version } = await vault.secrets.put(
        service,
        { identity, category: 'system-configuration' },
        bytes(value),
      );
      const kept = expected.get(number) ?? [];
      expect(version).toBe(kept.length + 1);
      expected.set(number, [...kept, value]);
      if (step % 5 === 0 && step > 0) {
        await vault.secrets.delete(service, { identity });
        expected.delete(number);
      }
      counts.writes += 1;
    }
  };
  const others = Promise.all([reader(0), reader(3), writer()]);

  const begun = await rotations.rotateKey(ada, { secret: passphrase() });
  expect(begun).toMatchObject({ what: 'kek', from: before, running: true, startedBy: 'ada' });
  await rotations.settled();
  const shown = await rotations.status(ada);
  expect(shown).toMatchObject({ phase: 'grace', to: vault.parts.kms.keyId, stopped: null });
  const after = vault.parts.kms.keyId;
  expect(after).not.toBe(before);
  const both = await under(store);
  expect(both[before]).toBe(both[after]);
  expect((await refusal(() => rotations.finish(ada, false))).code).toBe('ROTATION_GRACE');
  await rotations.finish(ada, true);
  await rotations.settled();
  over = true;
  await others;
  // Over a connection each takes longer.
  expect(counts.reads).toBeGreaterThan(store.shared ? 5 : 50);
  expect(counts.writes).toBeGreaterThan(store.shared ? 2 : 20);
  expect([...counts.phases]).toEqual(expect.arrayContaining(['re-encryption', 'verification']));

  expect(Object.keys(await under(store))).toEqual([after]);
  expect(readdirSync(data).filter((name) => name.endsWith('.keystore'))).toEqual([
    `vault-${begun.id.slice(0, 8)}.keystore`,
  ]);
  expect(await eventsOf(sample)).toEqual([
    ...['started', 'prepared', 're-encrypted', 'verified', 'activated', 'clean-up', 'finished'],
  ]);
  for (const [number, values] of expected) expect(await valueOf(sample, number)).toBe(values.at(-1));
  await sample.close();
  expect((await verifyLedger(data, { kinds: KINDS, paper: null })).size).toBeGreaterThan(SECRETS);

  // Another holder, with the new keystore and the same passphrase.
  const again = await reopened(data, sample.clock);
  expect(textOf((await again.vault.secrets.get(service, { identity: numbered(0) })).value)).toBe(
    expected.get(0)?.at(-1),
  );
  await again.close();
});

test('it is paused, goes on, and is rolled back, before the new key is the active one and after', async () => {
  const folder = temporaryFolder();
  const sample = await rotatingVault(folder, 20);
  const { vault, store, rotations, ada, service, data } = sample;
  const before = vault.parts.kms.keyId;

  await rotations.rotateKey(ada, { secret: passphrase() });
  const paused = await rotations.pause(ada);
  expect(paused).toMatchObject({ paused: true, running: false, total: 22 });
  // As far as it has come by then.
  expect(['re-encryption', 'verification']).toContain(paused.phase);
  expect((await refusal(() => rotations.rotateKey(ada, { secret: passphrase() }))).code).toBe('ROTATION_RUNNING');
  expect((await refusal(() => rotations.rotateDataKeys(ada))).code).toBe('ROTATION_RUNNING');
  expect((await refusal(() => rotations.finish(ada, true))).code).toBe('ROTATION_NOT_ACTIVE');
  // Meanwhile: under both.
  await vault.secrets.put(service, { identity: numbered(3) }, bytes('three'));
  await rotations.rollBack(ada);
  await rotations.settled();
  expect(await rotations.status(ada)).toMatchObject({ phase: 'rolled-back', paused: false });
  expect(vault.parts.kms.keyId).toBe(before);
  expect(await under(store)).toEqual({ [before]: 23 });
  expect(readdirSync(data).filter((name) => name.endsWith('.keystore'))).toEqual(['vault.keystore']);
  expect(await valueOf(sample, 3)).toBe('three');

  await rotations.rotateKey(ada, { secret: passphrase() });
  await rotations.pause(ada);
  await rotations.continue(ada, null);
  await rotations.settled();
  expect(await rotations.status(ada)).toMatchObject({ phase: 'grace' });
  const after = vault.parts.kms.keyId;
  await vault.secrets.put(service, { identity: numbered(4) }, bytes('four'));
  expect(await under(store)).toEqual({ [before]: 24, [after]: 24 });
  await rotations.rollBack(ada);
  await rotations.settled();
  expect(vault.parts.kms.keyId).toBe(before);
  expect(await under(store)).toEqual({ [before]: 24 });
  expect(await valueOf(sample, 4)).toBe('four');
  expect((await refusal(() => rotations.rollBack(ada))).code).toBe('ROTATION_NONE');
  expect((await eventsOf(sample)).filter((event) => event === 'rolled-back')).toHaveLength(2);
  await sample.close();
  const again = await reopened(data, sample.clock);
  expect(textOf((await again.vault.secrets.get(service, { identity: numbered(3) })).value)).toBe('three');
  await again.close();
});

test('a wrong passphrase begins nothing, and who administers less than everything does nothing here', async () => {
  const sample = await rotatingVault(temporaryFolder(), 1);
  const { rotations, ada, service: nobody, data } = sample;
  expect((await refusal(() => rotations.rotateKey(ada, { secret: bytes('another') }))).code).toBe(
    'KEYSTORE_PASSPHRASE_WRONG',
  );
  expect((await refusal(() => rotations.rotateKey(ada, { secret: null }))).code).toBe('INPUT_INVALID');
  expect(await eventsOf(sample)).toEqual([]);
  expect(await rotations.status(ada)).toBe(null);
  for (const work of [
    () => rotations.status(nobody),
    () => rotations.rotateKey(nobody, { secret: passphrase() }),
    () => rotations.rotateDataKeys(nobody),
    () => rotations.pause(nobody),
    () => rotations.continue(nobody, null),
    () => rotations.rollBack(nobody),
    () => rotations.finish(nobody, true),
  ]) {
    expect((await refusal(work)).code).toBe('VAULT_REFUSED');
  }
  expect(readdirSync(data).filter((name) => name.endsWith('.keystore'))).toEqual(['vault.keystore']);
  expect(await sample.vault.parts.ledger.read({ kind: 'vault.refused' })).toHaveLength(7);
  await sample.close();
});

test('what does not open stops it before anything is given up, is told of, and once it is erased the rotation goes on', async () => {
  const sample = await rotatingVault(temporaryFolder(), 10);
  const { vault, store, rotations, ada, service } = sample;
  const { id } = await store.db
    .selectFrom('vault_secret')
    .selectAll()
    .where('name', '=', '7')
    .executeTakeFirstOrThrow();
  const turn = (table: 'vault_version' | 'vault_data_key', column: object) =>
    store.db.updateTable(table).set(column).where('secret', '=', id).execute();
  await turn('vault_version', { ciphertext: new Uint8Array(40) });
  const before = vault.parts.kms.keyId;
  await rotations.rotateKey(ada, { secret: passphrase() });
  await rotations.settled();
  expect(await rotations.status(ada)).toMatchObject({ phase: 'verification', stopped: 'ROTATION_DAMAGED' });
  expect(vault.parts.kms.keyId).toBe(before);
  const [alert] = (await vault.parts.ledger.read({ kind: 'vault.alert' })).slice(-1);
  expect(alert?.body).toMatchObject({ alert: 'damaged', name: '7' });
  expect(await valueOf(sample, 6)).toBe('6');
  await vault.secrets.delete(service, { identity: numbered(7) });
  await rotations.continue(ada, null);
  await rotations.settled();
  expect(await rotations.status(ada)).toMatchObject({ phase: 'grace', stopped: null });
  await sample.close();
});

test('a grace period that is over ends by itself, and intervals of the policy begin what is due', async () => {
  const sample = await rotatingVault(temporaryFolder(), 3);
  const { vault, store, clock, rotations, ada } = sample;
  const before = vault.parts.kms.keyId;
  await rotations.rotateKey(ada, { secret: passphrase() });
  await rotations.settled();
  clock.minutes(72 * 60 - 1);
  await rotations.tick();
  expect(Object.keys(await under(store))).toContain(before);
  clock.minutes(1);
  await rotations.tick();
  await rotations.settled();
  expect(Object.keys(await under(store))).toEqual([vault.parts.kms.keyId]);
  const [finished] = (await vault.parts.ledger.read({ kind: 'vault.rotation' })).slice(-1);
  expect(finished?.body).toMatchObject({ event: 'finished', principal: '.vault', address: 'policy' });
  // Whoever asks for it a moment later is told how it stands.
  expect(await rotations.finish(ada, false)).toMatchObject({ what: 'kek', phase: 'finished' });

  // Data keys, each year. A keystore's passphrase is a person's: its key waits for one.
  clock.minutes(365 * 24 * 60);
  await rotations.tick();
  await rotations.settled();
  expect(await rotations.status(ada)).toMatchObject({ what: 'dek', phase: 'finished', startedBy: '.vault' });
  const events = (await eventsOf(sample)).length;
  await rotations.tick();
  expect(await eventsOf(sample)).toHaveLength(events);
  await sample.close();
});

test('data keys are rotated: every version keeps its value and its number, and no data key or ciphertext is what it was', async () => {
  const sample = await rotatingVault(temporaryFolder(), 60);
  const { vault, store, rotations, ada, service } = sample;
  const large = new Uint8Array(300_000).fill(7);
  await vault.secrets.put(service, { identity: numbered(5) }, large);
  await vault.secrets.put(service, { identity: numbered(6) }, bytes('six'));
  const seals = async () =>
    (await store.db.selectFrom('vault_version').select(['iv', 'ciphertext']).execute()).flatMap(
      ({ iv, ciphertext }) => [Buffer.from(iv).toString('hex'), Buffer.from(ciphertext).toString('hex')],
    );
  const keys = async () =>
    (await store.db.selectFrom('vault_data_key').select('data_key').execute()).map(({ data_key }) =>
      Buffer.from(data_key).toString('hex'),
    );
  const old = new Set([...(await seals()), ...(await keys())]);
  const reads: Promise<string>[] = [];
  await rotations.rotateDataKeys(ada);
  expect((await refusal(() => rotations.rollBack(ada))).code).toBe('ROTATION_NO_WAY_BACK');
  for (let number = 0; number < 60; number += 1) {
    await nextTurn();
    reads.push(valueOf(sample, number, 1));
  }
  await rotations.settled();
  expect(await Promise.all(reads)).toEqual(Array.from({ length: 60 }, (_, number) => `${number}`));
  expect(await rotations.status(ada)).toMatchObject({ what: 'dek', phase: 'finished' });
  expect([...(await seals()), ...(await keys())].filter((one) => old.has(one))).toEqual([]);
  expect(await valueOf(sample, 6, 1)).toBe('6');
  expect(await valueOf(sample, 6)).toBe('six');
  expect((await vault.secrets.get(service, { identity: numbered(5) })).value).toEqual(large);
  await sample.close();
});

test('a field and a file that rest outside open after rotations of key and data keys', async () => {
  const sample = await rotatingVault(temporaryFolder(), 1);
  const { vault, rotations, ada, service } = sample;
  const keys = dataKeysOf(vault, service, numbered(1));
  const context = { table: 'people', row: '1' };
  const first = await encryptField(keys, context, bytes('her name'));
  await rotations.rotateKey(ada, { secret: passphrase() });
  await rotations.settled();
  const second = await encryptField(keys, context, bytes('his name'));
  await rotations.finish(ada, true);
  await rotations.settled();
  sample.clock.minutes(1);
  await rotations.rotateDataKeys(ada);
  await rotations.settled();
  const third = await encryptField(keys, context, bytes('their name'));
  const texts = [first, second, third];
  expect(await Promise.all(texts.map(async (one) => textOf(await decryptField(keys, context, one))))).toEqual([
    ...['her name', 'his name', 'their name'],
  ]);
  // The last is under a root of its own.
  const root = (text: string) => Buffer.from(text.slice('clvf1.'.length), 'base64url').subarray(3, 19).toString('hex');
  expect(root(first)).toBe(root(second));
  expect(root(third)).not.toBe(root(first));
  expect((await refusal(() => decryptField(keys, { ...context, row: '2' }, first))).code).toBe('KMS_UNOPENED');
  await sample.close();
});
