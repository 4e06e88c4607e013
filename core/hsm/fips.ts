/**
 * The `fips` profile: which mechanisms, sizes and iteration counts are approved, as data with the source of each. It
 * says what a script asks for, not what a module is certified for: docs/decisions/0006-what-the-fips-profile-says.md.
 */

/** One use of cryptography that a step makes. */
export type MechanismUse =
  | { kind: 'key'; algorithm: string }
  | { kind: 'hash'; algorithm: string }
  | { kind: 'wrap'; mechanism: string }
  | { kind: 'combine-sources'; mechanism: string }
  | { kind: 'passphrase'; mechanism: 'PBKDF2'; iterations: number; saltBytes: number; keyBytes: number }
  | { kind: 'passphrase'; mechanism: 'scrypt' | 'argon2id' };

type Approved = Record<string, string>;

const KEYS: Approved = {
  'EC-P256': 'FIPS 186-5 section 6.1.1 with SP 800-186 section 3.2.1.3',
  'EC-P384': 'FIPS 186-5 section 6.1.1 with SP 800-186 section 3.2.1.4',
  'EC-P521': 'FIPS 186-5 section 6.1.1 with SP 800-186 section 3.2.1.5',
  // 2048 bits suffice for SP 800-131A revision 2, table 2; the sizes here are those that tokens are asked for.
  'RSA-3072': 'FIPS 186-5 section 5.1',
  'RSA-4096': 'FIPS 186-5 section 5.1',
  Ed25519: 'FIPS 186-5 section 7.1',
  'AES-256': 'FIPS 197; SP 800-131A revision 2, section 2',
};

const HASHES: Approved = {
  'SHA-256': 'FIPS 180-4; SP 800-131A revision 2, section 9',
  'SHA-384': 'FIPS 180-4; SP 800-131A revision 2, section 9',
  'SHA-512': 'FIPS 180-4; SP 800-131A revision 2, section 9',
};

const WRAPS: Approved = {
  RFC5649: 'SP 800-38F section 6.3 (KWP)',
  RFC3394: 'SP 800-38F section 6.2 (KW)',
};

const COMBINATIONS: Approved = {
  // HKDF with a fixed salt is the extraction and expansion of SP 800-56C.
  'HKDF-SHA-256': 'SP 800-133 revision 2, section 6.3, method 3; SP 800-56C revision 2, section 5',
};

/** SP 800-132 sections 5.1 to 5.3: at least 1000 iterations, a salt of 128 bits, a key of 112 bits. */
const PBKDF2 = { iterations: 1000, saltBytes: 16, keyBytes: 14 };

const KINDS = {
  key: { approved: KEYS, source: 'FIPS 186-5, FIPS 197, SP 800-131A' },
  hash: { approved: HASHES, source: 'FIPS 180-4, SP 800-131A section 9' },
  wrap: { approved: WRAPS, source: 'SP 800-38F' },
  'combine-sources': { approved: COMBINATIONS, source: 'SP 800-133 section 6.3' },
};

/** What a mechanism is called in a script's `exceptions`. */
export function nameOf(use: MechanismUse): string {
  return 'algorithm' in use ? use.algorithm : use.mechanism;
}

/** Why a use is not approved, with the source; null if it is. */
export function fipsComplaint(use: MechanismUse): string | null {
  const name = nameOf(use);
  if (use.kind !== 'passphrase') {
    const { approved, source } = KINDS[use.kind];
    return Object.hasOwn(approved, name) ? null : `${name} is not approved (${source})`;
  }
  if (use.mechanism !== 'PBKDF2') {
    return `${name} is not an approved way from a passphrase to a key (SP 800-132 section 5 has PBKDF2 only)`;
  }
  for (const [size, least] of Object.entries(PBKDF2) as [keyof typeof PBKDF2, number][]) {
    if (use[size] < least) return `PBKDF2 with ${use[size]} ${SIZES[size]}, at least ${least} (SP 800-132 section 5)`;
  }
  return null;
}

const SIZES = { iterations: 'iterations', saltBytes: 'bytes of salt', keyBytes: 'bytes of key' };
