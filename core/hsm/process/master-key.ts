import { hkdfSync, randomFillSync } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import { type SplitMasterKey, splitMasterKey } from '../../shares/split.ts';
import type { KeyRecord, Token } from '../token.ts';

/** RFC 5869 `info`: this output is a master key and nothing else. */
const INFO = 'claviger master key v1';

export type MadeMasterKey = SplitMasterKey & { key: KeyRecord; entropySources: string[] };

/**
 * Makes the master key, splits it, and imports it into the token; it exists in the clear only in here. The shares come
 * out encrypted. If anything is refused on the way, the token holds no master key and nothing of it remains.
 * The caller wipes the passphrases (UTF-8, one a share). KEY_EXISTS, PASSPHRASE_REPEATED, and the token's refusals.
 */
export async function makeMasterKey(
  token: Token,
  input: {
    label: string;
    masterKeyId: string;
    ceremony: string;
    threshold: number;
    shareCount: number;
    epoch: number;
    passphrases: Uint8Array[];
    scryptLog2N: number;
  },
): Promise<MadeMasterKey> {
  const { label, ...split } = input;
  if (token.inventory().some((key) => key.label === label)) throw new Refusal('KEY_EXISTS', { label });
  const masterKey = guarded(32);
  try {
    drawMasterKey(token, masterKey);
    const shared = await splitMasterKey({ masterKey, ...split });
    // Imported last: until every subset is checked there is nothing on the token to undo.
    const key = token.importMasterKey(label, masterKey);
    return { key, ...shared, entropySources: entropySources(token) };
  } finally {
    wipe(masterKey);
  }
}

/** HKDF-SHA-256 (RFC 5869) over both sources, 32 bytes each: one honest source is enough. */
function drawMasterKey(token: Token, into: Uint8Array): void {
  const sources = guarded(64);
  try {
    token.random(sources.subarray(0, 32));
    randomFillSync(sources, 32, 32);
    const derived = new Uint8Array(hkdfSync('sha256', sources, new Uint8Array(32), INFO, 32));
    into.set(derived);
    wipe(derived);
  } finally {
    wipe(sources);
  }
}

function entropySources(token: Token): string[] {
  const { kind, manufacturer, model } = token.info();
  // A software token has no generator of its own, and nobody should read that it had.
  return kind === 'pkcs11' ? [`${manufacturer} ${model}`, 'operating system'] : ['operating system'];
}
