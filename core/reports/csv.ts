import { stringify } from 'csv-stringify/sync';

/** RFC 4180 in UTF-8, with a heading. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf<Line extends object>(columns: (keyof Line & string)[], lines: Line[]): Uint8Array {
  const text = stringify(lines, {
    ...{ columns, header: true, record_delimiter: 'windows', escape_formulas: true },
    // Readers take half a line break for a whole one.
    quoted_match: /[\r\n]/,
  });
  return new TextEncoder().encode(text);
}
