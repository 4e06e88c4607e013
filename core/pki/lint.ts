import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_keyUsage,
} from '@peculiar/asn1-x509';
import { derOf, parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { sameName } from './distinguished-name.ts';
import { keyIdentifier } from './key-identifier.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import {
  type ReadCertificate,
  extensionValue,
  keyUsageOf,
  parseCertificate,
  subjectKeyIdentifierOf,
} from './read-certificate.ts';
import { publicKeyOf, signatureAlgorithmNamed, signatureVerifies } from './signature-algorithm.ts';

/** One rule that a certificate breaks. `name` is stable; `rule` is where it stands. */
export type Finding = { name: string; rule: string; detail: string };

const DAY_MS = 86_400_000;

/**
 * Checks a finished certificate against its profile, reading nothing but its bytes and the issuer's certificate
 * (DER, null if it signs itself). No finding means that it may count as issued.
 */
export function lintCertificate(input: {
  profile: ProfileName;
  certificate: Uint8Array;
  issuer: Uint8Array | null;
}): Finding[] {
  const certificate = parseCertificate(input.certificate);
  const issuer = parseCertificate(input.issuer ?? input.certificate);
  if (!certificate || !issuer) {
    return [{ name: 'not_der', rule: 'X.690 10', detail: 'it does not parse as DER' }];
  }
  const findings: Finding[] = [];
  const check = (holds: boolean, name: string, rule: string, detail: string) => {
    if (!holds) findings.push({ name, rule, detail });
  };
  lintFields(certificate, issuer, check);
  lintValidity(input.profile, certificate, issuer, check);
  lintExtensions(input.profile, certificate, issuer, check);
  return findings;
}

type Check = (holds: boolean, name: string, rule: string, detail: string) => void;

function lintFields({ structure }: ReadCertificate, issuer: ReadCertificate, check: Check): void {
  const { tbsCertificate: tbs } = structure;
  check(tbs.version === Version.v3, 'version_3', 'RFC 5280 4.1.2.1', 'it is not a version 3 certificate');
  const serial = new Uint8Array(tbs.serialNumber);
  check(
    serial.length >= 1 && serial.length <= 20 && (serial[0] ?? 0x80) < 0x80 && serial.some((byte) => byte !== 0),
    'serial_positive',
    'RFC 5280 4.1.2.2',
    'the serial number is not a positive number of at most 20 octets',
  );
  // A random 128-bit number is shorter than this once in 2^64 times.
  check(serial.length > 8, 'serial_entropy', 'BR 7.1', 'the serial number is too short to be 128 random bits');
  check(
    sameBytes(derOf(structure.signatureAlgorithm), derOf(tbs.signature)),
    'signature_algorithms_equal',
    'RFC 5280 4.1.1.2',
    'the inner and the outer signature algorithm differ',
  );
  const algorithm = signatureAlgorithmNamed(structure.signatureAlgorithm.algorithm);
  check(algorithm !== null, 'signature_algorithm', 'BR 7.1.3.2', 'the signature algorithm is not one of ours');
  check(tbs.subject.length > 0, 'subject_present', 'RFC 5280 4.1.2.6', 'the subject is empty');
  check(
    sameName(tbs.issuer, issuer.structure.tbsCertificate.subject),
    'issuer_name',
    'RFC 5280 4.1.2.4',
    "the issuer is not the issuing certificate's subject",
  );
  const signature = new Uint8Array(structure.signatureValue);
  const issuerKey = publicKeyOf(derOf(issuer.structure.tbsCertificate.subjectPublicKeyInfo));
  check(
    algorithm !== null && signatureVerifies(algorithm, issuerKey, signedBytes(structure), signature),
    'signature_verifies',
    'RFC 5280 6.1.3',
    "the signature is not by the issuing certificate's key",
  );
}

function signedBytes(structure: ReadCertificate['structure']): Uint8Array {
  return structure.tbsCertificateRaw ? new Uint8Array(structure.tbsCertificateRaw) : derOf(structure.tbsCertificate);
}

