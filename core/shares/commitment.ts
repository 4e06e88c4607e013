import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import type { ShareSetManifest } from './manifest.ts';
import { isWhole } from './share.ts';

/**
 * What makes a set checkable in public: commitments, key-check value, set id. docs/formats/share.md, Creation.
 * Hash commitments hide computationally: right for a uniform 256-bit key, never for anything that can be guessed.
 */
const ID_BYTES = 16;

/** C_x (32 bytes) of a plain share; the caller wipes y (32 bytes). */
export function commitmentOf(share: { ceremony: string; epoch: number; x: number; y: Uint8Array }): Uint8Array {
  const fields = ['claviger/CLV1/commitment', share.ceremony, [share.epoch], [share.x], share.y];
  return absorb(createHash('sha256'), fields).digest();
}

/** The key-check value (16 bytes) of a master key (32 bytes), which the caller wipes. */
export function keyCheckValueOf(masterKey: Uint8Array, set: { ceremony: string; epoch: number }): Uint8Array {
  const fields = ['claviger/CLV1/key-check', set.ceremony, [set.epoch]];
  return absorb(createHmac('sha256', masterKey), fields).digest().subarray(0, ID_BYTES);
}

/** The set id (16 bytes) of a manifest, whatever set id stands in it. */
export function setIdOf(manifest: Omit<ShareSetManifest, 'setId'>): Uint8Array {
  const fields = [
    // Not that of the same set as the other kind: a dummy set is never taken for a real one.
    `claviger/${manifest.format}/set`,
    Buffer.from(manifest.masterKeyId, 'hex'),
    manifest.ceremony,
    [manifest.threshold],
    [manifest.shareCount],
    [manifest.epoch],
    ...manifest.shares.flatMap(({ x, commitment }) => [[x], Buffer.from(commitment, 'hex')]),
    Buffer.from(manifest.keyCheckValue, 'hex'),
  ];
  return absorb(createHash('sha256'), fields).digest().subarray(0, ID_BYTES);
}

/** Compares bytes in constant time with what a manifest says in hex. */
export function equalsHex(bytes: Uint8Array, hex: string): boolean {
  return timingSafeEqual(bytes, Buffer.from(hex, 'hex'));
}

/**
 * MANIFEST_INVALID: out of range, out of order, or the set id is not that of the rest. It proves nothing about who made
 * the manifest: that is its signature's part.
 */
export function checkManifest(manifest: ShareSetManifest): void {
  const fault = faultOf(manifest);
  if (fault !== null) throw new Refusal('MANIFEST_INVALID', { detail: fault });
}

function faultOf(manifest: ShareSetManifest): string | null {
  const { threshold, shareCount, epoch, shares } = manifest;
  // It comes from a file: its format is a string until this line has looked.
  if (!['CLV1', 'CLV1-EXERCISE'].includes(manifest.format)) return 'its format is not CLV1';
  if (!isHex(manifest.masterKeyId, ID_BYTES)) return 'its master-key id is not 16 bytes in hex';
  if (!isHex(manifest.setId, ID_BYTES)) return 'its set id is not 16 bytes in hex';
  if (!isHex(manifest.keyCheckValue, ID_BYTES)) return 'its key-check value is not 16 bytes in hex';
  if (manifest.ceremony === '' || !manifest.ceremony.isWellFormed()) return 'its ceremony is not a name';
  if (!isWhole(shareCount, 2, 15) || !isWhole(threshold, 2, shareCount)) {
    return `its threshold is ${threshold} of ${shareCount}`;
  }
  if (!isWhole(epoch, 0, 255)) return `its epoch is ${epoch}`;
  if (shares.length !== shareCount) return `it lists ${shares.length} shares of ${shareCount}`;
  let last = 0;
  for (const { x, commitment } of shares) {
    if (!isWhole(x, last + 1, 255)) return `its shares are not in ascending order of x from 1 to 255`;
    if (!isHex(commitment, 32)) return `its commitment to share ${x} is not 32 bytes in hex`;
    last = x;
  }
  if (!equalsHex(setIdOf(manifest), manifest.setId)) return 'its set id is not that of its contents';
  return null;
}

function isHex(text: string, length: number): boolean {
  return text.length === 2 * length && /^[0-9a-f]*$/.test(text);
}

/** Each field behind its length in bytes (4 bytes, big-endian), so that no two lists of fields look alike. */
function absorb<Digest extends { update(bytes: Uint8Array): unknown }>(
  digest: Digest,
  fields: (string | number[] | Uint8Array)[],
): Digest {
  for (const field of fields) {
    // y goes in as it is: a copy would stay behind.
    const bytes =
      typeof field === 'string' ? Buffer.from(field, 'utf8') : Array.isArray(field) ? Buffer.from(field) : field;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length);
    digest.update(bytes);
  }
  return digest;
}
