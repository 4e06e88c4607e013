import canonicalize from 'canonicalize';
import { Refusal } from '../contract/errors.ts';
import type { EncryptionContext } from '../kms/provider.ts';
import { joinParts, openBytes, sealBytes, splitParts } from '../process/aes-gcm.ts';
import { wipe } from '../process/guarded.ts';
import type { DataKeys } from './data-keys.ts';

/** One value of somebody else's table, encrypted where it stands. docs/formats/sealed-file.md. */

const PREFIX = 'clvf1.';
const LENGTH_BYTES = 2;

/** Whether a text is an encrypted field, from its beginning. */
export const isField = (text: string): boolean => text.startsWith(PREFIX);

/** A value under a data key of its own, as a text of one line; it opens in this context alone. The caller wipes `value`. */
export async function encryptField(keys: DataKeys, context: EncryptionContext, value: Uint8Array): Promise<string> {
  const { plaintext: key, ciphertext: wrapped } = await keys.generateDataKey(context);
  try {
    const head = new Uint8Array(LENGTH_BYTES + wrapped.length);
    new DataView(head.buffer).setUint16(0, wrapped.length);
    head.set(wrapped, LENGTH_BYTES);
    const sealed = joinParts(sealBytes(key, value, additional(context)));
    return PREFIX + Buffer.concat([head, sealed]).toString('base64url');
  } finally {
    wipe(key);
  }
}

/** The value in guarded memory, which the caller wipes. FIELD_DAMAGED; what the keys refuse: KMS_UNOPENED for another context, for one. */
export async function decryptField(keys: DataKeys, context: EncryptionContext, text: string): Promise<Uint8Array> {
  const bytes = isField(text) ? Buffer.from(text.slice(PREFIX.length), 'base64url') : null;
  // The same bytes have one text alone.
  if (!bytes || bytes.length < LENGTH_BYTES || PREFIX + bytes.toString('base64url') !== text) throw damaged();
  const end = LENGTH_BYTES + bytes.readUInt16BE(0);
  const parts = splitParts(bytes.subarray(Math.min(end, bytes.length)));
  if (!parts) throw damaged();
  const key = await keys.decrypt(bytes.subarray(LENGTH_BYTES, end), context);
  try {
    const value = key.length === 32 ? openBytes(key, parts, additional(context)) : null;
    if (!value) throw damaged();
    return value;
  } finally {
    wipe(key);
  }
}

function additional(context: EncryptionContext): Uint8Array {
  return new TextEncoder().encode(canonicalize(context));
}

function damaged(): Refusal {
  return new Refusal('FIELD_DAMAGED');
}
