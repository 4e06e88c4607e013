import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import type { RotationPhase } from '../../core/contract/vault-rotation.ts';
import { createKeystore } from '../../core/kms/keystore.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { nextKeysOf } from '../../core/service/vault-next-key.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { type Store, openStore } from '../../core/store/open.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { openRotation } from '../../core/vault/rotation/rotation.ts';
import { Rotations } from '../../core/vault/rotation/rotations.ts';
import { Vault, activeKey, checkKey } from '../../core/vault/vault.ts';
import { type Clock, type SampleVault, bytes, sampleVault } from './sample-vault.ts';

/** A vault whose key is a keystore in its data folder, and what rotates it. */

export const PASSPHRASE = 'a passphrase of six plain words';

export type RotatingVault = SampleVault & { data: string; rotations: Rotations; ada: Caller; service: Caller };

/** `secrets`: how many it begins with, `service/production/NUMBER`, each with its number as its value. */
export async function rotatingVault(home: string, secrets: number): Promise<RotatingVault> {
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o700 });
  const path = join(data, 'vault.keystore');
  await createKeystore(path, bytes(PASSPHRASE));
  const kms = await LocalKms.open(path, bytes(PASSPHRASE));
  const sample = await sampleVault(home, { kms, place: JSON.stringify({ keystore: 'vault.keystore' }) });
  const { vault, store } = sample;
  const ada = await sample.caller('ada');
  const many = 1_000_000;
  await vault.policies.change(ada, 2, { ...DEFAULT_POLICY, rate: { perSecret: many, perPrincipal: many } });
  const scope = { owner: 'service', environment: '*', name: '*' } as const;
  const service = await sample.somebody('service', ['READ', 'WRITE', 'ADMIN'], { system: true, scope });
  await Promise.all(
    Array.from({ length: secrets }, (_, number) =>
      vault.secrets.put(service, { identity: numbered(number), category: 'system-configuration' }, bytes(`${number}`)),
    ),
  );
  return { ...sample, data, ada, service, rotations: await rotationsOf(vault, store, data) };
}

export async function rotationsOf(vault: Vault, store: Store, data: string): Promise<Rotations> {
  const key = await activeKey(store.db);
  if (!key) throw new Error('a vault without its key');
  const { keys } = nextKeysOf(key, null, { data, store, ledger: vault.parts.ledger });
  return new Rotations(vault, keys, (error) => {
    throw error;
  });
}

/** The same in another holder, with a rotation that was under way. */
export async function reopened(data: string, clock: Clock) {
  const store = await openStore(data);
  const key = await activeKey(store.db);
  const { keystore } = JSON.parse(key?.place ?? '{}') as { keystore: string };
  const kms = await LocalKms.open(join(data, keystore), bytes(PASSPHRASE));
  await checkKey(store, kms);
  const ledger = openLedger(store, clock.read, KINDS);
  const vault = new Vault({ store, ledger, kms, clock: clock.read, mode: 'training' });
  const rotations = await rotationsOf(vault, store, data);
  await rotations.resume(bytes(PASSPHRASE));
  return { vault, store, rotations, close: () => store.close() };
}

export const numbered = (number: number) => ({
  owner: 'service',
  environment: 'production' as const,
  name: String(number),
});

/** Which KEKs data keys are under, with how many each. */
export async function under(store: Store): Promise<Record<string, number>> {
  const rows = await store.db
    .selectFrom('vault_data_key')
    .select(({ fn }) => ['key_id', fn.countAll<number>().as('count')])
    .groupBy('key_id')
    .execute();
  return Object.fromEntries(rows.map(({ key_id, count }) => [key_id, count]));
}

export async function phaseOf(store: Store): Promise<RotationPhase | null> {
  return (await openRotation(store.db))?.phase ?? null;
}
