import {
  Certificate,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  type Extensions,
} from '@peculiar/asn1-x509';
import { createHash } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { bufferOf, derOf, parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { type DistinguishedName, nameOf } from './distinguished-name.ts';
import { keyIdentifier } from './key-identifier.ts';
import { lintCertificate } from './lint.ts';
import { PROFILES, type ProfileName, extensionsOf } from './profiles.ts';
import { subjectKeyIdentifierOf } from './read-certificate.ts';
import { publicKeyOf, signatureAlgorithmOf, signatureIdentifier, signatureVerifies } from './signature-algorithm.ts';
import type { Signer } from './signer.ts';

export const SERIAL_BYTES = 16;

export type CertificateRequest = {
  profile: ProfileName;
  /** `certificate`: the issuer's own, DER; null if the certificate signs itself. */
  issuer: { signer: Signer; certificate: Uint8Array | null };
  subject: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  subjectPublicKey: Uint8Array;
  /** 16 random bytes (BR 7.1: at least 64 bits of a CSPRNG; positive, less than 2^159). */
  serial: Uint8Array;
  /** Fractions of a second are cut off: X.509 has none. */
  notBefore: Date;
  /** The last second of validity. */
  notAfter: Date;
  /** Where the issuer's revocation list is. Not in a self-signed certificate, as the next two. */
  crlUrls?: string[];
  /** Where the issuer's certificate is. */
  issuerUrls?: string[];
  /** Policy object identifiers in dotted form. */
  policies?: string[];
};

export type IssuedCertificate = {
  der: Uint8Array;
  pem: string;
  /** Lower-case hex over the DER. */
  sha256: string;
};

/**
 * Builds a certificate, has it signed, then parses it back, verifies its signature, compares the signed bytes and
 * lints it: only what passes all of it is handed out. CERTIFICATE_PROFILE. RFC 5280 section 4.
 */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  const { issuer, profile: name } = request;
  const profile = PROFILES[name];
  if (profile.selfSigned !== (issuer.certificate === null)) {
    refuse(profile.selfSigned ? `a ${name} certificate signs itself` : `a ${name} certificate needs an issuer`);
  }
  if (profile.selfSigned && !sameBytes(issuer.signer.publicKey, request.subjectPublicKey)) {
    refuse('a self-signed certificate carries the key that signs it');
  }
  const algorithm = signatureAlgorithmOf(issuer.signer);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: positiveInteger(request.serial),
    signature: signatureIdentifier(algorithm),
    issuer: issuer.certificate ? issuerNameOf(issuer.certificate) : nameOf(request.subject),
    validity: new Validity({ notBefore: request.notBefore, notAfter: request.notAfter }),
    subject: nameOf(request.subject),
    subjectPublicKeyInfo:
      parseDer(request.subjectPublicKey, SubjectPublicKeyInfo) ?? refuse('the public key is no key'),
    extensions: requestedExtensions(request),
  });
  const signed = derOf(tbs);
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: signatureIdentifier(algorithm),
    signatureValue: bufferOf(await issuer.signer.sign(signed)),
  });
  const der = derOf(certificate);

  const parsed = parseDer(der, Certificate);
  if (!parsed?.tbsCertificateRaw || !sameBytes(parsed.tbsCertificateRaw, signed)) {
    throw new Error('the certificate does not parse back to what was signed');
  }
  const signature = new Uint8Array(parsed.signatureValue);
  if (!signatureVerifies(algorithm, publicKeyOf(issuer.signer.publicKey), signed, signature)) {
    refuse('the signature that the token gave does not verify');
  }
  const findings = lintCertificate({ profile: name, certificate: der, issuer: issuer.certificate });
  if (findings.length > 0) refuse(findings.map(({ name: lint, detail }) => `${lint}: ${detail}`).join('; '));
  return { der, pem: pemOf(der), sha256: sha256Of(der) };
}

function requestedExtensions(request: CertificateRequest): Extensions {
  const profile = PROFILES[request.profile];
  const crlUrls = request.crlUrls ?? [];
  const issuerUrls = request.issuerUrls ?? [];
  const policies = request.policies ?? [];
  if (!profile.pointers && crlUrls.length + issuerUrls.length + policies.length > 0) {
    refuse(`a ${request.profile} certificate has no CRL address, issuer address or policy`);
  }
  for (const url of [...crlUrls, ...issuerUrls]) {
    // BR 7.1.2.11.2 and 7.1.2.10.3: plain http, for whoever fetches it has no trusted certificate yet. IA5String: ASCII.
    if (!/^http:\/\/[\x21-\x7e]+$/.test(url) || !URL.canParse(url)) refuse(`${url} is not an http address`);
  }
  for (const policy of policies) {
    if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(policy)) refuse(`${policy} is not a policy identifier`);
  }
  const { certificate } = request.issuer;
  const { asymmetricKeyType } = publicKeyOf(request.subjectPublicKey);
  return extensionsOf(profile, {
    subjectKeyIdentifier: keyIdentifier(request.subjectPublicKey),
    authorityKeyIdentifier: certificate ? subjectKeyIdentifierOf(certificate) : null,
    publicKeyType: asymmetricKeyType === 'rsa' ? 'rsa' : 'ec',
    crlUrls,
    issuerUrls,
    policies,
  });
}

function issuerNameOf(certificate: Uint8Array) {
  const parsed = parseDer(certificate, Certificate);
  return parsed?.tbsCertificate.subject ?? refuse("the issuer's certificate does not parse");
}

/** RFC 5280 4.1.2.2: a positive INTEGER of at most 20 octets, in its shortest form. */
function positiveInteger(serial: Uint8Array): ArrayBuffer {
  const first = serial.findIndex((byte) => byte !== 0);
  if (serial.length !== SERIAL_BYTES || first < 0)
    refuse(`the serial number must be ${SERIAL_BYTES} bytes and not zero`);
  const significant = serial.subarray(first);
  return bufferOf((significant[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...significant) : significant);
}

function refuse(detail: string): never {
  throw new Refusal('CERTIFICATE_PROFILE', { detail });
}

/** RFC 7468. */
export function pemOf(certificate: Uint8Array): string {
  const lines = Buffer.from(certificate)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
