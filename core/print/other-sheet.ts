/** What a code is that is no share's: which sheet it stands on, by how it begins (docs/formats/backup.md, docs/formats/ledger.md). */
const SHEETS: [begins: RegExp, sheet: 'backup' | 'manifest' | 'transcript'][] = [
  [/^CLVB1/i, 'backup'],
  [/^CLVM1/i, 'manifest'],
  [/^claviger\/ledger\//i, 'transcript'],
];

/** Null for a code of no sheet of ours. */
export function otherSheet(text: string): string | null {
  return SHEETS.find(([begins]) => begins.test(text.trim()))?.[1] ?? null;
}
