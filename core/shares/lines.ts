import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import { ALPHABET, capitals, charactersOf, symbolsOf } from './alphabet.ts';
import { checksumHolds } from './checksum.ts';
import { lineCheck, lineHolds, suggestion } from './line-check.ts';
import { LINE_LENGTH, PREFIX, TEXT_LENGTH, checkPrefix, parseShare, placeOnLine } from './share.ts';

const GROUP_LENGTH = 4;
const CHECK_LENGTH = 2;
export const LINE_COUNT = Math.ceil(TEXT_LENGTH / LINE_LENGTH);
const TYPED_LENGTH = TEXT_LENGTH + LINE_COUNT * CHECK_LENGTH;

/** One printed line: five groups of four characters (the last line three of four and one of three) and its check. */
export type ShareLine = { number: number; groups: string[]; check: string };

/** The 8 printed lines of a share's text. docs/formats/share.md, The printed lines. */
export function shareLines(text: string): ShareLine[] {
  return cut(text, LINE_LENGTH).map((line, index) => ({
    number: index + 1,
    groups: cut(line, GROUP_LENGTH),
    check: charactersOf(lineCheck(index + 1, symbolsOf(unprefixed(line, index + 1)))),
  }));
}

/**
 * What a person typed from a sheet, as the 155 characters: either these, or the 8 lines with their check characters
 * (and, as it may be, the line numbers in front), with any white space and in small letters or capitals. Nothing is corrected.
 * SHARE_UNKNOWN_FORMAT: it does not begin like a share. SHARE_DAMAGED: the detail names the line and may suggest a correction.
 */
export function readTyped(typed: string): string {
  const rows = capitals(typed)
    .split(/[\r\n]+/)
    .map((row) => row.replace(/\s+/g, ''))
    .filter((row) => row !== '');
  const whole = rows.join('');
  // With line numbers in front, the count of characters says nothing: no share's text begins with a 1.
  const numbered = whole.startsWith('1C');
  if (whole.length === TEXT_LENGTH && !numbered && !areLines(rows)) {
    parseShare(whole);
    return whole;
  }
  const lines =
    rows.length === LINE_COUNT
      ? rows.map((row, index) => unnumbered(row, index + 1))
      : whole.length === TYPED_LENGTH && !numbered
        ? cut(whole, LINE_LENGTH + CHECK_LENGTH)
        : null;
  const characters = lines?.join('') ?? unnumbered(whole, 1);
  if (!characters.startsWith(PREFIX) && isShareInLines(lines ?? likelyLines(rows))) {
    throw damaged(because('share.prefix', { prefix: PREFIX }));
  }
  checkPrefix(characters, lines !== null);
  if (lines === null) {
    // Names the first line that is wrong, if lines can be told at all: one that was left out, or the one with a character too few.
    for (const [index, line] of likelyLines(rows).entries()) readLine(line, index + 1);
    throw damaged(because('typed.length', { count: whole.length, lines: LINE_COUNT, expected: TYPED_LENGTH }));
  }
  const text = lines.map((line, index) => readLine(line, index + 1)).join('');
  if (!checksumHolds(symbolsOf(text.slice(PREFIX.length)))) {
    throw damaged(because('typed.whole'));
  }
  parseShare(text);
  return text;
}

/** Rows that are not a sheet's eight, as the lines that they seem to be; none where that cannot be told. */
function likelyLines(rows: string[]): string[] {
  const whole = rows.join('');
  if (areLines(rows)) return rows.slice(0, LINE_COUNT).map((row, index) => unnumbered(row, index + 1));
  const checked = Math.abs(whole.length - TYPED_LENGTH) < Math.abs(whole.length - TEXT_LENGTH);
  return checked && !whole.startsWith('1C') ? cut(whole, LINE_LENGTH + CHECK_LENGTH).slice(0, LINE_COUNT) : [];
}

/** Whether three lines or more check as one of a share's, in whatever order: then it is a share, whatever stands on its first line. */
function isShareInLines(lines: string[]): boolean {
  const numbers = Array.from({ length: LINE_COUNT - 1 }, (_, index) => index + 2);
  const checking = lines.map(symbolsOf).filter((symbols) => {
    return (
      symbols.length > CHECK_LENGTH && !symbols.includes(-1) && numbers.some((number) => lineHolds(number, symbols))
    );
  });
  return checking.length > 2;
}

/** Whether rows are typed lines with their check characters, all but two of them about as long as one (a text in lines of 20 is not). */
function areLines(rows: string[]): boolean {
  const alike = rows.filter((row) => row.length > LINE_LENGTH && row.length <= LINE_LENGTH + CHECK_LENGTH + 2);
  return rows.length > 3 && alike.length >= rows.length - 2;
}

