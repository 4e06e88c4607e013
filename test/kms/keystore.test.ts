import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { DERIVATIONS, type Derivation, raised } from '../../core/kms/derivation.ts';
import { createKeystore, unlockKeystore } from '../../core/kms/keystore.ts';
import { passphraseOfVariable } from '../../core/kms/passphrase-variable.ts';
import { wipe } from '../../core/process/guarded.ts';
import { refused } from '../hsm/refused.ts';

const PASSPHRASE = Buffer.from('anvil birch cedar dune');
/** The least that is taken (OWASP): quick. */
const CHEAP: Derivation = { name: 'argon2id', cost: { memoryKiB: 7168, passes: 5, parallelism: 1 } };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-keystore-'));
  path = join(folder, 'vault.keystore');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type File = Record<string, unknown> & { kek: { iv: string; ciphertext: string; tag: string } };
const stored = () => JSON.parse(readFileSync(path, 'utf8')) as File;
/** Alters the file as somebody would who knows how its digest is made. */
function alter(change: (file: File) => void): void {
  const { digest, ...file } = stored();
  expect(digest).toBe(digestOf(file));
  change(file);
  writeFileSync(path, JSON.stringify({ ...file, digest: digestOf(file) }));
}
const digestOf = (file: object) =>
  createHash('sha256')
    .update(canonicalize(file) as string)
    .digest('base64');
const unlock = async (passphrase: Uint8Array = PASSPHRASE, floor: Derivation = CHEAP) => {
  const unlocked = await unlockKeystore(path, passphrase, floor);
  const copy = Buffer.from(unlocked.kek).toString('hex');
  wipe(unlocked.kek);
  return { ...unlocked, kek: copy };
};

test('a keystore opens under its passphrase, is for its owner alone, and is made only where there is none', async () => {
  const keyId = await createKeystore(path, PASSPHRASE, CHEAP);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await unlock()).toMatchObject({ keyId, raised: false });
  expect(await unlock()).toEqual(await unlock());
  await refused('OUTPUT_EXISTS', () => createKeystore(path, PASSPHRASE, CHEAP));
  expect(await unlock()).toMatchObject({ keyId });
  const { kek } = await unlock();
  for (const encoding of ['hex', 'base64'] as const) {
    expect(readFileSync(path, 'utf8')).not.toContain(Buffer.from(kek, 'hex').toString(encoding));
  }
});

test('one passphrase, however its letters are composed', async () => {
  await createKeystore(path, Buffer.from('Schl\u00fcssel f\u00fcr \ufb01nf'), CHEAP);
  const { kek } = await unlock(Buffer.from('Schlu\u0308ssel fu\u0308r finf'));
  expect(kek).toHaveLength(64);
});

test('a wrong passphrase is told from a damaged file', async () => {
  await createKeystore(path, PASSPHRASE, CHEAP);
  for (const wrong of ['anvil birch cedar Dune', 'anvil birch cedar dune ', '']) {
    expect(await refused('KEYSTORE_PASSPHRASE_WRONG', () => unlock(Buffer.from(wrong)))).toEqual({ path });
  }
  await refused('KEYSTORE_PASSPHRASE_WRONG', () => unlock(Buffer.of(0xff, 0xfe)));
  await refused('INPUT_INVALID', () => createKeystore(join(folder, 'new'), Buffer.of(0xff, 0xfe), CHEAP));
});

test('every byte that is flipped is found, and none is taken for a wrong passphrase', async () => {
  await createKeystore(path, PASSPHRASE, CHEAP);
  const { keyId } = await unlock();
  const whole = readFileSync(path);
  const answers = new Map<string, number>();
  for (const index of whole.keys()) {
    const altered = Buffer.from(whole);
    altered[index] = (altered[index] as number) ^ 1;
    writeFileSync(path, altered);
    const code = await unlock().then(
      (unlocked) => (unlocked.keyId === keyId ? 'opens' : 'another id'),
      (error: unknown) => (error instanceof Refusal ? error.code : 'no refusal'),
    );
    answers.set(code, (answers.get(code) ?? 0) + 1);
  }
  // White space between the values, or the last bits of base64 that stand for nothing: the same content.
  expect([...answers.keys()].every((code) => ['KEYSTORE_DAMAGED', 'KEYSTORE_VERSION', 'opens'].includes(code))).toBe(
    true,
  );
  expect(answers.get('KEYSTORE_VERSION')).toBe(1);
  expect(answers.get('KEYSTORE_DAMAGED')).toBeGreaterThan(whole.length * 0.8);
});

