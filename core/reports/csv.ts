import { stringify } from 'csv-stringify/sync';

/** RFC 4180, with a heading. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf<Line extends object>(columns: (keyof Line & string)[], lines: Line[]): Uint8Array {
  const text = stringify(lines, { columns, header: true, record_delimiter: 'windows', escape_formulas: true });
  return new TextEncoder().encode(text);
}