/** What is wrong with a line; places count its characters from 0, check characters included. Suggestions are for a person to compare. */
export type LineFault =
  | { kind: 'length'; count: number; expected: number }
  /** Line 1 does not begin with the prefix, which its check characters do not count. */
  | { kind: 'prefix' }
  /** A character that no share has. `may`: the one that would make the line right. */
  | { kind: 'strange'; place: number; may: string | null }
  /** The check characters do not agree. `suggestion`: the one change that would make them, or the line that this may be. */
  | { kind: 'wrong'; suggestion: { place: number; may: string } | { line: number } | null };

/**
 * One line as a person ends it, check characters included; white space, small letters and the printed number in front do not
 * count. Null if it checks.
 */
export function faultInLine(typed: string, number: number): LineFault | null {
  return faultOf(unnumbered(capitals(typed).replace(/\s+/g, ''), number), number);
}

function faultOf(line: string, number: number): LineFault | null {
  const expected = typedLength(number);
  if (line.length !== expected) return { kind: 'length', count: line.length, expected };
  if (number === 1 && !line.startsWith(PREFIX)) return { kind: 'prefix' };
  const symbols = symbolsOf(unprefixed(line, number));
  const offset = line.length - symbols.length;
  const strange = symbols.indexOf(-1);
  const readable = symbols.map((symbol) => Math.max(symbol, 0));
  if (lineHolds(number, readable)) {
    // A character outside the alphabet was read as symbol 0: if that makes the line right, it is symbol 0.
    return strange === -1 ? null : { kind: 'strange', place: strange + offset, may: ALPHABET.charAt(0) };
  }
  const change = suggestion(number, readable);
  if (strange !== -1) {
    const may = change && 'place' in change && change.place === strange ? ALPHABET.charAt(change.symbol) : null;
    return { kind: 'strange', place: strange + offset, may };
  }
  if (change === null) return { kind: 'wrong', suggestion: null };
  if ('place' in change) {
    return { kind: 'wrong', suggestion: { place: change.place + offset, may: ALPHABET.charAt(change.symbol) } };
  }
  const other = change.lineNumber;
  return { kind: 'wrong', suggestion: other >= 1 && other <= LINE_COUNT ? { line: other } : null };
}

/** Where a character of a line stands: its group and its place in it, from 1; null among the check characters. */
export function groupOf(place: number, number: number): { group: number; character: number } | null {
  if (place >= typedLength(number) - CHECK_LENGTH) return null;
  return placeOnLine(place);
}

/** One typed line without its check characters, if they agree. */
function readLine(line: string, number: number): string {
  const fault = faultOf(line, number);
  if (fault === null) return line.slice(0, -CHECK_LENGTH);
  // Group 0 are the check characters.
  const where = (place: number) => groupOf(place, number) ?? { group: 0, character: 0 };
  switch (fault.kind) {
    case 'length':
      throw damaged(because('line.length', { line: number, count: fault.count, expected: fault.expected }));
    case 'prefix':
      throw damaged(because('share.prefix', { prefix: PREFIX }));
    case 'strange': {
      const at = { line: number, ...where(fault.place) };
      throw damaged(
        fault.may === null ? because('line.strange', at) : because('line.strangeMay', { ...at, may: fault.may }),
      );
    }
    case 'wrong': {
      const change = fault.suggestion;
      if (change === null) throw damaged(because('line.wrong', { line: number }));
      if ('line' in change) throw damaged(because('line.other', { line: number, other: change.line }));
      throw damaged(because('line.wrongMay', { line: number, ...where(change.place), may: change.may }));
    }
  }
}

/** The characters that a line's check counts: on line 1 not the prefix, whose 1 is no symbol. */
function unprefixed(line: string, number: number): string {
  return number === 1 ? line.slice(PREFIX.length) : line;
}

/** A row without the printed line number in front, where it is one character too long, or plainly numbered (line 1). */
function unnumbered(row: string, number: number): string {
  const numbered = number === 1 ? row.startsWith('1C') : row.length === typedLength(number) + 1;
  return numbered && row.startsWith(String(number)) ? row.slice(1) : row;
}

/** How many characters a line has with its check characters. */
export function typedLength(number: number): number {
  return Math.min(LINE_LENGTH, TEXT_LENGTH - (number - 1) * LINE_LENGTH) + CHECK_LENGTH;
}

function cut(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}

function damaged(why: ErrorParams): Refusal {
  return new Refusal('SHARE_DAMAGED', why);
}
