import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import { otherSheet } from '../print/other-sheet.ts';
import { scanPdf, scanPicture } from '../print/scan.ts';
import { PREFIX } from '../shares/share.ts';
import { readFileOrRefuse } from '../store/files.ts';

/** No scan or photograph is larger (bytes). */
const PICTURE_LIMIT = 64 * 1024 * 1024;

/**
 * The text of the one share that a scan or a photograph shows (PDF, PNG or JPEG), from whichever of its two codes can be read.
 * PICTURE_UNREADABLE says why there is none; SHEET_OTHER: it shows the code of another sheet. FILE_MISSING and the like.
 */
export async function scanShareFrom(path: string): Promise<string> {
  const bytes = await readFileOrRefuse(path.trim(), PICTURE_LIMIT);
  const found = [...new Set(await codesIn(bytes, path))];
  const shares = found.filter((text) => text.startsWith(PREFIX));
  const unreadable = (why: ErrorParams) => new Refusal('PICTURE_UNREADABLE', { path, ...why });
  if (shares.length > 1) throw unreadable(because('picture.several'));
  const [share] = shares;
  if (share !== undefined) return share;
  const [sheet] = found.flatMap((text) => otherSheet(text) ?? []);
  if (sheet !== undefined) throw new Refusal('SHEET_OTHER', { sheet });
  throw unreadable(because(found.length > 0 ? 'picture.noShare' : 'picture.noCode'));
}

/** PICTURE_UNREADABLE. */
async function codesIn(bytes: Uint8Array, path: string): Promise<string[]> {
  const kind = KINDS.find(({ magic }) => magic.every((byte, at) => bytes[at] === byte));
  if (!kind) throw new Refusal('PICTURE_UNREADABLE', { path, ...because('picture.kind') });
  try {
    return await kind.scan(new Uint8Array(bytes));
  } catch (error) {
    // pdfium and the picture decoders throw at a file that is cut or broken, each in words of its own.
    if (error instanceof Refusal) throw error;
    throw new Refusal('PICTURE_UNREADABLE', { path, ...because('picture.damaged') });
  }
}

const KINDS: { magic: number[]; scan: (bytes: Uint8Array<ArrayBuffer>) => Promise<string[]> }[] = [
  { magic: [0x25, 0x50, 0x44, 0x46], scan: (pdf) => scanPdf(pdf) },
  { magic: [0x89, 0x50, 0x4e, 0x47], scan: scanPicture },
  { magic: [0xff, 0xd8, 0xff], scan: scanPicture },
];
