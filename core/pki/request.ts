import { AsnArray, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes } from '@peculiar/asn1-schema';
import { id_rsaEncryption } from '@peculiar/asn1-rsa';
import { AlgorithmIdentifier, Attribute, Name, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import type { KeyObject } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { derOf, parseBer } from './der.ts';
import { type DistinguishedName, nameOf, nameText } from './distinguished-name.ts';
import { publicKeyOf, signatureAlgorithmNamed, signatureVerifies } from './signature-algorithm.ts';

/** PKCS#10, RFC 2986 section 4. The attributes are read past: a profile of ours decides about extensions. */
class Attributes extends AsnArray<Attribute> {}
AsnType({ type: AsnTypeTypes.Set, itemType: Attribute })(Attributes);

class CertificationRequestInfo {
  version = 0;
  subject = new Name();
  subjectPKInfo = new SubjectPublicKeyInfo();
  attributes = new Attributes();
}
AsnProp({ type: AsnPropTypes.Integer })(CertificationRequestInfo.prototype, 'version');
AsnProp({ type: Name })(CertificationRequestInfo.prototype, 'subject');
AsnProp({ type: SubjectPublicKeyInfo })(CertificationRequestInfo.prototype, 'subjectPKInfo');
AsnProp({ type: Attributes, implicit: true, context: 0, optional: true })(
  CertificationRequestInfo.prototype,
  'attributes',
);

class CertificationRequest {
  certificationRequestInfo = new CertificationRequestInfo();
  certificationRequestInfoRaw?: ArrayBuffer;
  signatureAlgorithm = new AlgorithmIdentifier();
  signature = new ArrayBuffer(0);
}
AsnProp({ type: CertificationRequestInfo, raw: true })(CertificationRequest.prototype, 'certificationRequestInfo');
AsnProp({ type: AlgorithmIdentifier })(CertificationRequest.prototype, 'signatureAlgorithm');
AsnProp({ type: AsnPropTypes.BitString })(CertificationRequest.prototype, 'signature');

/** What is taken from a request, and nothing else. */
export type ReadRequest = {
  /** RFC 4514. */
  subject: string;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  /** In a few words: `EC P-384`, `RSA 4096`. */
  key: string;
};

/**
 * A certificate request file, PEM or DER. Its own signature must verify (proof that whoever asks has the key), and its key
 * be strong enough for a CA. `path` is named in the refusals. REQUEST_INVALID, REQUEST_KEY_REFUSED.
 */
export function readRequest(content: Uint8Array, path: string): ReadRequest {
  const request = parseBer(derIn(content, path), CertificationRequest);
  const info = request?.certificationRequestInfo;
  if (!request?.certificationRequestInfoRaw || info?.version !== 0) {
    throw invalid(path, 'it is not a PKCS#10 request');
  }
  const publicKey = derOf(info.subjectPKInfo);
  const keyObject = keyIn(publicKey, path);
  const key = acceptedKey(keyObject, path);
  refuseOtherEncoding(info.subjectPKInfo, path);
  const algorithm = signatureAlgorithmNamed(request.signatureAlgorithm.algorithm);
  if (!algorithm) throw invalid(path, 'it is signed neither with SHA-256 nor SHA-384');
  const signed = new Uint8Array(request.certificationRequestInfoRaw);
  if (!signatureVerifies(algorithm, keyObject, signed, new Uint8Array(request.signature))) {
    throw invalid(path, 'its signature does not verify under its own key');
  }
  return { subject: nameText(info.subject), publicKey, key };
}

/** Refuses a request whose subject is not the one that the reviewed script names. REQUEST_SUBJECT_DIFFERENT. */
export function refuseOtherSubject({ subject }: ReadRequest, wanted: DistinguishedName): void {
  const expected = nameText(nameOf(wanted));
  if (subject !== expected) throw new Refusal('REQUEST_SUBJECT_DIFFERENT', { actual: subject || 'none', expected });
}

function derIn(content: Uint8Array, path: string): Uint8Array {
  const text = Buffer.from(content).toString('latin1');
  // RFC 7468 section 7; the second label is the one of older programs.
  const blocks = text.match(
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----[^-]+-----END (?:NEW )?CERTIFICATE REQUEST-----/g,
  );
  if (blocks && blocks.length > 1) throw invalid(path, 'it holds several requests');
  const [block] = blocks ?? [];
  return block ? new Uint8Array(Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64')) : content;
}

function keyIn(publicKey: Uint8Array, path: string): KeyObject {
  try {
    return publicKeyOf(publicKey);
  } catch {
    throw refused(path, 'it cannot be read, or is no point of its curve');
  }
}

const CURVES: Record<string, string> = { prime256v1: 'EC P-256', secp384r1: 'EC P-384' };
const LEAST_RSA_BITS = 3072;

/** BR 6.1.5 and 6.1.6, with the RSA sizes that our own CA keys have. */
function acceptedKey(key: KeyObject, path: string): string {
  const { asymmetricKeyType, asymmetricKeyDetails: details } = key;
  if (asymmetricKeyType === 'ec') {
    const curve = CURVES[details?.namedCurve ?? ''];
    if (curve === undefined) throw refused(path, `its curve ${details?.namedCurve ?? ''} is neither P-256 nor P-384`);
    return curve;
  }
  if (asymmetricKeyType !== 'rsa') throw refused(path, `${asymmetricKeyType ?? 'it'} is neither EC nor RSA`);
  const bits = details?.modulusLength ?? 0;
  const exponent = details?.publicExponent ?? 0n;
  if (bits < LEAST_RSA_BITS || bits % 8 !== 0) throw refused(path, `RSA of ${bits} bits, at least ${LEAST_RSA_BITS}`);
  if (exponent < 65537n || exponent % 2n === 0n) throw refused(path, `RSA with the public exponent ${exponent}`);
  const factor = smallFactor(modulusOf(key));
  if (factor !== null) throw refused(path, `its RSA modulus is divisible by ${factor}`);
  return `RSA ${bits}`;
}

/** BR 7.1.3.1, byte for byte: a curve is named, never described, and its point is not compressed (RFC 5480 2). */
const ENCODINGS = [
  '300d06092a864886f70d0101010500', // rsaEncryption
  '301306072a8648ce3d020106082a8648ce3d030107', // id-ecPublicKey, P-256
  '301006072a8648ce3d020106052b81040022', // id-ecPublicKey, P-384
];

function refuseOtherEncoding({ algorithm, subjectPublicKey }: SubjectPublicKeyInfo, path: string): void {
  const encoded = Buffer.from(derOf(algorithm)).toString('hex');
  const [first] = new Uint8Array(subjectPublicKey);
  const plain = algorithm.algorithm === id_rsaEncryption || first === 0x04;
  if (!ENCODINGS.includes(encoded) || !plain) throw refused(path, 'its curve or point is written in an unusual way');
}

function modulusOf(key: KeyObject): bigint {
  const { n = '' } = key.export({ format: 'jwk' });
  return BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
}

/** BR 6.1.6: a modulus has no factor below 752. */
function smallFactor(modulus: bigint): bigint | null {
  for (let factor = 2n; factor < 752n; factor++) if (modulus % factor === 0n) return factor;
  return null;
}

function invalid(path: string, detail: string): Refusal {
  return new Refusal('REQUEST_INVALID', { path, detail });
}

function refused(path: string, detail: string): Refusal {
  return new Refusal('REQUEST_KEY_REFUSED', { path, detail });
}
