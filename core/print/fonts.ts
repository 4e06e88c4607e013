import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newPdf } from './pdf.ts';

/** The typefaces of the paper. Atkinson Hyperlegible keeps 0 and O, 1 and l apart; `mono` is for what is typed or compared. */
export type Face = 'regular' | 'bold' | 'mono' | 'monoBold';

type Source = 'latin' | 'latin-ext' | 'dejavu';

const ATKINSON: Record<Face, { family: 'next' | 'mono'; weight: number }> = {
  regular: { family: 'next', weight: 400 },
  bold: { family: 'next', weight: 700 },
  mono: { family: 'mono', weight: 400 },
  monoBold: { family: 'mono', weight: 600 },
};
const DEJAVU: Record<Face, string> = {
  regular: 'DejaVuSans',
  bold: 'DejaVuSans-Bold',
  mono: 'DejaVuSansMono',
  monoBold: 'DejaVuSansMono-Bold',
};

function fileOf(face: Face, source: Source): string {
  if (source === 'dejavu') return fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${DEJAVU[face]}.ttf`));
  const { family, weight } = ATKINSON[face];
  const name = `atkinson-hyperlegible-${family}-${source}-${weight}-normal.ttf`;
  return join(import.meta.dirname, '../../resources/fonts', name);
}

const read = new Map<string, Buffer>();

/** The font file's bytes, read once a process. */
export function fontBytes(face: Face, source: Source = 'latin'): Buffer {
  const file = fileOf(face, source);
  const known = read.get(file);
  if (known) return known;
  const bytes = readFileSync(file);
  read.set(file, bytes);
  return bytes;
}

/** Makes one font current. Registered at first use, so that a document embeds only what it prints. */
export function useFont(doc: PDFKit.PDFDocument, face: Face, source: Source): void {
  const name = `${face}/${source}`;
  const registered = registeredIn(doc);
  if (!registered.has(name)) {
    doc.registerFont(name, fontBytes(face, source));
    registered.add(name);
  }
  doc.font(name);
}

const registrations = new WeakMap<object, Set<string>>();

function registeredIn(doc: object): Set<string> {
  const known = registrations.get(doc) ?? new Set<string>();
  registrations.set(doc, known);
  return known;
}

/** pdfkit knows each font's glyphs (through fontkit) but its typings do not say so. */
type CurrentFont = { _font: { font: { hasGlyphForCodePoint(codePoint: number): boolean } } };

/**
 * A document that is never written. Glyphs are looked up in it and not in the one that is printed: pdfkit embeds every font that was
 * ever current, and what was looked up before must not change a document's bytes.
 */
let lookup: PDFKit.PDFDocument | undefined;
const sourceOfCharacter = new Map<string, Source | null>();

/** Which font prints a character in a face, if any does. */
function sourceOf(face: Face, character: string): Source | null {
  const key = face + character;
  const known = sourceOfCharacter.get(key);
  if (known !== undefined) return known;
  const doc = (lookup ??= newPdf({ autoFirstPage: false, font: fontBytes('regular') as unknown as string }));
  const sources: Source[] = ['latin', 'latin-ext', 'dejavu'];
  const found = sources.find((source) => {
    useFont(doc, face, source);
    return (doc as unknown as CurrentFont)._font.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0);
  });
  sourceOfCharacter.set(key, found ?? null);
  return found ?? null;
}

export type Run = { source: Source; text: string };

/**
 * Cuts a string into runs of one font each. A word that Atkinson Hyperlegible cannot print whole is printed in DejaVu, so that no
 * word is patched together; a character that neither has is printed as its code point, `[U+5C71]`, and never as an empty box.
 */
export function runsOf(face: Face, raw: string): Run[] {
  const runs: Run[] = [];
  const add = (source: Source, text: string) => {
    const last = runs.at(-1);
    if (last?.source === source) last.text += text;
    else runs.push({ source, text });
  };
  for (const word of printable(raw).split(/(?<= )/u)) {
    const letters = Array.from(word, (character) => ({ character, source: sourceOf(face, character) }));
    const whole = letters.every(({ source }) => source === 'latin' || source === 'latin-ext');
    for (const { character, source } of letters) {
      if (source === null)
        add('latin', `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`);
      else add(whole ? source : 'dejavu', character);
    }
  }
  return runs;
}

/** One line of composed characters: no control, direction or format character can rearrange what a sheet says. */
function printable(raw: string): string {
  return raw.normalize('NFC').replace(/\s+/gu, ' ').replace(/\p{C}/gu, '').trim();
}
