import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CustodyRow, Kept } from '../../core/contract/custody.ts';
import { REPOSITORY } from '../shipped.ts';

const KEPT: Kept = {
  ...{ item: 'share-2', what: 'Share 2', custodian: 'Chen Wei' },
  bags: [
    { of: 'sheet', present: { place: 'Zürich, safe 3', bag: 'A-1002', seal: 'S-5002' } },
    { of: 'card', present: { place: 'Basel, deposit box 61', bag: 'A-1102', seal: 'S-5102' } },
  ],
};

/** What the terminal makes of these lines, each typed when it asks for one. */
async function typed(kept: Kept, changing: boolean, lines: string[]): Promise<{ row: CustodyRow; prompts: string }> {
  const module = join(REPOSITORY, 'core/cli/terminal-custody.ts');
  const code = `
    const { custodyRow } = await import(${JSON.stringify(module)});
    process.stdout.write(JSON.stringify(await custodyRow(${JSON.stringify(kept)}, ${changing})));
    process.exit();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  const left = [...lines];
  let prompts = '';
  let row = '';
  child.stderr.on('data', (chunk: Buffer) => {
    prompts += chunk.toString();
    if (/(: |\(yes or no\) )$/.test(prompts)) child.stdin.write(`${left.shift() ?? ''}\n`);
  });
  child.stdout.on('data', (chunk: Buffer) => (row += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  expect(left).toEqual([]);
  return { row: JSON.parse(row) as CustodyRow, prompts };
}

test('what does not change is kept by one word', async () => {
  const { row, prompts } = await typed(KEPT, true, ['no']);
  expect(prompts).toContain('Share 2, Chen Wei, card: Basel, deposit box 61; bag A-1102, seal S-5102');
  expect(row).toMatchObject({ custodian: 'Chen Wei', reason: null, bags: KEPT.bags.map(({ present }) => present) });
});

test('an empty line keeps one value; the rest is typed, with the reason', async () => {
  const lines = ['yes', 'Lena Fischer', '', '', 'S-9002', 'Bern, safe 14', 'A-9102', 'S-9102', 'Chen Wei leaves'];
  const { row } = await typed(KEPT, true, lines);
  expect(row).toEqual({
    ...{ item: 'share-2', custodian: 'Lena Fischer', reason: 'Chen Wei leaves' },
    bags: [
      { of: 'sheet', place: 'Zürich, safe 3', bag: 'A-1002', seal: 'S-9002' },
      { of: 'card', place: 'Bern, safe 14', bag: 'A-9102', seal: 'S-9102' },
    ],
  });
});

test('the first time every value is typed, and nobody is asked why', async () => {
  const bags: Kept['bags'] = [{ of: 'sheet', present: null }];
  const { row } = await typed({ ...KEPT, bags }, false, ['Zürich, safe 3', 'A-1', 'S-1']);
  expect(row).toEqual({
    ...{ item: 'share-2', custodian: 'Chen Wei', reason: null },
    bags: [{ of: 'sheet', place: 'Zürich, safe 3', bag: 'A-1', seal: 'S-1' }],
  });
});
