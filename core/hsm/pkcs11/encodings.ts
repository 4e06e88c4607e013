import { createPublicKey } from 'node:crypto';
import { ECDSASigValue } from '@peculiar/asn1-ecc';
import { DigestInfo, RSAPublicKey } from '@peculiar/asn1-rsa';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import type { SignatureHash } from '../token.ts';

/** Between what PKCS#11 says and the DER that certificates carry. */

/** SubjectPublicKeyInfo (RFC 5480 2) of CKA_EC_POINT (DER OCTET STRING of the point) and CKA_EC_PARAMS. */
export function ecPublicKey(point: Uint8Array, parameters: Uint8Array): Uint8Array {
  const spki = new SubjectPublicKeyInfo({
    algorithm: new AlgorithmIdentifier({ algorithm: '1.2.840.10045.2.1', parameters: own(parameters) }),
    subjectPublicKey: AsnConvert.parse(own(point), OctetString).buffer,
  });
  return checked(AsnConvert.serialize(spki));
}

/** SubjectPublicKeyInfo (RFC 8410 4) of an Ed25519 CKA_EC_POINT (DER OCTET STRING of the 32 bytes). */
export function ed25519PublicKey(point: Uint8Array): Uint8Array {
  const spki = new SubjectPublicKeyInfo({
    algorithm: new AlgorithmIdentifier({ algorithm: '1.3.101.112' }),
    subjectPublicKey: AsnConvert.parse(own(point), OctetString).buffer,
  });
  return checked(AsnConvert.serialize(spki));
}

/** DER DigestInfo (RFC 8017 9.2), which a token that does not hash signs with CKM_RSA_PKCS. */
export function digestInfo(hash: SignatureHash, digest: Uint8Array): Uint8Array {
  const digestAlgorithm = new AlgorithmIdentifier({ algorithm: DIGESTS[hash], parameters: own(Buffer.from([5, 0])) });
  const info = new DigestInfo({ digestAlgorithm, digest: new OctetString(own(digest)) });
  return new Uint8Array(AsnConvert.serialize(info));
}

/** RFC 5754 section 2. */
const DIGESTS: Record<SignatureHash, string> = {
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
};

/** SubjectPublicKeyInfo (RFC 3279 2.3.1) of CKA_MODULUS and CKA_PUBLIC_EXPONENT (unsigned, big-endian). */
export function rsaPublicKey(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  const key = new RSAPublicKey({ modulus: integer(modulus), publicExponent: integer(exponent) });
  const spki = new SubjectPublicKeyInfo({
    algorithm: new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.1', parameters: own(Buffer.from([5, 0])) }),
    subjectPublicKey: AsnConvert.serialize(key),
  });
  return checked(AsnConvert.serialize(spki));
}

/** r || s, each as long as the order (PKCS#11 v2.40 mechanisms, 2.3.1), as DER SEQUENCE{r, s} (RFC 5480 appendix A). */
export function ecdsaSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const value = new ECDSASigValue({ r: integer(raw.subarray(0, half)), s: integer(raw.subarray(half)) });
  return new Uint8Array(AsnConvert.serialize(value));
}

/** The content of a DER INTEGER (X.690 8.3.2): no more zeros in front than the sign needs. Not by BigInt: that is slow. */
function integer(unsigned: Uint8Array): ArrayBuffer {
  const first = unsigned.findIndex((byte) => byte !== 0);
  const significant = first === -1 ? unsigned.subarray(-1) : unsigned.subarray(first);
  const content = new Uint8Array(significant.length + 1);
  content.set(significant, 1);
  return own((significant[0] ?? 0) < 0x80 ? significant : content);
}

function own(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** OpenSSL refuses a point that is not on its curve. */
function checked(der: ArrayBuffer): Uint8Array {
  createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  return new Uint8Array(der);
}
