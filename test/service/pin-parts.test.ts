import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { valueOf } from '../../core/process/rpc.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { SOFTHSM_MODULE, makeSoftHsm } from '../hsm/softhsm.ts';
import { give, startCore } from './core.ts';

const SCRIPT = `claviger: 1
title: A PIN in two parts
organisation: Example Trust Services
purpose: Logs in with a PIN that two people type.
policy: { threshold: 2, shareCount: 2 }
participants: { operator: 1, ceremonyAdministrator: 1 }
steps:
  - id: roles
    section: Prepare
    title: Take roles
    instruction: Each person says their name and role.
    action: take-roles
    acting: ceremonyAdministrator
    primary: Roles are taken
  - id: look
    section: The token
    title: Look at the token
    instruction: Each types the part that they know.
    action: inventory-token
    acting: operator
    primary: Log in
    parameters: { empty: true }
`;

async function begin() {
  const { remove } = makeSoftHsm([]);
  onTestFinished(remove);
  const process = TokenProcess.start();
  await process.call('initialiseToken', {
    ...{ module: SOFTHSM_MODULE, at: { slot: '0' }, label: 'split', wipe: false },
    securityOfficerPin: await process.sendSecret(Buffer.from('officer-2026')),
    pin: await process.sendSecret(Buffer.from('maple-lantern')),
  });
  await process.close();
  const folder = temporaryFolder();
  const path = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const token = path('token.yaml', `module: ${SOFTHSM_MODULE}\ntoken: split\npin: { parts: 2 }\n`);
  const core = startCore(join(folder, 'data'));
  const script = path('script.yaml', SCRIPT);
  const begun = valueOf(await core.call('ceremony.begin', { script, token, out: join(folder, 'out') }));
  const place = { ceremony: begun.id, step: 'roles' };
  const participants = [
    { role: 'operator' as const, name: 'Mira Lindqvist' },
    { role: 'ceremonyAdministrator' as const, name: 'Jonas Weber' },
  ];
  valueOf(await core.call('ceremony.answer', { ...place, ask: 'people', answer: { participants } }));
  const view = valueOf(await core.call('ceremony.perform', place));
  const perform = () => core.call('ceremony.perform', { ceremony: begun.id, step: 'look' });
  return { core, view, perform };
}

test('two people each type their part, and only both together log in', async () => {
  const { core, view, perform } = await begin();
  expect(view.current?.asks.map((ask) => (ask.kind === 'secret' ? [ask.id, ask.person] : []))).toEqual([
    ['main-pin-1', 'Mira Lindqvist'],
    ['main-pin-2', 'Jonas Weber'],
  ]);
  expect(await give(core, view, 'main-pin-1', 'maple-')).toBeNull();
  expect(await perform()).toMatchObject({ ok: false, error: { code: 'ANSWERS_PENDING' } });
  // What was typed serves one try.
  expect(await give(core, view, 'main-pin-1', 'maple-')).toBeNull();
  expect(await give(core, view, 'main-pin-2', 'lantern')).toBeNull();
  const done = valueOf(await perform());
  expect(done.status).toBe('completed');
  expect(JSON.stringify(done)).not.toMatch(/maple|lantern/);
});

test('in the wrong order, or one part twice, it is the wrong PIN', async () => {
  const { core, view, perform } = await begin();
  for (const [first, second] of [
    ['lantern', 'maple-'],
    ['maple-', 'maple-'],
  ] as const) {
    await give(core, view, 'main-pin-1', first);
    await give(core, view, 'main-pin-2', second);
    expect(await perform()).toMatchObject({ ok: false, error: { code: 'PIN_WRONG' } });
  }
  await give(core, view, 'main-pin-1', 'maple-');
  await give(core, view, 'main-pin-2', 'lantern');
  expect(valueOf(await perform()).status).toBe('completed');
});
