import { AsnConvert } from '@peculiar/asn1-schema';
import { sameBytes } from './same-bytes.ts';

type Schema<T> = new () => T;

/** The DER of a value of one of the ASN.1 classes. */
export function derOf(value: unknown): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(value));
}

/** Some bytes as the ASN.1 classes hold them: a buffer of their own. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/**
 * Parses exactly one value in DER and nothing behind it: what encodes back to other bytes is not DER (X.690 10 and 11)
 * or carries something that nobody looked at. Null if it is anything else.
 */
export function parseDer<T>(bytes: Uint8Array, schema: Schema<T>): T | null {
  const value = parseBer(bytes, schema);
  try {
    return value !== null && sameBytes(derOf(value), bytes) ? value : null;
  } catch {
    // A damaged time or identifier is parsed and only then found to have no encoding.
    return null;
  }
}

/** As `parseDer`, but lets BER through: OpenSSL streams its messages in indefinite lengths. Null if it does not parse. */
export function parseBer<T>(bytes: Uint8Array, schema: Schema<T>): T | null {
  try {
    return AsnConvert.parse(bufferOf(bytes), schema);
  } catch {
    return null;
  }
}
