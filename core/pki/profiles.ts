import { OctetString } from '@peculiar/asn1-schema';
import {
  AccessDescription,
  AuthorityInfoAccessSyntax,
  AuthorityKeyIdentifier,
  BasicConstraints,
  CRLDistributionPoints,
  CertificatePolicies,
  DistributionPoint,
  DistributionPointName,
  Extension,
  Extensions,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  PolicyInformation,
  SubjectKeyIdentifier,
  id_ad_caIssuers,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_cRLDistributionPoints,
  id_ce_certificatePolicies,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  id_pe_authorityInfoAccess,
} from '@peculiar/asn1-x509';
import { derOf } from './der.ts';

/**
 * What Claviger issues. `service` is a ledger or export key; without a root it signs itself, as `root-ca` and `recipient` do.
 * `BR` is the CA/Browser Forum's Baseline Requirements.
 */
export type ProfileName = 'root-ca' | 'issuing-ca' | 'service' | 'service-without-root' | 'recipient';

export type Profile = {
  selfSigned: boolean;
  /** BasicConstraints; null where the extension is left out: the subject is no CA (RFC 5280 4.2.1.9). */
  ca: { pathLength: number | null } | null;
  keyUsage: (publicKeyType: 'ec' | 'rsa') => number;
  /** The whole period, notAfter included (RFC 5280 4.1.2.5), may not be longer. */
  longestDays: number;
  /** Whether CRL and issuer addresses and policies may stand in it. */
  pointers: boolean;
};

export const PROFILES: Record<ProfileName, Profile> = {
  'root-ca': {
    selfSigned: true,
    // BR 7.1.2.1.4: a root has no pathLenConstraint.
    ca: { pathLength: null },
    keyUsage: () => KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, // BR 7.1.2.10.7
    longestDays: 9132, // BR 7.1.2.1.1
    // BR 7.1.2.1.2: nobody revokes a root by its own CRL, so none is pointed at.
    pointers: false,
  },
  'issuing-ca': {
    selfSigned: false,
    ca: { pathLength: 0 }, // it issues to end entities only
    keyUsage: () => KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, // BR 7.1.2.10.7
    longestDays: 2920, // eight years of 365 days
    pointers: true,
  },
  service: {
    selfSigned: false,
    ca: null,
    // No extended key usage: `openssl cms -verify` asks for emailProtection or none (RFC 5280 4.2.1.12).
    keyUsage: () => KeyUsageFlags.digitalSignature,
    longestDays: 9132, // at most the root's; the issuer's own end is checked as well
    pointers: true,
  },
  'service-without-root': {
    selfSigned: true,
    ca: null,
    keyUsage: () => KeyUsageFlags.digitalSignature,
    longestDays: 9132, // as long as a root
    pointers: false,
  },
  recipient: {
    selfSigned: true,
    ca: null,
    // RFC 5280 4.2.1.3: a static ECDH key agrees, an RSA key transports.
    keyUsage: (type) => (type === 'ec' ? KeyUsageFlags.keyAgreement : KeyUsageFlags.keyEncipherment),
    longestDays: 398,
    pointers: false,
  },
};

export type ExtensionValues = {
  subjectKeyIdentifier: Uint8Array;
  /** Null for a self-signed certificate: RFC 5280 4.2.1.1 lets it go there. */
  authorityKeyIdentifier: Uint8Array | null;
  publicKeyType: 'ec' | 'rsa';
  crlUrls: string[];
  issuerUrls: string[];
  policies: string[];
};

/** The extensions of a profile, in a fixed order. */
export function extensionsOf(profile: Profile, values: ExtensionValues): Extensions {
  const { ca } = profile;
  const extensions: Extension[] = [];
  const add = (extnID: string, critical: boolean, value: unknown) => {
    extensions.push(new Extension({ extnID, critical, extnValue: new OctetString(derOf(value)) }));
  };
  if (ca) {
    // RFC 5280 4.2.1.9: critical in every CA certificate.
    const constraints = new BasicConstraints({ cA: true });
    if (ca.pathLength !== null) constraints.pathLenConstraint = ca.pathLength;
    add(id_ce_basicConstraints, true, constraints);
  }
  // RFC 5280 4.2.1.3: should be critical.
  add(id_ce_keyUsage, true, new KeyUsage(profile.keyUsage(values.publicKeyType)));
  // RFC 5280 4.2.1.2: never critical.
  add(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(values.subjectKeyIdentifier));
  if (values.authorityKeyIdentifier) {
    // RFC 5280 4.2.1.1: never critical; BR 7.1.2.11.1: the key identifier alone.
    const keyIdentifier = new KeyIdentifier(values.authorityKeyIdentifier);
    add(id_ce_authorityKeyIdentifier, false, new AuthorityKeyIdentifier({ keyIdentifier }));
  }
  if (values.policies.length > 0) {
    // RFC 5280 4.2.1.4, BR 7.1.2.10.5: identifiers without qualifiers.
    const policies = values.policies.map((policyIdentifier) => new PolicyInformation({ policyIdentifier }));
    add(id_ce_certificatePolicies, false, new CertificatePolicies(policies));
  }
  if (values.crlUrls.length > 0) {
    // RFC 5280 4.2.1.13, BR 7.1.2.11.2: one distribution point, every address a name of it.
    const fullName = values.crlUrls.map((url) => new GeneralName({ uniformResourceIdentifier: url }));
    const point = new DistributionPoint({ distributionPoint: new DistributionPointName({ fullName }) });
    add(id_ce_cRLDistributionPoints, false, new CRLDistributionPoints([point]));
  }
  if (values.issuerUrls.length > 0) {
    // RFC 5280 4.2.2.1, BR 7.1.2.10.3: where the issuer's certificate is.
    const places = values.issuerUrls.map(
      (url) =>
        new AccessDescription({
          accessMethod: id_ad_caIssuers,
          accessLocation: new GeneralName({ uniformResourceIdentifier: url }),
        }),
    );
    add(id_pe_authorityInfoAccess, false, new AuthorityInfoAccessSyntax(places));
  }
  return new Extensions(extensions);
}
