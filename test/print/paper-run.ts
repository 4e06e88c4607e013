import { unread } from './paper.ts';
import { backupSheet, manifestSheet, shareSheet } from './paper-sheets.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** `npm run test:paper`: every kind of sheet on both papers, worn in each way at three resolutions, and read. */
const SEED = 20_261_121;

const making = (['A4', 'Letter'] as const).flatMap((paper) => [
  ...[1, 2, 3].map((number) => shareSheet(number, paper, number % 2 === 0)),
  ...[150, 200].map((length) => backupSheet(length, paper, length === 200)),
  backupSheet(2384, paper, paper === 'A4'),
  manifestSheet(5, paper, paper === 'Letter'),
]);
const sheets = await Promise.all(making);

let decoded = 0;
for (const [index, sheet] of sheets.entries()) {
  const missing: string[] = [];
  for (const [dpi, times] of [
    [100, 1],
    [150, 2],
    [300, 1],
  ] as const) {
    missing.push(...(await unread(sheet, dpi, times, SEED + 100 * index)));
  }
  if (missing.length === 0) decoded += 1;
  say(`${missing.length === 0 ? 'read' : 'NOT READ'}  ${sheet.name}`);
  for (const line of missing) say(`  ${line}`);
}
say(`sheets ${sheets.length}, decoded ${decoded}`);
process.exitCode = decoded === sheets.length ? 0 : 1;
