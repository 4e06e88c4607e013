import { Refusal } from '../../contract/errors.ts';
import { wipe } from '../../process/guarded.ts';
import type { Token } from '../token.ts';
import type { TokenCallInput, TokenCallOutput } from './protocol.ts';
import { openFromTransport, sealForTransport } from './transport.ts';

/** A data key that came under the transport key, encrypted by a KEK of the token. INPUT_INVALID, and what the token refuses. */
export function encryptDataKey(
  token: Token,
  transportKey: Uint8Array,
  { label, plain, additionalData }: TokenCallInput<'encrypt'>,
): TokenCallOutput['encrypt'] {
  const secret = openFromTransport(transportKey, plain, 'to the token');
  if (!secret) throw new Refusal('INPUT_INVALID', { detail: 'not under the transport key' });
  try {
    const { iv, ciphertext } = token.encrypt(label, secret, Buffer.from(additionalData, 'base64'));
    return { iv: Buffer.from(iv).toString('base64'), ciphertext: Buffer.from(ciphertext).toString('base64') };
  } finally {
    wipe(secret);
  }
}

/** The opposite. CIPHERTEXT_UNOPENED, and what the token refuses. */
export function decryptDataKey(
  token: Token,
  transportKey: Uint8Array,
  { label, iv, ciphertext, additionalData }: TokenCallInput<'decrypt'>,
): TokenCallOutput['decrypt'] {
  const encrypted = { iv: Buffer.from(iv, 'base64'), ciphertext: Buffer.from(ciphertext, 'base64') };
  const secret = token.decrypt(label, encrypted, Buffer.from(additionalData, 'base64'));
  try {
    return { plain: sealForTransport(transportKey, secret, 'from the token') };
  } finally {
    wipe(secret);
  }
}
