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
  const on = (name: string) => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, `software: ${join(folder, name)}\ntoken: ${name}\npin: prompt\n`);
    return { tokenFile: path };
  };
  await walk(await begin(made, 'out-1', on('one')));
  const training = await begin(made, 'out-2', on('two'));
  // Live it would not begin on this machine: it is written down as if it had.
  const ledger = await ceremonies.ledger();
  const [begun] = await ledger.read({ ceremony: training.state.id, kind: 'ceremony.begun' });
  const ceremony = `${training.state.id}-live`;
  await ledger.append([{ kind: 'ceremony.begun', ceremony, body: { ...(begun?.body as object), mode: 'live' } }]);
  writeFileSync(join(folder, 'out-2/.claviger-ceremony'), ceremony);
  const runner = await ceremonies.runner(ceremony);
  await walk(runner, {}, 'certificate');
  await refused('LEDGER_KEY_ELSEWHERE', () => walk(runner));
  const rows = await ledger.read({ ceremony, kind: 'step.intent' });
  expect(rows.map(({ body }) => (body as { step: string }).step)).toEqual(['roles', 'token', 'key']);
  expect(runner.state.status).toBe('running');
});
