import { encodeBackup, encodeParts } from '../../core/print/backup-text.ts';
import { printBackupSheet } from '../../core/print/backup-sheet.ts';
import { printManifestSheet } from '../../core/print/manifest-sheet.ts';
import type { PaperName } from '../../core/print/page.ts';
import { printShareSheet } from '../../core/print/share-sheet.ts';
import type { Sheet } from './paper.ts';
import { sampleBackupSheet, sampleManifestSheet, sampleShareSheet, sampleShareText } from './samples.ts';

/** Sheets of each kind with codes on them, to be worn and read. */

export async function shareSheet(number: number, paper: PaperName, training: boolean): Promise<Sheet> {
  const text = sampleShareText(`worn ${number} ${paper} ${training}`);
  const pdf = await printShareSheet(sampleShareSheet({ text, number, paper, training }));
  return {
    name: `share ${number}, ${paper}, ${nameOf(training)}`,
    pdf,
    texts: [text, text],
    numbered: false,
    share: true,
  };
}

/** `length` 150 (P-256) or 200 (P-384): one code, twice. More: numbered codes. */
export async function backupSheet(length: number, paper: PaperName, training: boolean): Promise<Sheet> {
  const sheet = sampleBackupSheet(length, { paper, training });
  const codes = encodeBackup(sheet.blob);
  const numbered = codes.length > 1;
  const texts = numbered ? codes : [...codes, ...codes];
  const name = `backup of ${length} bytes, ${paper}, ${nameOf(training)}`;
  return { name, pdf: await printBackupSheet(sheet), texts, numbered, share: false };
}

export async function manifestSheet(shareCount: number, paper: PaperName, training: boolean): Promise<Sheet> {
  const sheet = sampleManifestSheet(shareCount, { paper, training });
  const name = `manifest of ${shareCount} shares, ${paper}, ${nameOf(training)}`;
  return {
    name,
    pdf: await printManifestSheet(sheet),
    texts: encodeParts('CLVM1', sheet.file),
    numbered: true,
    share: false,
  };
}

function nameOf(training: boolean): string {
  return training ? 'training' : 'live';
}
