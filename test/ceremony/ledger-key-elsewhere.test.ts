import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refused } from '../hsm/refused.ts';
import { place, scriptOf, walk } from './in-process.ts';

const signsLedger = { profile: 'service-without-root', signsLedger: true, validityDays: 100 };
const made = scriptOf(
  true,
  ['key', 'generate-key', { label: 'ledger', algorithm: 'EC-P384', purpose: 'service' }],
  [
    'certificate',
    'issue-certificate',
    { key: 'ledger', subject: { commonName: 'ledger' }, file: 'ledger.crt', ...signsLedger },
  ],
);

test('a certificate for the ledger is not signed where the key before it is in another token', async () => {
  const { folder, ceremonies, begin } = place();
  const live = (name: string) => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, `software: ${join(folder, name)}\ntoken: ${name}\npin: prompt\nmode: live\n`);
    return { tokenFile: path, copy: join(folder, `${name}-copy`) };
  };
  await walk(await begin(made, 'out-1', live('one')));
  const runner = await begin(made, 'out-2', live('two'));
  await walk(runner, {}, 'certificate');
  await refused('LEDGER_KEY_ELSEWHERE', () => walk(runner));
  const rows = await (await ceremonies.ledger()).read({ ceremony: runner.state.id, kind: 'step.intent' });
  expect(rows.map(({ body }) => (body as { step: string }).step)).toEqual(['roles', 'token', 'key']);
  expect(runner.state.status).toBe('running');
});
