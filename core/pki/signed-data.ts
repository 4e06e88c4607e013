import {
  Attribute,
  CMSVersion,
  CertificateChoices,
  CertificateSet,
  ContentInfo,
  DigestAlgorithmIdentifier,
  DigestAlgorithmIdentifiers,
  EncapsulatedContent,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignatureAlgorithmIdentifier,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
  SigningTime,
  id_contentType,
  id_data,
  id_messageDigest,
  id_signedData,
  id_signingTime,
} from '@peculiar/asn1-cms';
import { AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { KeyUsageFlags } from '@peculiar/asn1-x509';
import { createHash } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { bufferOf, derOf, parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { sameName } from './distinguished-name.ts';
import { type ReadCertificate, keyUsageOf, parseCertificate } from './read-certificate.ts';
import {
  type SignatureAlgorithm,
  signatureAlgorithmNamed,
  signatureAlgorithmOf,
  signatureIdentifier,
  signatureVerifies,
} from './signature-algorithm.ts';
import type { Signer } from './signer.ts';

/** The content-type attribute's value (RFC 5652 11.1): one OBJECT IDENTIFIER. */
class ContentTypeValue {
  oid = id_data;
}
AsnProp({ type: AsnPropTypes.ObjectIdentifier })(ContentTypeValue.prototype, 'oid');
AsnType({ type: AsnTypeTypes.Choice })(ContentTypeValue);

/**
 * A CMS SignedData message (RFC 5652 section 5), DER: one signer, named by issuer and serial number, over the signed
 * attributes contentType, messageDigest and signingTime. `certificate` is the signer's (DER); `certificates` go along
 * for whoever checks the chain. `attached` says whether the content is inside.
 */
export async function signData(input: {
  content: Uint8Array;
  attached: boolean;
  signer: Signer;
  certificate: Uint8Array;
  certificates: Uint8Array[];
  signingTime: Date;
}): Promise<Uint8Array> {
  const own = certificateOrBug(input.certificate);
  if (!sameBytes(derOf(own.structure.tbsCertificate.subjectPublicKeyInfo), input.signer.publicKey)) {
    throw new Error("the certificate is not the signer's");
  }
  const algorithm = signatureAlgorithmOf(input.signer);
  const signedAttrs = inSetOrder([
    attribute(id_contentType, new ContentTypeValue()),
    attribute(id_messageDigest, new OctetString(digest(algorithm, input.content))),
    attribute(id_signingTime, new SigningTime(input.signingTime)),
  ]);
  // RFC 5652 5.4: what is signed is the attributes as an explicit SET OF in DER.
  const signature = await input.signer.sign(setOf(signedAttrs));
  const message = assemble({
    algorithm,
    content: input.attached ? input.content : null,
    certificates: [own, ...input.certificates.map(certificateOrBug)],
    signer: own,
    signedAttrs,
    signature,
  });
  verifySignedData(message, input.attached ? null : input.content);
  return message;
}

/** The one form of a message: everything that is not given here is fixed. */
function assemble(parts: {
  algorithm: SignatureAlgorithm;
  content: Uint8Array | null;
  certificates: ReadCertificate[];
  signer: ReadCertificate;
  signedAttrs: Attribute[];
  signature: Uint8Array;
}): Uint8Array {
  const digestAlgorithm = new DigestAlgorithmIdentifier({ algorithm: parts.algorithm.digestOid }); // RFC 5754 2: no parameters
  const encapContentInfo = new EncapsulatedContentInfo({ eContentType: id_data });
  if (parts.content) encapContentInfo.eContent = new EncapsulatedContent({ single: new OctetString(parts.content) });
  const certificates = parts.certificates.map(({ structure }) => new CertificateChoices({ certificate: structure }));
  const { issuer, serialNumber } = parts.signer.structure.tbsCertificate;
  const signerInfo = new SignerInfo({
    version: CMSVersion.v1,
    sid: new SignerIdentifier({ issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }) }),
    digestAlgorithm,
    signedAttrs: parts.signedAttrs,
    signatureAlgorithm: new SignatureAlgorithmIdentifier(signatureIdentifier(parts.algorithm)),
    signature: new OctetString(parts.signature),
  });
  const signedData = new SignedData({
    version: CMSVersion.v1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([digestAlgorithm]),
    encapContentInfo,
    certificates: new CertificateSet(inSetOrder(certificates)),
    signerInfos: new SignerInfos([signerInfo]),
  });
  return derOf(contentInfo(id_signedData, signedData));
}

export type VerifiedSignedData = {
  content: Uint8Array;
  signer: ReadCertificate;
  /** Everything that came along, the signer's own included. None of it is trusted yet. */
  certificates: ReadCertificate[];
  signingTime: Date;
};

/**
 * Parses a SignedData message, verifies its signature and digest, and takes no other bytes than `signData` makes.
 * `detached` is the content if it is not inside. Says nothing about trust: that is the chain's matter. BUNDLE_DAMAGED.
 */
