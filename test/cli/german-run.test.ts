import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { de } from '../../core/ceremony/messages/de.ts';
import { en } from '../../core/ceremony/messages/en.ts';
import type { Fact } from '../../core/contract/ceremony.ts';
import { ANSWERS } from '../shipped.ts';
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
  const run = ['ceremony', 'run', cheapScript(folder), '--data', data, '--out', out, '--answers', ANSWERS];
  const { status, stderr } = await claviger([...run, '--language', 'de']);
  expect(status, stderr).toBe(0);

  const rows = await claviger(['ledger', 'list', '--data', data, '--kind', 'ceremony.begun', '--json']);
  expect(rows.stdout).toContain('"language": "de"');

  const transcript = JSON.parse(readFileSync(join(out, 'transcript.json'), 'utf8')) as Transcript;
  expect(transcript.language).toBe('de');
  const facts = transcript.steps.flatMap((step) => step.facts);
  // Keys and certificates go by their own names, and so do people's roles.
  const german = [...Object.values(de), 'Bediener/in', 'Zeuge/Zeugin', 'Prüfer/in', 'Schlüsselträger/in'].map(
    patternOf,
  );
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
    // The script's own words stay as they were reviewed.
    'Make and split the master key',
  ]) {
    expect(paper).toContain(text);
  }
  for (const text of ['Done by', 'Ceremony transcript', 'Machine and token', 'confirmed by', 'Page 1']) {
    expect(paper).not.toContain(text);
  }
});
