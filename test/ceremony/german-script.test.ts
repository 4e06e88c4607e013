import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkScript } from '../../core/ceremony/check.ts';
import type { Script } from '../../core/contract/script.ts';
import { englishIn } from '../print/english.ts';
import { GERMAN_SCRIPT, SCRIPT } from '../shipped.ts';

const read = (path: string) => checkScript(readFileSync(path, 'utf8'), path);

/** What a script does: all of it but its words. */
function doingsOf({ title: _, purpose: __, language: ___, steps, ...script }: Script) {
  const sections = steps.map(({ section }) => section);
  return {
    ...script,
    steps: steps.map(({ section, title: _t, instruction: _i, readAloud, primary: _p, ...step }, index) => ({
      ...step,
      begins: section !== sections[index - 1],
      aloud: readAloud !== undefined,
    })),
  };
}

function wordsOf({ title, purpose, steps }: Script): string[] {
  const said = steps.flatMap((step) => [
    step.section,
    step.title,
    step.instruction,
    step.readAloud ?? '',
    step.primary,
  ]);
  return [title, purpose, ...said].filter((text) => text !== '');
}

test('the German script is the English one in other words: steps, roles, parameters, policy are the same', () => {
  const [english, german] = [read(SCRIPT), read(GERMAN_SCRIPT)];
  expect([english.language, german.language]).toEqual(['en', 'de']);
  expect(doingsOf(german)).toEqual(doingsOf(english));
  expect(wordsOf(german).filter((text) => wordsOf(english).includes(text))).toEqual([]);
  expect(englishIn(wordsOf(german).join('\n'))).toEqual([]);
  // Of the measure itself: it sees what is English.
  expect(englishIn(wordsOf(english).join('\n')).length).toBeGreaterThan(20);
});

test('its first line names the schema from where it lies', () => {
  const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(GERMAN_SCRIPT, 'utf8')) ?? [];
  expect(JSON.parse(readFileSync(join(GERMAN_SCRIPT, '..', schema), 'utf8'))).toHaveProperty('properties.language');
});
