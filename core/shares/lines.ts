import { Refusal } from '../contract/errors.ts';
import { ALPHABET, capitals, charactersOf, symbolsOf } from './alphabet.ts';
import { checksumHolds } from './checksum.ts';
import { lineCheck, lineHolds, suggestion } from './line-check.ts';
import { LINE_LENGTH, PREFIX, TEXT_LENGTH, checkPrefix, parseShare, placeName } from './share.ts';

const GROUP_LENGTH = 4;
const CHECK_LENGTH = 2;
const LINE_COUNT = Math.ceil(TEXT_LENGTH / LINE_LENGTH);
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
  if (whole.length === TEXT_LENGTH) {
    parseShare(whole);
    return whole;
  }
  const lines =
    rows.length === LINE_COUNT
      ? rows.map((row, index) => unnumbered(row, index + 1))
      : whole.length === TYPED_LENGTH
        ? cut(whole, LINE_LENGTH + CHECK_LENGTH)
        : null;
  checkPrefix(lines?.join('') ?? whole, lines !== null);
  if (lines === null) {
    throw damaged(`${whole.length} characters were typed; a sheet has ${LINE_COUNT} lines, ${TYPED_LENGTH} characters`);
  }
  const text = lines.map((line, index) => readLine(line, index + 1)).join('');
  if (!checksumHolds(symbolsOf(text.slice(PREFIX.length)))) {
    throw damaged('each line checks, but the whole does not; compare every line');
  }
  parseShare(text);
  return text;
}

/** One typed line without its check characters, if they agree. */
function readLine(line: string, number: number): string {
  const length = typedLength(number);
  if (line.length !== length) throw damaged(`line ${number} has ${line.length} characters, not ${length}`);
  const symbols = symbolsOf(unprefixed(line, number));
  const strange = symbols.indexOf(-1);
  const readable = symbols.map((symbol) => Math.max(symbol, 0));
  if (strange === -1 && lineHolds(number, readable)) return line.slice(0, -CHECK_LENGTH);

  const offset = line.length - symbols.length;
  const name = (place: number) =>
    place + offset < length - CHECK_LENGTH ? placeName(place + offset) : 'the check characters';
  if (strange !== -1) {
    throw damaged(`line ${number}, ${name(strange)}: a character that no share has${hint()}`);
  }
  throw damaged(`line ${number} does not check${hint()}`);

  function hint(): string {
    // A character outside the alphabet was read as symbol 0 above: if that makes the line right, it is symbol 0.
    if (lineHolds(number, readable)) return `; it may be ${ALPHABET.charAt(0)}`;
    const change = suggestion(number, readable);
    if (change === null) return '';
    if ('lineNumber' in change) {
      const other = change.lineNumber;
      return strange === -1 && other >= 1 && other <= LINE_COUNT ? `; it looks like line ${other}` : '';
    }
    const character = ALPHABET.charAt(change.symbol);
    if (strange === -1) return `; ${name(change.place)} may be ${character}`;
    return change.place === strange ? `; it may be ${character}` : '';
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
function typedLength(number: number): number {
  return Math.min(LINE_LENGTH, TEXT_LENGTH - (number - 1) * LINE_LENGTH) + CHECK_LENGTH;
}

function cut(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}

function damaged(detail: string): Refusal {
  return new Refusal('SHARE_DAMAGED', { detail });
}
