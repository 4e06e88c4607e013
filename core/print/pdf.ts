import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';

const require = createRequire(import.meta.url);

/** A document of pdfkit, which is read when the first page is made: it takes as long as the rest of core, and most starts print nothing. */
export function newPdf(options: PDFKit.PDFDocumentOptions): PDFKit.PDFDocument {
  return new (require('pdfkit') as typeof PDFDocument)(options);
}
