import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type ErrorCode, type ErrorParams, Refusal } from '../../core/contract/errors.ts';
import { guarded } from '../../core/process/guarded.ts';
import { charactersOf, symbolsOfBytes } from '../../core/shares/alphabet.ts';
import { checksumOf } from '../../core/shares/checksum.ts';
import { commitmentOf, keyCheckValueOf, setIdOf } from '../../core/shares/commitment.ts';
import { sealShare } from '../../core/shares/envelope.ts';
import type { ShareSetManifest } from '../../core/shares/manifest.ts';
import { PREFIX, writeShare } from '../../core/shares/share.ts';
import { type SplitInput, splitMasterKey } from '../../core/shares/split.ts';

/** The committed sample set: public, and the same for every run. */
export type Golden = {
  masterKey: string;
  manifest: ShareSetManifest;
  shares: { x: number; passphrase: string; text: string; lines: string[]; y: string }[];
};
export const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as Golden;

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** A master key for tests, in guarded memory. */
export function masterKeyOf(fill: (index: number) => number): Uint8Array {
  const key = guarded(32);
  for (let index = 0; index < 32; index++) key[index] = fill(index) & 255;
  return key;
}

export const COST = 10;

export function splitInput(changes: Partial<SplitInput> = {}): SplitInput {
  const shareCount = changes.shareCount ?? 5;
  return {
    masterKey: masterKeyOf((index) => 200 - 3 * index),
    masterKeyId: 'f'.repeat(32),
    ceremony: 'test-ceremony',
    threshold: 3,
    shareCount,
    epoch: 1,
    passphrases: Array.from({ length: shareCount }, (_, index) => utf8(`passphrase number ${index}`)),
    scryptLog2N: COST,
    ...changes,
  };
}

export type Given = { text: string; passphrase: Uint8Array };

/** A fresh set, its shares in the form in which recovery takes them. */
export async function freshSet(changes: Partial<SplitInput> = {}) {
  const input = splitInput(changes);
  const { manifest, shares, subsetsChecked } = await splitMasterKey(input);
  const given: Given[] = shares.map(({ text }, index) => ({
    text,
    passphrase: input.passphrases[index] ?? new Uint8Array(),
  }));
  return { input, manifest, shares, given, subsetsChecked };
}

/** Any 85 bytes as a text with a right checksum: what only a forger or a bug writes. */
export function textOfBytes(bytes: Uint8Array): string {
  const data = symbolsOfBytes(bytes);
  return PREFIX + charactersOf([...data, ...checksumOf(data)]);
}

/** A set sealed from chosen points, with a key-check value of a chosen key: a manifest without contradiction, right or not. */
export async function forgedSet(points: { x: number; y: Uint8Array }[], threshold: number, key: Uint8Array) {
  const described = {
    format: 'CLV1' as const,
    masterKeyId: '0'.repeat(32),
    ceremony: 'forged',
    threshold,
    shareCount: points.length,
    epoch: 0,
    keyCheckValue: hexOf(keyCheckValueOf(key, { ceremony: 'forged', epoch: 0 })),
    shares: points
      .map(({ x, y }) => ({ x, commitment: hexOf(commitmentOf({ ceremony: 'forged', epoch: 0, x, y })) }))
      .sort((one, other) => one.x - other.x),
  };
  const manifest: ShareSetManifest = { ...described, setId: hexOf(setIdOf(described)) };
  const given: Given[] = [];
  for (const { x, y } of points) {
    const passphrase = utf8(`forged passphrase ${x}`);
    const header = { threshold, shareCount: points.length, x, epoch: 0, setId: bytesOf(manifest.setId), log2N: COST };
    given.push({ text: writeShare(await sealShare(header, y, passphrase)), passphrase });
  }
  return { manifest, given };
}

/** The refusal of some work; anything else fails the test. */
export async function refusalOf(work: () => unknown): Promise<Refusal> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return expect.fail('nothing was refused');
}

export async function expectRefusal(work: () => unknown, code: ErrorCode, params?: ErrorParams): Promise<void> {
  const refusal = await refusalOf(work);
  expect(refusal.code).toBe(code);
  // Its reason is there as an id and its values too (core/contract/because.ts).
  if (params) expect(refusal.params).toMatchObject(params);
}

/** The items at some indexes. */
export function pick<T, Indexes extends number[]>(items: readonly T[], ...indexes: Indexes) {
  return indexes.map((index) => {
    const item = items[index];
    if (item === undefined) throw new RangeError(`no item ${index}`);
    return item;
  }) as { [Place in keyof Indexes]: T };
}

/** 32 bytes of guarded memory that hold nothing (fresh guarded memory is filled with a pattern). */
export function emptyKey(): Uint8Array {
  return guarded(32).fill(0);
}