export function verifySignedData(message: Uint8Array, detached: Uint8Array | null): VerifiedSignedData {
  const info = parseDer(message, ContentInfo);
  const signedData = info?.contentType === id_signedData ? parseDer(new Uint8Array(info.content), SignedData) : null;
  const signerInfo = signedData?.signerInfos[0];
  if (!signedData || !signerInfo) throw damaged('it is not a signed message in DER');
  const inside = signedData.encapContentInfo.eContent?.single;
  const content = inside ? new Uint8Array(inside.buffer) : detached;
  if (!content || (inside && detached)) throw damaged('the signed content is not where it should be');

  const certificates = Array.from(signedData.certificates ?? [], ({ certificate }) => {
    const read = certificate ? parseCertificate(derOf(certificate)) : null;
    return read ?? refuse('it carries something else than certificates');
  });
  const sid = signerInfo.sid.issuerAndSerialNumber;
  const signer = certificates.find(
    ({ structure: { tbsCertificate: tbs } }) =>
      sid && sameName(tbs.issuer, sid.issuer) && sameBytes(tbs.serialNumber, sid.serialNumber),
  );
  if (!signer) throw damaged("the signer's certificate is not in it");
  const algorithm = signatureAlgorithmNamed(signerInfo.signatureAlgorithm.algorithm);
  if (!algorithm) throw damaged('its signature algorithm is not one of ours');

  const signedAttrs = inSetOrder(signerInfo.signedAttrs ?? []);
  const signature = new Uint8Array(signerInfo.signature.buffer);
  const rebuilt = assemble({
    algorithm,
    content: inside ? content : null,
    certificates,
    signer,
    signedAttrs,
    signature,
  });
  if (!sameBytes(rebuilt, message)) throw damaged('it is not in the one form');
  verifySignature(algorithm, signer, signedAttrs, signature);
  return { content, signer, certificates, signingTime: checkAttributes(algorithm, signedAttrs, content) };
}

/** RFC 5652 5.6. */
function verifySignature(
  algorithm: SignatureAlgorithm,
  { x509, structure }: ReadCertificate,
  signedAttrs: Attribute[],
  signature: Uint8Array,
): void {
  if (!signatureVerifies(algorithm, x509.publicKey, setOf(signedAttrs), signature)) {
    throw damaged('the signature does not verify');
  }
  const usage = keyUsageOf(structure);
  if (usage !== null && (usage & KeyUsageFlags.digitalSignature) === 0) {
    throw damaged("the signer's certificate is not for signatures");
  }
}

/** RFC 5652 11. Answers the signing time. */
function checkAttributes(algorithm: SignatureAlgorithm, signedAttrs: Attribute[], content: Uint8Array): Date {
  const contentType = parseDer(single(signedAttrs, id_contentType), ContentTypeValue);
  const messageDigest = parseDer(single(signedAttrs, id_messageDigest), OctetString);
  const signingTime = parseDer(single(signedAttrs, id_signingTime), SigningTime);
  if (contentType?.oid !== id_data || !messageDigest || !signingTime || signedAttrs.length !== 3) {
    throw damaged('the signed attributes are not the three that belong there');
  }
  if (!sameBytes(messageDigest.buffer, digest(algorithm, content))) throw damaged('the content is not what was signed');
  return signingTime.getTime();
}

/** The one value of an attribute. */
function single(attributes: Attribute[], oid: string): Uint8Array {
  const [found, ...others] = attributes.filter(({ attrType }) => attrType === oid);
  const [value, ...values] = found?.attrValues ?? [];
  if (!value || others.length > 0 || values.length > 0) throw damaged('a signed attribute is missing or repeated');
  return new Uint8Array(value);
}

/** X.690 11.6: the elements of a SET OF ascend by their encodings. */
function inSetOrder<T>(elements: T[]): T[] {
  return elements.toSorted((one, other) => Buffer.compare(derOf(one), derOf(other)));
}

/** The elements as a SET OF, in the order given. */
function setOf(attributes: Attribute[]): Uint8Array {
  const set = new AttributeSet();
  set.attributes = attributes;
  return derOf(set);
}

/** SignedAttributes with their own tag, as they are signed. */
class AttributeSet {
  attributes: Attribute[] = [];
}
AsnProp({ type: Attribute, repeated: 'set' })(AttributeSet.prototype, 'attributes');
AsnType({ type: AsnTypeTypes.Choice })(AttributeSet);

function attribute(attrType: string, value: unknown): Attribute {
  return new Attribute({ attrType, attrValues: [bufferOf(derOf(value))] });
}

/** RFC 5652 section 3. */
export function contentInfo(contentType: string, content: unknown): ContentInfo {
  return new ContentInfo({ contentType, content: bufferOf(derOf(content)) });
}

function digest({ hash }: SignatureAlgorithm, content: Uint8Array): Uint8Array {
  return createHash(hash.replace('-', '').toLowerCase()).update(content).digest();
}

function certificateOrBug(der: Uint8Array): ReadCertificate {
  const read = parseCertificate(der);
  if (!read) throw new Error('not a certificate');
  return read;
}

function refuse(detail: string): never {
  throw damaged(detail);
}

function damaged(detail: string): Refusal {
  return new Refusal('BUNDLE_DAMAGED', { detail });
}
