import { join } from 'node:path';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { type PartPrefix, decodeParts } from '../print/backup-text.ts';
import { scanPdf } from '../print/scan.ts';
import { readFileOrRefuse } from '../store/files.ts';
import type { Output } from './output.ts';
import { foundSharesOf, replacedShareIn, shareSetMadeIn } from './records.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** No sheet's file is larger (bytes). */
const SHEET_LIMIT = 16 * 1024 * 1024;

export function shareSheetPath(number: number): string {
  return `sheets/share-${number}.pdf`;
}

export function backupSheetPath(label: string): string {
  return `sheets/backup-${label}.pdf`;
}

/** Where the sheet of a share was made: by this ceremony, into its output, or by an earlier one. */
export function sheetsOf(state: CeremonyState, output: Output, number: number): Pick<Output, 'folder' | 'read'> {
  const found = foundSharesOf(state);
  if (!found || shareSetMadeIn(state) || replacedShareIn(state)?.share === number) return output;
  const folder = found.replacedSheets.findLast(({ share }) => share === number)?.folder ?? found.folder;
  return { folder, read: (path) => readFileOrRefuse(join(folder, path), SHEET_LIMIT) };
}

/** Reads a share sheet back from its file as a scanner would: rasterised, both codes decoded, which must agree. */
export async function scanShareSheet(output: Pick<Output, 'folder' | 'read'>, number: number): Promise<string> {
  const path = shareSheetPath(number);
  const [first, second, ...more] = await scanPdf(await output.read(path));
  if (first === undefined || first !== second || more.length > 0) {
    throw new Refusal('SHEET_UNREADABLE', { path: join(output.folder, path) });
  }
  return first;
}

/** Reads a backup or manifest sheet back in the same way and compares it with the bytes that it was made of. SHEET_UNREADABLE. */
export async function scanPartsBack(output: Output, path: string, prefix: PartPrefix, made: Uint8Array): Promise<void> {
  const texts = await scanPdf(await output.read(path));
  if (!Buffer.from(partsOrNone(prefix, texts)).equals(made)) {
    throw new Refusal('SHEET_UNREADABLE', { path: join(output.folder, path) });
  }
}

/** What is recorded of a sheet that was read back so. */
export function scansBack(state: CeremonyState, label: string): Fact {
  return {
    kind: 'check',
    label: say(state, 'sheet.of', { label }),
    verdict: 'go',
    detail: say(state, 'sheet.scansBack'),
  };
}

function partsOrNone(prefix: PartPrefix, texts: string[]): Uint8Array {
  try {
    return decodeParts(prefix, texts);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'BACKUP_DAMAGED') return new Uint8Array();
    throw error;
  }
}
