import { guardedCopy } from '../process/guarded.ts';

/**
 * A passphrase (UTF-8) in Unicode NFKD, in guarded memory; null if it is not UTF-8. The caller wipes both.
 * Pure ASCII is its own NFKD and never becomes a string. Anything else does for the length of this call, because only
 * a JavaScript string can be normalised, and that string cannot be overwritten. docs/formats/share.md, Threat model.
 */
export function normalisedPassphrase(passphrase: Uint8Array): Uint8Array | null {
  if (passphrase.every((byte) => byte < 128)) return guardedCopy(passphrase);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(passphrase);
  } catch {
    return null;
  }
  const bytes = new TextEncoder().encode(text.normalize('NFKD'));
  const normalised = guardedCopy(bytes);
  bytes.fill(0);
  return normalised;
}
