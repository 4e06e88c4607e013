import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import { scanPdf } from '../print/scan.ts';
import type { Output } from './output.ts';

export function shareSheetPath(number: number): string {
  return `sheets/share-${number}.pdf`;
}

/** Reads a share sheet back from its file as a scanner would: rasterised, both codes decoded, which must agree. */
export async function scanShareSheet(output: Output, number: number): Promise<string> {
  const path = shareSheetPath(number);
  const [first, second, ...more] = await scanPdf(await output.read(path));
  if (first === undefined || first !== second || more.length > 0) {
    throw new Refusal('SHEET_UNREADABLE', { path: join(output.folder, path) });
  }
  return first;
}
