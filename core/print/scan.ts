import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PDFiumDocument } from '@hyzyla/pdfium';

/**
 * Reading paper back: what was printed is decoded from its picture, as a camera would see it. No native tool, no network. Its two
 * libraries are read at the first scan, for most starts scan nothing.
 */

const POINTS_PER_INCH = 72;
/** More than any sheet has on one page. */
const MAX_CODES = 16;

/** The texts of all QR codes, page by page; copies are listed as often as they are read. `dpi` is 150 unless given. */
export async function scanPdf(pdf: Uint8Array, options: { dpi?: number } = {}): Promise<string[]> {
  const scale = (options.dpi ?? 150) / POINTS_PER_INCH;
  return withDocument(pdf, async (document) => {
    const texts: string[] = [];
    for (const page of document.pages()) {
      const { width, height, data } = await page.render({ scale, render: 'bitmap' });
      // pdfium gives BGRA and the reader takes RGBA; ink on paper is the same in both orders.
      texts.push(...(await scanPicture({ width, height, data: new Uint8ClampedArray(data) })));
    }
    return texts;
  });
}

export type Picture = { width: number; height: number; data: Uint8ClampedArray<ArrayBuffer> };

/** The texts of all QR codes in one picture (pixels as RGBA, or a PNG or JPEG file's bytes), row by row. */
export async function scanPicture(picture: Picture | Uint8Array<ArrayBuffer>): Promise<string[]> {
  return (await findCodes(picture)).map(({ text }) => text);
}

export type Point = { x: number; y: number };
/** The corners of the black modules, from the code's own top left clockwise, in pixels. */
export type FoundCode = { text: string; corners: [Point, Point, Point, Point] };

/** The same with the places where they stand. */
export async function findCodes(picture: Picture | Uint8Array<ArrayBuffer>): Promise<FoundCode[]> {
  const { readBarcodes } = await loadReader();
  const found = await readBarcodes(picture instanceof Uint8Array ? picture : { ...picture, colorSpace: 'srgb' }, {
    formats: ['QRCode'],
    tryHarder: true,
    maxNumberOfSymbols: MAX_CODES,
  });
  return found
    .filter((code) => code.isValid)
    .map(({ text, position: { topLeft, topRight, bottomRight, bottomLeft } }): FoundCode => ({
      text,
      corners: [topLeft, topRight, bottomRight, bottomLeft],
    }))
    .sort((one, other) => {
      const [first, , opposite] = one.corners;
      const lower = first.y - other.corners[0].y;
      return Math.abs(lower) > Math.abs(opposite.y - first.y) / 2 ? lower : first.x - other.corners[0].x;
    });
}

/** The text of all pages, as a reader would copy it. */
export async function textOfPdf(pdf: Uint8Array): Promise<string> {
  return withDocument(pdf, (document) =>
    Promise.resolve(Array.from(document.pages(), (page) => page.getText()).join('\n')),
  );
}

async function withDocument<T>(pdf: Uint8Array, use: (document: PDFiumDocument) => Promise<T>): Promise<T> {
  const { PDFiumLibrary } = await import('@hyzyla/pdfium');
  const library = await PDFiumLibrary.init();
  try {
    const document = await library.loadDocument(pdf);
    try {
      return await use(document);
    } finally {
      document.destroy();
    }
  } finally {
    library.destroy();
  }
}

let prepared = false;

/** The reader would fetch its WebAssembly from a public server; it is given the installed file instead. */
async function loadReader() {
  const reader = await import('zxing-wasm/reader');
  if (prepared) return reader;
  const path = fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const wasmBinary = new Uint8Array(readFileSync(path)).buffer;
  reader.prepareZXingModule({ overrides: { wasmBinary } });
  prepared = true;
  return reader;
}