describe('a file that', () => {
  beforeEach(() => createKeystore(path, PASSPHRASE, CHEAP));

  test('is cut off is damaged', async () => {
    const whole = readFileSync(path);
    for (const length of [0, 1, whole.length >> 1, whole.length - 3]) {
      writeFileSync(path, whole.subarray(0, length));
      await refused('KEYSTORE_DAMAGED', unlock);
    }
  });

  test('is of another version says so', async () => {
    alter((file) => (file['version'] = 2));
    expect(await refused('KEYSTORE_VERSION', unlock)).toEqual({ path, version: 2 });
  });

  test('was altered, digest and all, is damaged where its passphrase is right', async () => {
    alter((file) => (file['keyId'] = '00000000-0000-4000-8000-000000000000'));
    expect(await refused('KEYSTORE_DAMAGED', unlock)).toMatchObject({
      detail: 'its passphrase is right, and its key does not open',
    });
  });

  test('was altered to be cheap, or to take all memory, is refused before the passphrase is tried', async () => {
    const costs = [
      { memoryKiB: 7168, passes: 1, parallelism: 1 },
      { memoryKiB: 8, passes: 16, parallelism: 1 },
      { memoryKiB: 1 << 30, passes: 1, parallelism: 1 },
    ];
    const hows = [
      ...costs.map((cost) => ({ name: 'argon2id', cost })),
      { name: 'PBKDF2-HMAC-SHA-256', iterations: 599_999 },
      { name: 'PBKDF2-HMAC-SHA-256', iterations: 1_000_000_000 },
      { name: 'MD5' },
    ];
    for (const derivation of hows) {
      alter((file) => (file['derivation'] = derivation));
      const { detail } = await refused('KEYSTORE_DAMAGED', unlock);
      expect(detail).toMatch(/^it does not fit its form at derivation/);
    }
  });

  test('others may read, is missing, or is something else, is refused', async () => {
    chmodSync(path, 0o640);
    expect(await refused('STORE_UNSAFE', unlock)).toEqual({ path, mode: '640' });
    chmodSync(path, 0o600);
    writeFileSync(path, Buffer.alloc(20_000));
    await refused('FILE_TOO_LARGE', unlock);
    rmSync(path);
    await refused('FILE_MISSING', unlock);
  });

  test('is below what is asked for now is raised at the next unlock, whole and once', async () => {
    const dearer: Derivation = { name: 'argon2id', cost: { memoryKiB: 8192, passes: 6, parallelism: 2 } };
    const before = await unlock();
    const salt = stored()['salt'];
    expect(await unlock(PASSPHRASE, dearer)).toEqual({ ...before, raised: true, derivation: dearer });
    expect(stored()['derivation']).toEqual(dearer);
    expect(stored()['salt']).not.toBe(salt);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['vault.keystore']);
    expect(await unlock(PASSPHRASE, dearer)).toEqual({ ...before, raised: false, derivation: dearer });
    // Nothing is made cheaper again, and a wrong passphrase raises nothing.
    expect(await unlock(PASSPHRASE, CHEAP)).toEqual({ ...before, raised: false, derivation: dearer });
    const file = readFileSync(path);
    const still: Derivation = { name: 'argon2id', cost: { memoryKiB: 16_384, passes: 6, parallelism: 2 } };
    await refused('KEYSTORE_PASSPHRASE_WRONG', () => unlock(Buffer.from('wrong'), still));
    expect(readFileSync(path).equals(file)).toBe(true);
  });
});

test('PBKDF2 for those who may not use argon2: 600,000 or more, and raised alike', async () => {
  const how = DERIVATIONS['PBKDF2-HMAC-SHA-256'];
  expect(how.iterations).toBeGreaterThanOrEqual(600_000);
  const keyId = await createKeystore(path, PASSPHRASE, how);
  expect(stored()['derivation']).toEqual(how);
  expect(await unlock(PASSPHRASE, { ...how, iterations: 600_001 })).toMatchObject({ keyId, raised: true });
  expect(stored()['derivation']).toEqual({ ...how, iterations: 600_001 });
  // Another kind of derivation is somebody's decision.
  expect(raised(how, CHEAP)).toBe(how);
  expect(raised(CHEAP, how)).toBe(CHEAP);
});

test('what is made by default is not raised at once', async () => {
  await createKeystore(path, PASSPHRASE);
  const { kek, raised: wasRaised } = await unlockKeystore(path, PASSPHRASE);
  wipe(kek);
  expect(wasRaised).toBe(false);
  expect(stored()['derivation']).toEqual(DERIVATIONS.argon2id);
});

test('the variable is taken in development alone, with a warning, and nobody inherits it', async () => {
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const environment = { CLAVIGER_VAULT_PASSPHRASE: 'anvil birch cedar dune', HOME: '/' };
  expect(await refused('KEYSTORE_VARIABLE', () => passphraseOfVariable(environment, false, warn))).toEqual({
    variable: 'CLAVIGER_VAULT_PASSPHRASE',
  });
  expect(warnings).toEqual([]);
  expect(passphraseOfVariable(environment, true, warn)).toEqual(new Uint8Array(PASSPHRASE));
  expect(warnings).toHaveLength(1);
  expect(warnings.join()).not.toContain('anvil');
  expect(environment).toEqual({ HOME: '/' });
  expect(passphraseOfVariable(environment, false, warn)).toBeNull();
});
