import { SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { createHash } from 'node:crypto';
import { parseDer } from './der.ts';

/**
 * 20 bytes that name a public key: the leftmost 160 bits of SHA-256 over the BIT STRING's value (RFC 7093 section 2,
 * method 1). RFC 5280 4.2.1.2 suggests SHA-1, which a module in FIPS mode may no longer offer; any method is allowed there.
 */
export function keyIdentifier(subjectPublicKeyInfo: Uint8Array): Uint8Array {
  const parsed = parseDer(subjectPublicKeyInfo, SubjectPublicKeyInfo);
  if (!parsed) throw new Error('not a SubjectPublicKeyInfo');
  return createHash('sha256').update(new Uint8Array(parsed.subjectPublicKey)).digest().subarray(0, 20);
}
