import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkScript } from '../../core/ceremony/check.ts';
import { type MechanismUse, fipsComplaint } from '../../core/hsm/fips.ts';
import { SCRIPT } from '../shipped.ts';
import { refused } from './refused.ts';

const PBKDF2 = { kind: 'passphrase', mechanism: 'PBKDF2', iterations: 1000, saltBytes: 16, keyBytes: 14 } as const;

describe('one rule each', () => {
  test.each<MechanismUse>([
    ...['EC-P256', 'EC-P384', 'EC-P521', 'RSA-3072', 'RSA-4096', 'Ed25519', 'AES-256'].map(
      (algorithm) => ({ kind: 'key', algorithm }) as const,
    ),
    ...['SHA-256', 'SHA-384', 'SHA-512'].map((algorithm) => ({ kind: 'hash', algorithm }) as const),
    { kind: 'wrap', mechanism: 'RFC5649' },
    { kind: 'wrap', mechanism: 'RFC3394' },
    { kind: 'combine-sources', mechanism: 'HKDF-SHA-256' },
    PBKDF2,
  ])('approved: %o', (use) => {
    expect(fipsComplaint(use)).toBeNull();
  });

  test.each<[MechanismUse, RegExp]>([
    [{ kind: 'key', algorithm: 'RSA-1024' }, /RSA-1024 is not approved \(FIPS 186-5/],
    [{ kind: 'key', algorithm: 'EC-secp256k1' }, /SP 800-131A/],
    [{ kind: 'key', algorithm: 'constructor' }, /not approved/],
    [{ kind: 'hash', algorithm: 'SHA-1' }, /SHA-1 is not approved \(FIPS 180-4/],
    [{ kind: 'wrap', mechanism: 'CKM_RSA_PKCS' }, /SP 800-38F/],
    [{ kind: 'combine-sources', mechanism: 'XOR' }, /SP 800-133/],
    [{ kind: 'passphrase', mechanism: 'scrypt' }, /scrypt is not an approved .*SP 800-132/],
    [{ kind: 'passphrase', mechanism: 'argon2id' }, /argon2id is not an approved/],
    [{ ...PBKDF2, iterations: 999 }, /999 iterations, at least 1000 \(SP 800-132/],
    [{ ...PBKDF2, saltBytes: 15 }, /15 bytes of salt, at least 16/],
    [{ ...PBKDF2, keyBytes: 13 }, /13 bytes of key, at least 14/],
  ])('not approved: %o', (use, said) => {
    expect(fipsComplaint(use)).toMatch(said);
  });
});

describe('a script under the profile', () => {
  const shipped = readFileSync(SCRIPT, 'utf8');
  const withPolicy = (lines: string) => {
    const changed = shipped.replace('passphraseMinimum: 16', `passphraseMinimum: 16\n  ${lines}`);
    expect(changed).not.toBe(shipped);
    return changed;
  };

  test('is refused for what is not approved, by step and source, before any token is named', async () => {
    const { detail } = await refused('SCRIPT_INVALID', () => checkScript(withPolicy('profile: fips'), 'script.yaml'));
    expect(detail).toMatch(
      /^line \d+, column \d+: step master-key: profile fips: scrypt is not an approved .*SP 800-132/,
    );
  });

  test('passes with the exception written down; without the profile nothing is asked', () => {
    const script = checkScript(withPolicy('profile: fips\n  exceptions: [scrypt]'), 'script.yaml');
    expect(script.policy).toMatchObject({ profile: 'fips', exceptions: ['scrypt'] });
    expect(checkScript(shipped, 'script.yaml').policy.profile).toBeUndefined();
  });

  test('an exception names one mechanism and no other, and belongs to a profile', async () => {
    await refused('SCRIPT_INVALID', () =>
      checkScript(withPolicy('profile: fips\n  exceptions: [argon2id]'), 'script.yaml'),
    );
    await refused('SCRIPT_INVALID', () => checkScript(withPolicy('exceptions: [scrypt]'), 'script.yaml'));
    await refused('SCRIPT_INVALID', () => checkScript(withPolicy('profile: common'), 'script.yaml'));
  });
});
