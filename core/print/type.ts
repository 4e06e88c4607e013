import { runsOf, useFont, type Face } from './fonts.ts';

/** Setting type: every text stands on a baseline that the caller names, in points from the top of the page. */

export type Doc = PDFKit.PDFDocument;

/** Ink on paper. Colour never carries a meaning alone. */
export const COLOURS = {
  ink: '#1b1d21',
  soft: '#50545c',
  line: '#b9b4a6',
  tint: '#ebe7dc',
  training: '#f7edcd',
  trainingA: '#f3e2ac',
  trainingB: '#e3c15f',
  trainingInk: '#3d2f00',
  code: '#000000',
} as const;

export type Style = { face: Face; size: number; colour?: string };

export const STYLES = {
  title: { face: 'bold', size: 21 },
  heading: { face: 'bold', size: 12 },
  subtitle: { face: 'regular', size: 11 },
  label: { face: 'regular', size: 8.5, colour: COLOURS.soft },
  value: { face: 'bold', size: 10 },
  mono: { face: 'mono', size: 8.5 },
  body: { face: 'regular', size: 8.5 },
  strong: { face: 'bold', size: 8.5 },
  small: { face: 'regular', size: 7.5, colour: COLOURS.soft },
  smallMono: { face: 'mono', size: 7, colour: COLOURS.soft },
} as const satisfies Record<string, Style>;

export function widthOf(doc: Doc, text: string, style: Style): number {
  let width = 0;
  for (const run of runsOf(style.face, text)) {
    useFont(doc, style.face, run.source);
    width += doc.fontSize(style.size).widthOfString(run.text);
  }
  return width;
}

/** Sets one line. With `width` it is made smaller until it fits, so that no name is ever cut. */
export function put(
  doc: Doc,
  text: string,
  x: number,
  baseline: number,
  style: Style,
  options: { align?: 'left' | 'centre' | 'right'; width?: number } = {},
): void {
  const natural = widthOf(doc, text, style);
  const fitting = options.width !== undefined && natural > options.width ? options.width / natural : 1;
  const size = style.size * fitting;
  const shift = { left: 0, centre: 0.5, right: 1 }[options.align ?? 'left'] * natural * fitting;
  let at = x - shift;
  doc.fillColor(style.colour ?? COLOURS.ink);
  for (const run of runsOf(style.face, text)) {
    useFont(doc, style.face, run.source);
    doc.fontSize(size).text(run.text, at, baseline, { lineBreak: false, baseline: 'alphabetic' });
    at += doc.widthOfString(run.text);
  }
}

/** Breaks a text at spaces; a word longer than the line is broken where the line ends. */
export function wrap(doc: Doc, text: string, width: number, style: Style): string[] {
  const lines: string[] = [];
  let line = '';
  const fits = (candidate: string) => widthOf(doc, candidate, style) <= width;
  for (const word of text.split(/\s+/u).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const piece of fits(word) ? [word] : pieces(doc, word, width, style)) {
      if (line !== '') lines.push(line);
      line = piece;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** A word that is longer than a line, cut where each line is full. */
function pieces(doc: Doc, word: string, width: number, style: Style): string[] {
  const cut: string[] = [];
  let piece = '';
  let last = '';
  let used = 0;
  for (const character of word) {
    // With the character before it, because the two may be set closer or wider than alone.
    used += widthOf(doc, last + character, style) - widthOf(doc, last, style);
    if (piece !== '' && used > width) {
      cut.push(piece);
      piece = '';
      used = widthOf(doc, character, style);
    }
    piece += character;
    last = character;
  }
  return [...cut, piece];
}

/** The same number of lines as `wrap`, as even as they go: a centred last line of one word looks like a mistake. */
function balanced(doc: Doc, text: string, width: number, style: Style): string[] {
  let best = wrap(doc, text, width, style);
  const count = best.length;
  for (let narrower = width - 2; narrower > width / 2; narrower -= 2) {
    const lines = wrap(doc, text, narrower, style);
    if (lines.length > count) break;
    best = lines;
  }
  return best;
}

/** Sets a wrapped text and answers the baseline after its last line. */
export function paragraph(
  doc: Doc,
  text: string,
  x: number,
  baseline: number,
  width: number,
  style: Style,
  options: { align?: 'left' | 'centre'; leading?: number } = {},
): number {
  const leading = options.leading ?? Math.round(style.size * 1.3 * 2) / 2;
  let at = baseline;
  const lines = options.align === 'centre' ? balanced(doc, text, width, style) : wrap(doc, text, width, style);
  for (const line of lines) {
    put(doc, line, options.align === 'centre' ? x + width / 2 : x, at, style, { align: options.align ?? 'left' });
    at += leading;
  }
  return at;
}

/** A label and its value on one baseline. */
export function field(
  doc: Doc,
  label: string,
  value: string,
  box: { x: number; baseline: number; labelWidth: number; width: number },
  style: Style = STYLES.value,
): void {
  put(doc, label, box.x, box.baseline, STYLES.label, { width: box.labelWidth - 4 });
  put(doc, value, box.x + box.labelWidth, box.baseline, style, { width: box.width - box.labelWidth });
}

/** Hex in groups of eight, as people compare it. */
export function groupedHex(hex: string, size = 8): string {
  return hex.match(new RegExp(`.{1,${size}}`, 'gu'))?.join(' ') ?? '';
}

/** Words to read aloud, in fours. */
export function groupedWords(words: string[]): string {
  const fours: string[] = [];
  for (let at = 0; at < words.length; at += 4) fours.push(words.slice(at, at + 4).join(' '));
  return fours.join('  ·  ');
}

/** 2026-11-21 14:31 UTC. */
export function utc(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