function lintValidity(profile: ProfileName, { structure }: ReadCertificate, issuer: ReadCertificate, check: Check) {
  const { notBefore, notAfter } = structure.tbsCertificate.validity;
  for (const time of [notBefore, notAfter]) {
    const generalised = time.getTime().getUTCFullYear() >= 2050;
    check(
      generalised === (time.generalTime !== undefined),
      'validity_time_type',
      'RFC 5280 4.1.2.5',
      'years to 2049 are UTCTime, later ones GeneralizedTime',
    );
  }
  const periodMs = notAfter.getTime().getTime() - notBefore.getTime().getTime();
  const { longestDays } = PROFILES[profile];
  check(periodMs > 0, 'validity_order', 'RFC 5280 4.1.2.5', 'it ends before it begins');
  // notAfter belongs to the period, which is therefore a second longer than the difference.
  check(
    periodMs < longestDays * DAY_MS,
    'validity_length',
    profile === 'root-ca' ? 'BR 7.1.2.1.1' : 'profile',
    `it is valid for longer than ${longestDays} days`,
  );
  const outer = issuer.structure.tbsCertificate.validity;
  check(
    notBefore.getTime() >= outer.notBefore.getTime() && notAfter.getTime() <= outer.notAfter.getTime(),
    'validity_nested',
    'RFC 5280 6.1.3',
    "its validity is not within its issuer's",
  );
}

function lintExtensions(name: ProfileName, certificate: ReadCertificate, issuer: ReadCertificate, check: Check): void {
  const profile = PROFILES[name];
  const { structure, der, x509 } = certificate;
  const extensions = Array.from(structure.tbsCertificate.extensions ?? []);
  const oids = extensions.map(({ extnID }) => extnID);
  check(new Set(oids).size === oids.length, 'extensions_unique', 'RFC 5280 4.2', 'an extension is there twice');
  const critical = extensions.filter((extension) => extension.critical).map(({ extnID }) => extnID);
  const expectedCritical = profile.ca ? [id_ce_basicConstraints, id_ce_keyUsage] : [id_ce_keyUsage];
  check(
    critical.toSorted().join() === expectedCritical.toSorted().join(),
    'critical_extensions',
    'RFC 5280 4.2.1.3 and 4.2.1.9',
    `the critical extensions are ${critical.join(' ') || 'none'}`,
  );

  const value = extensionValue(structure, id_ce_basicConstraints);
  const constraints = value && parseDer(value, BasicConstraints);
  check((constraints?.cA ?? false) === (profile.ca !== null), 'ca_flag', 'RFC 5280 4.2.1.9', 'the CA flag is wrong');
  check(
    (constraints?.pathLenConstraint ?? null) === (profile.ca?.pathLength ?? null),
    'path_length',
    'BR 7.1.2.1.4',
    'the path length constraint is wrong',
  );
  const keyType = x509.publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec';
  check(keyUsageOf(structure) === profile.keyUsage(keyType), 'key_usage', 'RFC 5280 4.2.1.3', 'the key usage is wrong');

  const subjectKey = subjectKeyIdentifierOf(der);
  const computed = keyIdentifier(derOf(structure.tbsCertificate.subjectPublicKeyInfo));
  check(
    subjectKey !== null && sameBytes(subjectKey, computed),
    'subject_key_identifier',
    'RFC 5280 4.2.1.2, RFC 7093 2',
    'the subject key identifier is not that of the key',
  );
  const authority = extensionValue(structure, id_ce_authorityKeyIdentifier);
  const authorityKey = authority && parseDer(authority, AuthorityKeyIdentifier)?.keyIdentifier;
  const issuerKey = subjectKeyIdentifierOf(issuer.der);
  check(
    profile.selfSigned
      ? authority === null
      : Boolean(authorityKey && issuerKey && sameBytes(authorityKey.buffer, issuerKey)),
    'authority_key_identifier',
    'RFC 5280 4.2.1.1',
    "the authority key identifier is not the issuer's subject key identifier",
  );
  if (!profile.selfSigned) lintIssuer(profile.ca !== null, issuer, check);
}

function lintIssuer(issuesCa: boolean, issuer: ReadCertificate, check: Check): void {
  const value = extensionValue(issuer.structure, id_ce_basicConstraints);
  const constraints = value && parseDer(value, BasicConstraints);
  check(constraints?.cA ?? false, 'issuer_is_ca', 'RFC 5280 4.2.1.9', 'the issuer is no CA');
  check(
    !issuesCa || constraints?.pathLenConstraint === undefined || constraints.pathLenConstraint > 0,
    'issuer_path_length',
    'RFC 5280 4.2.1.9',
    'the issuer may not issue to another CA',
  );
}
