import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { type Finished, cheapScript, claviger, temporaryFolder } from '../cli/claviger.ts';
import { ANSWERS } from '../shipped.ts';

const rolls = (count: number) => Array.from({ length: count }, () => String(randomInt(1, 7))).join('');

/** The shipped ceremony up to the master key, which asks for dice. */
function scriptWithDice(folder: string): string {
  return cheapScript(folder, (text) => {
    const asking = text.replace('scryptLog2N: 10', 'scryptLog2N: 10, dice: true');
    const rest = asking.indexOf('  - id: root-key');
    if (asking === text || rest === -1) throw new Error('the shipped script has changed');
    return asking.slice(0, rest);
  });
}

async function run(folder: string, dice: string | null): Promise<Finished> {
  const answers = join(folder, 'answers.yaml');
  writeFileSync(answers, `${readFileSync(ANSWERS, 'utf8')}${dice === null ? '' : `dice: '${dice}'\n`}`);
  const words = ['--data', join(folder, 'data'), '--out', join(folder, 'out'), '--answers', answers];
  return claviger(['ceremony', 'run', scriptWithDice(folder), ...words, '--json']);
}

test('dice are asked of the operator, mixed in, and counted in the record; the rolls are stored nowhere', async () => {
  const folder = temporaryFolder();
  const dice = rolls(130);
  const { status, stdout, stderr } = await run(folder, dice);
  expect(stderr).not.toContain(dice);
  expect(status).toBe(0);
  const { records } = JSON.parse(stdout) as CeremonyView;
  expect(records.find(({ step }) => step === 'master-key')?.facts).toContainEqual({
    kind: 'row',
    label: 'Randomness',
    value: 'operating system and 130 dice rolls',
  });
  const files = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  expect(files.length).toBeGreaterThan(1);
  for (const { parentPath, name } of files) {
    expect(readFileSync(join(parentPath, name)).includes(dice.slice(0, 40)), name).toBe(false);
  }
});

test.each([
  ['a pattern', '123456'.repeat(20), 'DICE_INVALID'],
  ['a letter', `${rolls(110)}x`, 'DICE_INVALID'],
  ['no answer', null, 'ANSWER_MISSING'],
])('%s is refused, and no key is made', async (_, dice, code) => {
  const folder = temporaryFolder();
  const { status, stderr, stdout } = await run(folder, dice);
  expect(status).toBe(1);
  expect(stderr + stdout).toContain(code);
  if (dice !== null) expect(stderr + stdout).not.toContain(dice);
  const token = readdirSync(join(folder, 'data'), { recursive: true }).map(String);
  expect(token.some((path) => path.endsWith('token.json'))).toBe(true);
  expect(token.filter((path) => path.includes('key-'))).toEqual([]);
});
