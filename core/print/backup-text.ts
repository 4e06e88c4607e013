import { createHash } from 'node:crypto';
import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import { ALPHABET, capitals, charactersOf, symbolsOf } from '../shares/alphabet.ts';
import { lineCheck } from '../shares/line-check.ts';

/**
 * Bytes as text for paper (docs/formats/backup.md): CLVB1 holds a wrapped key, CLVM1 the manifest file of a share set. Every
 * part is `prefix || base32(number[1] || count[1] || id[4] || chunk || check[8])`, in the bech32 alphabet in upper case.
 */
export type PartPrefix = 'CLVB1' | 'CLVM1';

const HEAD_BYTES = 6;
const CHECK_BYTES = 8;
/** At most 508 characters: QR version 20 at level H. */
export const CHUNK_BYTES = 300;
const MAX_PARTS = 32;
const LINE_CHARACTERS = 20;

/** Cuts `bytes` (1 to 9600) into parts of nearly equal length, in order. BACKUP_DAMAGED if there is nothing or too much. */
export function encodeParts(prefix: PartPrefix, bytes: Uint8Array): string[] {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  if (count < 1 || count > MAX_PARTS)
    throw new Refusal('BACKUP_DAMAGED', because('backup.size', { bytes: bytes.length }));
  const size = Math.ceil(bytes.length / count);
  const id = idOf(prefix, bytes);
  return Array.from({ length: count }, (_, index) => {
    const chunk = bytes.subarray(index * size, (index + 1) * size);
    const body = Buffer.concat([Uint8Array.of(index + 1, count), id, chunk]);
    return prefix + base32(Buffer.concat([body, checkOf(prefix, body)]));
  });
}

/** Puts the parts together, in any order and with repeats. BACKUP_DAMAGED names what is wrong; nothing is guessed. */
export function decodeParts(prefix: PartPrefix, texts: string[]): Uint8Array {
  const parts = new Map<number, Part>();
  let first: Part | undefined;
  for (const text of texts) {
    const part = parsePart(prefix, text);
    first ??= part;
    if (part.count !== first.count || !part.id.equals(first.id)) {
      throw new Refusal('BACKUP_DAMAGED', because('backup.different'));
    }
    if (parts.get(part.number)?.chunk.equals(part.chunk) === false) {
      throw new Refusal('BACKUP_DAMAGED', because('backup.twoWays', { number: part.number }));
    }
    parts.set(part.number, part);
  }
  if (!first) throw new Refusal('BACKUP_DAMAGED', because('backup.noCode', { prefix }));
  const { count, id } = first;
  const chunks = Array.from({ length: count }, (_, index) => {
    const part = parts.get(index + 1);
    if (!part) throw new Refusal('BACKUP_DAMAGED', because('backup.missing', { number: index + 1, count }));
    return part.chunk;
  });
  const bytes = new Uint8Array(Buffer.concat(chunks));
  if (!id.equals(idOf(prefix, bytes))) throw new Refusal('BACKUP_DAMAGED', because('backup.together'));
  return bytes;
}

type Part = { number: number; count: number; id: Buffer; chunk: Buffer };

function parsePart(prefix: PartPrefix, text: string): Part {
  const damaged = (why: ErrorParams) => new Refusal('BACKUP_DAMAGED', why);
  if (!text.startsWith(prefix)) throw damaged(because('backup.prefix', { prefix }));
  const bytes = unbase32(text.slice(prefix.length));
  if (!bytes || bytes.length <= HEAD_BYTES + CHECK_BYTES) throw damaged(because('backup.cut'));
  const body = bytes.subarray(0, -CHECK_BYTES);
  if (!checkOf(prefix, body).equals(bytes.subarray(-CHECK_BYTES))) throw damaged(because('backup.check'));
  const [number = 0, count = 0] = body;
  if (number < 1 || number > count || count > MAX_PARTS) throw damaged(because('backup.range'));
  return { number, count, id: body.subarray(2, HEAD_BYTES), chunk: body.subarray(HEAD_BYTES) };
}

/** A wrapped key as the texts of its codes. */
export function encodeBackup(blob: Uint8Array): string[] {
  return encodeParts('CLVB1', blob);
}

/** The wrapped key of some codes' texts. BACKUP_DAMAGED. */
export function decodeBackup(texts: string[]): Uint8Array {
  return decodeParts('CLVB1', texts);
}

/** A part in lines of five groups of four, each with two check characters, as it is printed for typing. */
export function backupLines(text: string): { number: number; groups: string[]; check: string }[] {
  return (text.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'gu')) ?? []).map((line, index) => ({
    number: index + 1,
    groups: line.match(/.{1,4}/gu) ?? [],
    check: checkOfLine(index + 1, line),
  }));
}

/**
 * A part of a backup typed from paper, line by line, each with its check characters last; white space and small letters do
 * not matter. BACKUP_DAMAGED names the first line that does not check.
 */
export function readBackupLines(lines: string[]): string {
  return lines
    .map((typed, index) => {
      const number = index + 1;
      const characters = capitals(typed.replace(/\s/gu, ''));
      const line = characters.slice(0, -2);
      const isLast = number === lines.length;
      const fits = isLast ? line.length > 0 && line.length <= LINE_CHARACTERS : line.length === LINE_CHARACTERS;
      const known = symbolsOf(number === 1 ? line.slice(5) : line).every((symbol) => symbol >= 0);
      const begins = number > 1 || line.startsWith('CLVB1');
      if (!fits || !known || !begins || characters.slice(-2) !== checkOfLine(number, line)) {
        throw new Refusal('BACKUP_DAMAGED', because('backup.line', { line: number }));
      }
      return line;
    })
    .join('');
}

function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function idOf(prefix: PartPrefix, bytes: Uint8Array): Buffer {
  return sha256(`${prefix} whole\0`, bytes).subarray(0, 4);
}

function checkOf(prefix: PartPrefix, body: Uint8Array): Buffer {
  return sha256(`${prefix} part\0`, body).subarray(0, CHECK_BYTES);
}

/** As on a share sheet (docs/formats/share.md, The printed lines). On line 1 the prefix is not counted: it has to be there as it is. */
function checkOfLine(number: number, line: string): string {
  const counted = number === 1 ? line.slice('CLVB1'.length) : line;
  return charactersOf(lineCheck(number, symbolsOf(counted)));
}

/** RFC 4648 base32 without padding, in the bech32 alphabet (BIP-173) in upper case. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((value >> (bits - 5)) & 31);
  }
  return bits > 0 ? text + ALPHABET.charAt((value << (5 - bits)) & 31) : text;
}

/** The bytes, or null for a foreign character, a stray last character or bits set where there should be none. */
function unbase32(text: string): Buffer | null {
  if ((text.length * 5) % 8 >= 5) return null;
  const bytes: number[] = [];
  let value = 0;
  let bits = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return null;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 255);
    }
  }
  return (value & ((1 << bits) - 1)) === 0 ? Buffer.from(bytes) : null;
}
