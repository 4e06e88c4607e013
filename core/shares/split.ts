import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { checkManifest, commitmentOf, equalsHex, keyCheckValueOf, setIdOf } from './commitment.ts';
import { openShare, sealShare } from './envelope.ts';
import { type ShareSetManifest, isOfExercise } from './manifest.ts';
import { normalisedPassphrase } from './passphrase.ts';
import type { Progress } from './progress.ts';
import { Y_BYTES, combineShares, splitSecret, xOf, yOf } from './shamir.ts';
import { type SealedShare, isWhole, parseShare, writeShare } from './share.ts';

export type SplitInput = {
  /** 32 bytes, guarded; the caller wipes it. */
  masterKey: Uint8Array;
  /** 16 bytes, hex. */
  masterKeyId: string;
  ceremony: string;
  threshold: number;
  shareCount: number;
  epoch: number;
  /** One a custodian, UTF-8; the caller wipes them. */
  passphrases: Uint8Array[];
  scryptLog2N: number;
  /** A dummy set: its shares and its manifest say so. */
  exercise?: boolean | undefined;
  progress?: Progress | undefined;
};

export type SplitMasterKey = {
  manifest: ShareSetManifest;
  /** The encrypted shares, in the order of the passphrases; `text` is 155 characters. */
  shares: { x: number; text: string }[];
  /** How many threshold-sized subsets were combined and gave the key-check value: all there are. */
  subsetsChecked: number;
};

/**
 * Splits the master key and encrypts each share under its custodian's passphrase. docs/formats/share.md, Creation.
 * Before it returns, every threshold-sized subset has given the key-check value and every text has been opened again.
 * All that is plain is wiped here, except the inputs. PASSPHRASE_REPEATED; SHARES_WRONG_SECRET if a subset fails.
 */
export async function splitMasterKey(input: SplitInput): Promise<SplitMasterKey> {
  const { masterKey, threshold, shareCount, passphrases } = input;
  if (masterKey.length !== Y_BYTES) throw new RangeError('a master key is 32 bytes');
  if (!isWhole(threshold, 2, shareCount)) throw new RangeError('threshold');
  if (passphrases.length !== shareCount) throw new RangeError('one passphrase a share');
  refuseRepeated(passphrases);

  const plainShares = await splitSecret(masterKey, shareCount, threshold);
  try {
    const manifest = manifestOf(input, plainShares);
    const subsetsChecked = await checkSubsets(plainShares, manifest);
    const sealed: SealedShare[] = [];
    for (const [index, plainShare] of plainShares.entries()) {
      sealed.push(await sealAndReopen(plainShare, passphrases[index] ?? new Uint8Array(), manifest, input.scryptLog2N));
      input.progress?.(index + 1, shareCount);
    }
    const salts = new Set(sealed.map(({ salt }) => Buffer.from(salt).toString('hex')));
    if (salts.size !== shareCount) throw new Error('two shares have the same salt');
    return { manifest, shares: sealed.map((share) => ({ x: share.x, text: writeShare(share) })), subsetsChecked };
  } finally {
    wipe(...plainShares);
  }
}

/** PASSPHRASE_REPEATED. The caller wipes the passphrases. */
export function refuseRepeated(passphrases: Uint8Array[]): void {
  const normalised = passphrases.map(normalisedPassphrase);
  const repeated = normalised.some(
    (one, index) => one !== null && normalised.slice(0, index).some((other) => other !== null && areEqual(one, other)),
  );
  wipe(...normalised);
  if (repeated) throw new Refusal('PASSPHRASE_REPEATED');
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function manifestOf(input: SplitInput, plainShares: Uint8Array[]): ShareSetManifest {
  const { masterKeyId, ceremony, threshold, shareCount, epoch } = input;
  const described = {
    format: input.exercise ? ('CLV1-EXERCISE' as const) : ('CLV1' as const),
    masterKeyId,
    ceremony,
    threshold,
    shareCount,
    epoch,
    keyCheckValue: hex(keyCheckValueOf(input.masterKey, input)),
    shares: plainShares
      .map((plainShare) => ({ x: xOf(plainShare), y: yOf(plainShare) }))
      .map(({ x, y }) => ({ x, commitment: hex(commitmentOf({ ceremony, epoch, x, y })) }))
      .sort((one, other) => one.x - other.x),
  };
  const manifest = { ...described, setId: hex(setIdOf(described)) };
  checkManifest(manifest);
  return manifest;
}

/** How many threshold-sized subsets there are, each combined and compared. SHARES_WRONG_SECRET. */
async function checkSubsets(plainShares: Uint8Array[], manifest: ShareSetManifest): Promise<number> {
  const secret = guarded(Y_BYTES);
  let checked = 0;
  try {
    for (const subset of subsetsOf(plainShares, manifest.threshold)) {
      await combineShares(subset, secret);
      if (!equalsHex(keyCheckValueOf(secret, manifest), manifest.keyCheckValue)) {
        throw new Refusal('SHARES_WRONG_SECRET');
      }
      checked += 1;
    }
  } finally {
    wipe(secret);
  }
  return checked;
}

function* subsetsOf<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size === 0) yield [];
  else {
    for (const [index, item] of items.entries()) {
      for (const rest of subsetsOf(items.slice(index + 1), size - 1)) yield [item, ...rest];
    }
  }
}

/** Encrypts a share, and opens what its text says again: the share on paper is the share that was made. */
export async function sealAndReopen(
  plainShare: Uint8Array,
  passphrase: Uint8Array,
  manifest: ShareSetManifest,
  scryptLog2N: number,
): Promise<SealedShare> {
  const { threshold, shareCount, epoch } = manifest;
  const setId = new Uint8Array(Buffer.from(manifest.setId, 'hex'));
  const exercise = isOfExercise(manifest);
  const header = { threshold, shareCount, x: xOf(plainShare), epoch, setId, log2N: scryptLog2N, exercise };
  const sealed = await sealShare(header, yOf(plainShare), passphrase);
  const reopened = await openShare(parseShare(writeShare(sealed)), passphrase);
  const same = timingSafeEqual(reopened, plainShare);
  wipe(reopened);
  if (!same) throw new Error('a share does not open to what was sealed');
  return sealed;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
