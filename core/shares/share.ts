import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import { bytesOfSymbols, capitals, charactersOf, symbolsOf, symbolsOfBytes } from './alphabet.ts';
import { CHECKSUM_SYMBOLS, checksumHolds, checksumOf } from './checksum.ts';

export const PREFIX = 'CLV1';
/** Characters of a share's text: prefix 4, data 136, checksum 15. */
export const TEXT_LENGTH = 155;
/** Characters of the text on a printed line; the last line has fewer. */
export const LINE_LENGTH = 20;

/** Version 0, suite 1 of the format: scrypt, AES-256-GCM. */
const VERSION = 0x01;
/** The same of a dummy set, which recovers nothing. */
const EXERCISE_VERSION = 0x81;
const HEADER_BYTES = 37;
const CIPHERTEXT_BYTES = 32;
const TAG_BYTES = 16;
const SHARE_BYTES = HEADER_BYTES + CIPHERTEXT_BYTES + TAG_BYTES;
const LOG2N_LEAST = 10;
const LOG2N_MOST = 20;

/** What stands in the clear before the ciphertext; all of it is additional data of the encryption. */
export type ShareHeader = {
  threshold: number;
  shareCount: number;
  /** 1 to 255. */
  x: number;
  epoch: number;
  /** 16 bytes. */
  setId: Uint8Array;
  /** 16 bytes. */
  salt: Uint8Array;
  /** scrypt's cost: N = 2^log2N. */
  log2N: number;
  /** Of a dummy set. */
  exercise?: boolean | undefined;
};

/** A share as it stands on paper: y encrypted under the custodian's passphrase. Nothing in it is secret. */
export type SealedShare = ShareHeader & {
  /** 32 bytes. */
  ciphertext: Uint8Array;
  /** 16 bytes. */
  tag: Uint8Array;
};

/** The 37 header bytes. docs/formats/share.md, Layout. */
export function headerBytes(header: ShareHeader): Uint8Array {
  const fault = faultOf(header);
  if (fault !== null) throw new RangeError(`share header: ${String(fault['detail'])}`);
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set([
    header.exercise ? EXERCISE_VERSION : VERSION,
    (header.threshold << 4) | header.shareCount,
    header.x,
    header.epoch,
  ]);
  bytes.set(header.setId, 4);
  bytes.set(header.salt, 20);
  bytes[36] = header.log2N;
  return bytes;
}

/** A share's text: 155 characters, the same in the QR code and on the printed lines. */
export function writeShare(share: SealedShare): string {
  const bytes = new Uint8Array(SHARE_BYTES);
  bytes.set(headerBytes(share));
  bytes.set(share.ciphertext, HEADER_BYTES);
  bytes.set(share.tag, HEADER_BYTES + CIPHERTEXT_BYTES);
  const data = symbolsOfBytes(bytes);
  return PREFIX + charactersOf([...data, ...checksumOf(data)]);
}

/**
 * Reads a share's text: exactly 155 characters; small letters count as capitals. (Typed text goes through `readTyped` first.)
 * SHARE_UNKNOWN_FORMAT: not a share of this format. SHARE_DAMAGED: anything in it is wrong; the detail names the line where it can.
 */
export function parseShare(text: string): SealedShare {
  const characters = capitals(text);
  checkPrefix(characters, characters.length === TEXT_LENGTH);
  if (characters.length !== TEXT_LENGTH) {
    throw new Refusal('SHARE_DAMAGED', because('share.length', { count: characters.length, expected: TEXT_LENGTH }));
  }
  const symbols = symbolsOf(characters.slice(PREFIX.length));
  const strange = symbols.indexOf(-1);
  if (strange !== -1) {
    const place = PREFIX.length + strange;
    const line = Math.floor(place / LINE_LENGTH) + 1;
    throw new Refusal('SHARE_DAMAGED', because('share.noSuch', { line, ...placeOnLine(place % LINE_LENGTH) }));
  }
  if (!checksumHolds(symbols)) throw new Refusal('SHARE_DAMAGED', because('share.checksum'));
  const bytes = bytesOfSymbols(symbols.slice(0, -CHECKSUM_SYMBOLS));
  const exercise = bytes[0] === EXERCISE_VERSION;
  if (bytes[0] !== VERSION && !exercise) throw new Refusal('SHARE_UNKNOWN_FORMAT');
  const share = {
    threshold: (bytes[1] ?? 0) >> 4,
    shareCount: (bytes[1] ?? 0) & 15,
    x: bytes[2] ?? 0,
    epoch: bytes[3] ?? 0,
    setId: bytes.slice(4, 20),
    salt: bytes.slice(20, 36),
    log2N: bytes[36] ?? 0,
    ciphertext: bytes.slice(HEADER_BYTES, HEADER_BYTES + CIPHERTEXT_BYTES),
    tag: bytes.slice(HEADER_BYTES + CIPHERTEXT_BYTES),
    ...(exercise ? { exercise } : {}),
  };
  const fault = faultOf(share);
  if (fault !== null) throw new Refusal('SHARE_DAMAGED', fault);
  return share;
}

/**
 * SHARE_UNKNOWN_FORMAT, or SHARE_DAMAGED where a text of the right length has one character of the prefix wrong, or has
 * the prefix elsewhere (its 1 is in no other place).
 */
export function checkPrefix(characters: string, lengthFits: boolean): void {
  if (characters.startsWith(PREFIX)) return;
  const right = Array.from(PREFIX).filter((character, place) => characters[place] === character).length;
  const near = right === PREFIX.length - 1 || characters.includes(PREFIX);
  if (!lengthFits || !near) throw new Refusal('SHARE_UNKNOWN_FORMAT');
  throw new Refusal('SHARE_DAMAGED', because('share.prefix', { prefix: PREFIX }));
}

/** Where on its line a character stands: its group and its place in it, from 1; `place` counts from 0. */
export function placeOnLine(place: number): { group: number; character: number } {
  return { group: Math.floor(place / 4) + 1, character: (place % 4) + 1 };
}

function faultOf(header: ShareHeader): ErrorParams | null {
  const { threshold, shareCount, x, epoch, log2N } = header;
  if (!isWhole(x, 1, 255)) return because('share.x', { x });
  if (!isWhole(shareCount, 2, 15) || !isWhole(threshold, 2, shareCount)) {
    return because('share.threshold', { threshold, count: shareCount });
  }
  if (!isWhole(epoch, 0, 255)) return because('share.epoch', { epoch });
  if (!isWhole(log2N, LOG2N_LEAST, LOG2N_MOST)) return because('share.cost', { log2N });
  return null;
}

/** Whether a number is whole and from least to most. */
export function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
