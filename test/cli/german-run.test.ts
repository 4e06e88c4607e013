import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { de } from '../../core/ceremony/messages/de.ts';
import { en } from '../../core/ceremony/messages/en.ts';
import { toldDe } from '../../core/contract/messages/told-de.ts';
import type { Fact } from '../../core/contract/ceremony.ts';
import { englishIn } from '../print/english.ts';
import { ANSWERS, GERMAN_SCRIPT } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';

type Transcript = { language: string; steps: { facts: Fact[] }[]; participants: { name: string }[] };

/** A text of a catalogue with anything in the place of its values. None of these has a plural. */
function patternOf(text: string): RegExp {
  const parts = text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 's');
}

const wordsOf = (fact: Fact): string[] => {
  switch (fact.kind) {
    case 'row':
      return [fact.label, fact.value];
    case 'check':
      return [fact.label, fact.detail];
    case 'words':
      return [fact.label];
    case 'file':
      return [];
  }
};

test('a ceremony in German: what core says, the ledger and the transcript on paper', async () => {
  const folder = temporaryFolder();
  const [data, out] = [join(folder, 'data'), join(folder, 'out')];
  const script = cheapScript(folder, (text) => text, GERMAN_SCRIPT);
  const run = ['ceremony', 'run', script, '--data', data, '--out', out, '--answers', ANSWERS];
  const { status, stderr } = await claviger([...run, '--language', 'de']);
  expect(status, stderr).toBe(0);

  const rows = await claviger(['ledger', 'list', '--data', data, '--kind', 'ceremony.begun', '--json']);
  expect(rows.stdout).toContain('"language": "de"');

  const transcript = JSON.parse(readFileSync(join(out, 'transcript.json'), 'utf8')) as Transcript;
  expect(transcript.language).toBe('de');
  const facts = transcript.steps.flatMap((step) => step.facts);
  // Keys and certificates go by their own names, and so do people's roles.
  const german = [
    ...Object.values(de),
    ...Object.values(toldDe),
    'Bediener/in',
    'Zeuge/Zeugin',
    'Prüfer/in',
    'Schlüsselträger/in',
  ].map(patternOf);
  const names = /^(root|issuing)-2026$|^Zeremonienleitung$|CN=|^manifest\.json|^custody\.json/;
  const foreign = facts
    .filter((fact) => fact.kind !== 'file')
    .map(({ label }) => label)
    .filter((label) => !names.test(label) && !german.some((pattern) => pattern.test(label)));
  expect(foreign).toEqual([]);
  const same = Object.values(de);
  const english = Object.values(en).filter((text) => !same.includes(text) && !/^(\{\w+\}|[\s:;,()])*$/.test(text));
  const said = facts.flatMap(wordsOf);
  expect(said.filter((text) => english.some((message) => patternOf(message).test(text)))).toEqual([]);

  const paper = execFileSync('pdftotext', ['-layout', join(out, 'transcript.pdf'), '-'], { encoding: 'utf8' });
  for (const text of [
    'Protokoll der Zeremonie',
    'Mira Lindqvist (Bediener/in); bestätigt von Inês Duarte (Zeuge/Zeugin)',
    'je 3 von 5, Epoche 0',
    'Prüfpunkt des Journals',
    'Ich war dabei.',
    'Seite 1 von',
    'Den Hauptschlüssel erzeugen und teilen',
  ]) {
    expect(paper).toContain(text);
  }

  // Of everything that was recorded and printed: no sentence, and no word on a sheet, has stayed English.
  expect(englishIn(said.join('\n'))).toEqual([]);
  const sheets = readdirSync(join(out, 'sheets')).filter((name) => name.endsWith('.pdf'));
  expect(sheets.length).toBeGreaterThan(9);
  for (const path of ['transcript.pdf', ...sheets.map((name) => `sheets/${name}`)]) {
    const text = execFileSync('pdftotext', ['-layout', join(out, path), '-'], { encoding: 'utf8' });
    expect(englishIn(text), path).toEqual([]);
  }

  // Reports are made outside a ceremony, in the language that is asked for; the terminal speaks English.
  const [pdf, ics] = [join(folder, 'report.pdf'), join(folder, 'due.ics')];
  const asked = ['--data', data, '--language', 'de'];
  expect((await claviger(['report', 'rehearsals', '--out', pdf, ...asked])).status).toBe(0);
  expect(englishIn(execFileSync('pdftotext', [pdf, '-'], { encoding: 'utf8' }))).toEqual([]);
  const due = await claviger(['report', 'due', '--calendar', ics, ...asked]);
  expect(due.stdout).toContain('Attest every share of master-key-2026');
  expect(readFileSync(ics, 'utf8')).toContain('Jeden Anteil von master-key-2026 nachweisen');
});
