import { describe, expect, test } from 'vitest';
import { because } from '../../core/contract/because.ts';
import { errorsDe } from '../../core/contract/messages/errors-de.ts';
import { errorsEn } from '../../core/contract/messages/errors-en.ts';
import { reasonsDe } from '../../core/contract/messages/reasons-de.ts';
import { reasonsEn } from '../../core/contract/messages/reasons-en.ts';
import { toldDe } from '../../core/contract/messages/told-de.ts';
import { toldEn } from '../../core/contract/messages/told-en.ts';
import { ERRORS } from '../../core/contract/errors.ts';
import { explain } from '../../core/contract/explain.ts';
import { type Catalogue, type Names, fill, namesIn } from '../../core/contract/messages/icu.ts';
import { de as ceremonyDe } from '../../core/ceremony/messages/de.ts';
import { en as ceremonyEn } from '../../core/ceremony/messages/en.ts';
import { de as printDe } from '../../core/print/messages/de.ts';
import { en as printEn } from '../../core/print/messages/en.ts';
import { de } from '../../renderer/messages/de.ts';
import { en } from '../../renderer/messages/en.ts';
import { englishIn } from '../print/english.ts';
import { idsNamed, sourcesIn, textOf } from './used.ts';

const PAIRS: [string, Catalogue, Catalogue][] = [
  ['window', en, de],
  ['errors', errorsEn, errorsDe],
  ['reasons', reasonsEn, reasonsDe],
  ['told', toldEn, toldDe],
  ['ceremony', ceremonyEn, ceremonyDe],
  ['paper', printEn, printDe],
];

describe.each(PAIRS)('%s', (_, english, german) => {
  test('both languages have the same messages', () => {
    expect(Object.keys(german).toSorted()).toEqual(Object.keys(english).toSorted());
  });

  test('every message is ICU, and wants the same values in both languages', () => {
    const wanted = (locale: 'en' | 'de', catalogue: Catalogue) =>
      Object.fromEntries(Object.entries(catalogue).map(([id, text]) => [id, namesIn(locale, text)]));
    expect(wanted('de', german)).toEqual(wanted('en', english));
  });

  test('no message was left in the other language', () => {
    const sentences = Object.entries(english).filter(([, text]) => text.split(' ').length > 3);
    expect(sentences.filter(([id, text]) => german[id] === text)).toEqual([]);
    expect(Object.values(german).flatMap((text) => englishIn(text.replace(/\{\w+\}/g, '…')))).toEqual([]);
  });
});

test.each([
  [['renderer'], 'say', en],
  [['core/ceremony', 'core/service'], 'say', ceremonyEn],
  [['core/print'], 'say', printEn],
  [
    [
      'core/contract',
      'core/cli',
      'core/print',
      'core/reports',
      'core/ceremony',
      'core/vault',
      'renderer/app',
      'renderer/components',
    ],
    'tell',
    toldEn,
  ],
  [['core'], 'because', reasonsEn],
])('%s: %s names every message of its catalogue, and no other', (folders, name, catalogue) => {
  const ids = Object.keys(catalogue);
  const calls = idsNamed(sourcesIn(...folders), name);
  expect(calls.filter((call) => call.ids.length === 0 || call.ids.length === ids.length)).toEqual([]);
  expect([...new Set(calls.flatMap((call) => call.ids))].toSorted()).toEqual(ids.toSorted());
});

test('every error code is met somewhere', () => {
  const texts = sourcesIn('core', 'electron', 'renderer')
    .filter((file) => !/contract\/(errors|messages\/errors-..)\.ts$/.test(file))
    .map(textOf)
    .join('\n');
  expect(Object.keys(ERRORS).filter((code) => !texts.includes(`'${code}'`))).toEqual([]);
});

test('plurals follow the language, and numbers stand as they are', () => {
  const text = '{steps, plural, one {# Schritt} other {# Schritte}} in {path}';
  expect(fill('de', text, { steps: 1, path: '/a' })).toBe('1 Schritt in /a');
  expect(fill('de', text, { steps: 12, path: '/a' })).toBe('12 Schritte in /a');
  expect(fill('en', '{size} rows', { size: 1_234_567 })).toBe('1234567 rows');
  expect(namesIn('de', text)).toEqual(['path', 'steps']);
  expect(() => namesIn('en', '{steps, plural, one {step}')).toThrow();
});

test('the compiler knows what a message wants', () => {
  const names: Names<'{count, plural, one {{person} one} other {# of {total}}} in {path}'>[] = [
    'count',
    'person',
    'total',
    'path',
  ];
  // @ts-expect-error the words of a branch are no value
  const wrong: Names<'{count, plural, one {share} other {shares}}'> = 'share';
  expect([...names, wrong]).toHaveLength(5);
});

test('an error is explained in either language, whatever it carries', () => {
  const error = { code: 'FILE_MISSING', params: { path: '/no/file' }, recovery: 'correct' } as const;
  expect(explain(error)).toEqual({ says: 'There is no file /no/file.', next: 'Check the path.' });
  expect(explain(error, 'de')).toEqual({ says: 'Die Datei /no/file gibt es nicht.', next: 'Prüfen Sie den Pfad.' });
  expect(explain({ ...error, params: {} }).says).toBe('There is no file path.');
});

test('a refusal says why in either language; for programs, and in what has no id, it stays English', () => {
  const params = because('line.wrongMay', { line: 3, group: 0, character: 0, may: 'Q' });
  expect(params).toMatchObject({ because: 'line.wrongMay', line: 3 });
  expect(params['detail']).toBe('line 3 does not check; the check characters may be Q');
  const error = { code: 'SHARE_DAMAGED', params, recovery: 'correct' } as const;
  expect(explain(error).says).toBe('The share does not check: line 3 does not check; the check characters may be Q.');
  expect(explain(error, 'de').says).toContain('Zeile 3 stimmt nicht');
  const other = { ...error, params: { detail: 'as a library put it' } };
  expect(explain(other, 'de').says).toContain('as a library put it');
});
