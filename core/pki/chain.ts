import { BasicConstraints, KeyUsageFlags, id_ce_basicConstraints, id_ce_keyUsage } from '@peculiar/asn1-x509';
import { parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { sameName } from './distinguished-name.ts';
import { type ReadCertificate, extensionValue, keyUsageOf } from './read-certificate.ts';

/** The extensions that `chainToRoot` acts on. Any other critical one ends the chain (RFC 5280 4.2). */
const UNDERSTOOD = [id_ce_basicConstraints, id_ce_keyUsage];
const LONGEST_CHAIN = 4;

/**
 * The certificates from `leaf` to a self-signed root among `candidates`, leaf first; null if no chain stands at `now`.
 * Checks names, signatures, validity, CA flag, path length, key usage and critical extensions (RFC 5280 6.1.3 to 6.1.5,
 * without policies and revocation). Whether the root is trusted is the caller's to decide.
 */
export function chainToRoot(leaf: ReadCertificate, candidates: ReadCertificate[], now: Date): ReadCertificate[] | null {
  const chain = [leaf];
  let subject = leaf;
  while (!isSelfSigned(subject)) {
    const below = chain.length - 1;
    const issuer = candidates.find((candidate) => issued(candidate, subject, below));
    if (!issuer || chain.length >= LONGEST_CHAIN) return null;
    chain.push(issuer);
    subject = issuer;
  }
  return chain.length > 1 && chain.every((certificate) => stands(certificate, now)) ? chain : null;
}

function isSelfSigned({ x509, structure: { tbsCertificate: tbs } }: ReadCertificate): boolean {
  return sameName(tbs.issuer, tbs.subject) && x509.verify(x509.publicKey);
}

/** `intermediates`: how many CA certificates the chain has below this issuer. */
function issued(issuer: ReadCertificate, subject: ReadCertificate, intermediates: number): boolean {
  const value = extensionValue(issuer.structure, id_ce_basicConstraints);
  const constraints = value && parseDer(value, BasicConstraints);
  const usage = keyUsageOf(issuer.structure);
  return (
    !sameBytes(issuer.der, subject.der) &&
    sameName(issuer.structure.tbsCertificate.subject, subject.structure.tbsCertificate.issuer) &&
    (constraints?.cA ?? false) &&
    (constraints?.pathLenConstraint ?? intermediates) >= intermediates &&
    usage !== null &&
    (usage & KeyUsageFlags.keyCertSign) !== 0 &&
    subject.x509.verify(issuer.x509.publicKey)
  );
}

function stands({ x509, structure }: ReadCertificate, now: Date): boolean {
  const critical = Array.from(structure.tbsCertificate.extensions ?? []).filter((extension) => extension.critical);
  return (
    critical.every(({ extnID }) => UNDERSTOOD.includes(extnID)) && x509.validFromDate <= now && now <= x509.validToDate
  );
}
