import type { Locale } from '../contract/messages/locale.ts';
import { fontBytes } from './fonts.ts';
import { newPdf } from './pdf.ts';
import { COLOURS, type Doc } from './type.ts';

/** The page: its size, its one column, and the document around it. */

export type PaperName = 'A4' | 'Letter';
export type Box = { x: number; y: number; width: number; height: number };

/** Lengths in points (1/72 inch). The column is as wide on both papers; A4 has more height to spread. */
export type Page = {
  doc: Doc;
  paper: PaperName;
  language: Locale;
  width: number;
  height: number;
  left: number;
  right: number;
};

export const COLUMN = 493;
const SIZES = { A4: { width: 595.28, height: 841.89 }, Letter: { width: 612, height: 792 } } as const;

/** The height that a page has beyond the lower of the two papers. */
export function slackOf(page: Page): number {
  return page.height - SIZES.Letter.height;
}

/** pdfkit cannot leave the date out, and would put today's: 1970 tells nobody anything wrong. */
const NO_DATE = new Date(0);

/** Starts a document without a page. The same input gives the same bytes: its only date is `madeAt`, null for none. */
export function beginDocument(paper: PaperName, title: string, madeAt: Date | null, language: Locale = 'en'): Page {
  const doc = newPdf({
    autoFirstPage: false,
    bufferPages: true,
    margin: 0,
    lang: language,
    displayTitle: true,
    font: fontBytes('regular') as unknown as string,
    info: { Title: title, Producer: 'Claviger', Creator: 'Claviger', CreationDate: madeAt ?? NO_DATE },
  });
  const { width, height } = SIZES[paper];
  const left = (width - COLUMN) / 2;
  return { doc, paper, language, width, height, left, right: left + COLUMN };
}

export function addPage(page: Page): void {
  page.doc.addPage({ size: [page.width, page.height], margin: 0 });
}

export async function finish(page: Page): Promise<Uint8Array> {
  const { doc } = page;
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', resolve);
    doc.on('error', reject);
  });
  doc.end();
  await done;
  return new Uint8Array(Buffer.concat(chunks));
}

export function rule(page: Page, y: number, weight = 0.5, colour: string = COLOURS.line): void {
  const { doc } = page;
  doc.moveTo(page.left, y).lineTo(page.right, y).lineWidth(weight).strokeColor(colour).stroke();
}
