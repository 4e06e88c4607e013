import { OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  CRLNumber,
  CRLReason,
  CRLReasons,
  Certificate,
  CertificateList,
  Extension,
  KeyIdentifier,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
} from '@peculiar/asn1-x509';
import { Refusal } from '../contract/errors.ts';
import { sha256Of } from './certificate.ts';
import { bufferOf, derOf, parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { lintRevocationList } from './lint-revocation-list.ts';
import { subjectKeyIdentifierOf } from './read-certificate.ts';
import { signatureAlgorithmOf, signatureIdentifier } from './signature-algorithm.ts';
import type { Signer } from './signer.ts';

export type RevokedEntry = {
  /** Of the certificate, as a positive number in hex. */
  serial: string;
  reason: Exclude<keyof typeof CRLReasons, 'unspecified' | 'certificateHold' | 'removeFromCRL'>;
  at: Date;
};

export type RevocationListRequest = {
  /** `certificate`: the issuer's own, DER. It must be a CA's that may sign lists. */
  issuer: { signer: Signer; certificate: Uint8Array };
  /** RFC 5280 5.2.3: above every earlier one of this issuer. */
  number: number;
  /** Fractions of a second are cut off: X.509 has none. */
  thisUpdate: Date;
  nextUpdate: Date;
  revoked: RevokedEntry[];
};

/**
 * A full certificate revocation list (RFC 5280 section 5, version 2), DER: built, signed, parsed back, verified, compared
 * and linted. Only what passes all of it is handed out. REVOCATION_LIST_PROFILE.
 */
export async function issueRevocationList(
  request: RevocationListRequest,
): Promise<{ der: Uint8Array; sha256: string }> {
  const { issuer, number, thisUpdate, nextUpdate, revoked } = request;
  const algorithm = signatureAlgorithmOf(issuer.signer);
  const certificate = parseDer(issuer.certificate, Certificate);
  const keyIdentifier = subjectKeyIdentifierOf(issuer.certificate);
  if (!certificate || !keyIdentifier) throw profile("the issuer's certificate does not parse");
  const list = new TBSCertList({
    version: Version.v2, // 5.1.2.1
    signature: signatureIdentifier(algorithm),
    issuer: certificate.tbsCertificate.subject,
    thisUpdate: new Time(thisUpdate),
    nextUpdate: new Time(nextUpdate),
    crlExtensions: [
      // 5.2.1 and 5.2.3: both must be there, neither critical.
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier) }),
      ),
      extension(id_ce_cRLNumber, new CRLNumber(number)),
    ],
  });
  // 5.1.2.6: absent when nothing is revoked.
  if (revoked.length > 0) list.revokedCertificates = revoked.map(entry);
  const signed = derOf(list);
  const der = derOf(
    new CertificateList({
      tbsCertList: list,
      signatureAlgorithm: signatureIdentifier(algorithm),
      signature: bufferOf(await issuer.signer.sign(signed)),
    }),
  );
  const parsed = parseDer(der, CertificateList);
  if (!parsed || !sameBytes(derOf(parsed.tbsCertList), signed)) {
    throw new Error('the list does not parse back to what was signed');
  }
  const findings = lintRevocationList({ list: der, issuer: issuer.certificate });
  if (findings.length > 0) throw profile(findings.map(({ name, detail }) => `${name}: ${detail}`).join('; '));
  return { der, sha256: sha256Of(der) };
}

function entry({ serial, reason, at }: RevokedEntry): RevokedCertificate {
  return new RevokedCertificate({
    userCertificate: integer(serial),
    revocationDate: new Time(at),
    // 5.3.1: not critical.
    crlEntryExtensions: [extension(id_ce_cRLReasons, new CRLReason(CRLReasons[reason]))],
  });
}

function extension(extnID: string, value: unknown): Extension {
  return new Extension({ extnID, critical: false, extnValue: new OctetString(derOf(value)) });
}

/** X.690 8.3: the shortest form, and a positive number begins with a bit 0. */
function integer(hex: string): ArrayBuffer {
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return bufferOf((bytes[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...bytes) : bytes);
}

function profile(detail: string): Refusal {
  return new Refusal('REVOCATION_LIST_PROFILE', { detail });
}
