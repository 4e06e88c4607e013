import { id_ecdsaWithSHA256, id_ecdsaWithSHA384 } from '@peculiar/asn1-ecc';
import { id_sha256, id_sha256WithRSAEncryption, id_sha384, id_sha384WithRSAEncryption } from '@peculiar/asn1-rsa';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { type KeyObject, createPublicKey, verify } from 'node:crypto';
import type { Signer } from './signer.ts';

/** What is signed with here, and what is accepted. ECDSA: RFC 5758 3.2, no parameters. RSA: RFC 4055 5, parameters NULL. */
export type SignatureAlgorithm = {
  oid: string;
  keyType: 'ec' | 'rsa';
  hash: 'SHA-256' | 'SHA-384';
  digestOid: string;
};

const ALGORITHMS: SignatureAlgorithm[] = [
  { oid: id_ecdsaWithSHA256, keyType: 'ec', hash: 'SHA-256', digestOid: id_sha256 },
  { oid: id_ecdsaWithSHA384, keyType: 'ec', hash: 'SHA-384', digestOid: id_sha384 },
  { oid: id_sha256WithRSAEncryption, keyType: 'rsa', hash: 'SHA-256', digestOid: id_sha256 },
  { oid: id_sha384WithRSAEncryption, keyType: 'rsa', hash: 'SHA-384', digestOid: id_sha384 },
];

const DER_NULL = Uint8Array.of(0x05, 0x00);

/** The algorithm of a signer's signatures. A key of another kind is a bug: no token makes one. */
export function signatureAlgorithmOf(signer: Signer): SignatureAlgorithm {
  const { asymmetricKeyType } = publicKeyOf(signer.publicKey);
  const found = ALGORITHMS.find(({ keyType, hash }) => keyType === asymmetricKeyType && hash === signer.hash);
  if (!found) throw new Error('the signer is neither EC nor RSA');
  return found;
}

/** The algorithm that an object identifier in a certificate or message names; null if it is none of ours. */
export function signatureAlgorithmNamed(oid: string): SignatureAlgorithm | null {
  return ALGORITHMS.find((algorithm) => algorithm.oid === oid) ?? null;
}

/** AlgorithmIdentifier of a signature. */
export function signatureIdentifier({ oid, keyType }: SignatureAlgorithm): AlgorithmIdentifier {
  return keyType === 'rsa'
    ? new AlgorithmIdentifier({ algorithm: oid, parameters: DER_NULL.slice().buffer })
    : new AlgorithmIdentifier({ algorithm: oid });
}

/** Whether `signature` (DER for ECDSA) over `message` is the key's. Never throws on a damaged signature. */
export function signatureVerifies(
  { keyType, hash }: SignatureAlgorithm,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return key.asymmetricKeyType === keyType && verify(hash.replace('-', '').toLowerCase(), message, key, signature);
}

/** A SubjectPublicKeyInfo (DER) as a key. */
export function publicKeyOf(subjectPublicKeyInfo: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(subjectPublicKeyInfo), format: 'der', type: 'spki' });
}
