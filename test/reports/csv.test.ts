import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csvOf } from '../../core/reports/csv.ts';
import { readCsv } from './read-csv.ts';

const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

test('RFC 4180: a heading, CRLF after every line, quotes where a cell needs them', () => {
  const lines = [
    { at: '2026-11-22T09:00:00.000Z', text: 'plain', count: 3 },
    { at: '', text: 'a "quoted" word, and a comma', count: 0 },
    { at: '', text: 'two\r\nlines', count: 0 },
    { at: '', text: 'two\nlines', count: 0 },
  ];
  const table = csvOf(['at', 'text', 'count'], lines);
  expect(textOf(table)).toBe(
    [
      'at,text,count\r\n',
      '2026-11-22T09:00:00.000Z,plain,3\r\n',
      ',"a ""quoted"" word, and a comma",0\r\n',
      ',"two\r\nlines",0\r\n',
      ',"two\nlines",0\r\n',
    ].join(''),
  );
  expect(textOf(csvOf(['at', 'text'], []))).toBe('at,text\r\n');
});

test('what a spreadsheet would compute is text to it, and only an apostrophe longer', () => {
  const computed = [
    '=1+1',
    '+41',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '=HYPERLINK("http://x","y, z")',
    '＝1',
    '＋1',
    '－1',
    '＠a',
  ];
  const folder = mkdtempSync(join(tmpdir(), 'claviger-csv-'));
  const file = join(folder, 'table.csv');
  writeFileSync(
    file,
    csvOf(
      ['why', 'who'],
      computed.map((why) => ({ why, who: 'Inês Duarte' })),
    ),
  );
  expect(readCsv(file)).toEqual(computed.map((why) => ({ why: `'${why}`, who: 'Inês Duarte' })));
  rmSync(folder, { recursive: true });
});
