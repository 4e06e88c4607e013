import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { PIN, type Ground } from '../hsm/grounds/ground.ts';
import { prepareOpenCryptoki } from '../hsm/grounds/opencryptoki.ts';
import { refused } from '../hsm/refused.ts';
import { give, startCore } from './core.ts';

/** openCryptoki's soft token counts tries and says when one is left; a login that succeeds sets the count back. */

const SCRIPT = `claviger: 1
title: A last try
organisation: Example Trust Services
purpose: Logs in where one try is left.
policy: { threshold: 2, shareCount: 2 }
participants: { operator: 1, witness: 1 }
steps:
  - id: roles
    section: Prepare
    title: Take roles
    instruction: Each person says their name and role.
    action: take-roles
    acting: operator
    primary: Roles are taken
  - id: look
    section: The token
    title: Look at the token
    instruction: Log in.
    action: inventory-token
    acting: operator
    primary: Log in
    parameters: { empty: true }
`;
const WRONG = '000000';

let ground: Ground;
beforeAll(() => {
  ground = prepareOpenCryptoki();
});
afterAll(() => {
  ground.remove();
});

function tokenFile(folder: string, pin: string): string {
  if (ground.location.kind !== 'pkcs11') throw new Error('openCryptoki is a PKCS#11 module');
  const path = join(folder, 'token.yaml');
  writeFileSync(path, `module: ${ground.location.module}\ntoken: first\npin: ${pin}\n`);
  return path;
}

async function begin(pin: string) {
  const folder = temporaryFolder();
  const core = startCore(join(folder, 'data'));
  const script = join(folder, 'script.yaml');
  writeFileSync(script, SCRIPT);
  writeFileSync(join(folder, 'pin'), PIN);
  chmodSync(join(folder, 'pin'), 0o600);
  const token = tokenFile(folder, pin);
  const begun = valueOf(await core.call('ceremony.begin', { script, token, out: join(folder, 'out') }));
  const at = (step: string) => ({ ceremony: begun.id, step });
  const participants = [
    { role: 'operator' as const, name: 'Mira Lindqvist' },
    { role: 'witness' as const, name: 'Odile Ferrand' },
  ];
  valueOf(await core.call('ceremony.answer', { ...at('roles'), ask: 'people', answer: { participants } }));
  valueOf(await core.call('ceremony.perform', at('roles')));
  const perform = () => core.call('ceremony.perform', at('look'));
  const view = async () => valueOf(await core.call('ceremony.view', { ceremony: begun.id }));
  const agree = async (person: string) =>
    valueOf(await core.call('ceremony.answer', { ...at('look'), ask: 'main-last-try', answer: { person } }));
  return { folder, perform, view, agree, type: async (secret: string) => give(core, await view(), 'main-pin', secret) };
}

const labels = (view: CeremonyView) => view.current?.asks.map(({ label }) => label);

test('a last try needs a second person, who is asked for by name and is not the operator', async () => {
  const { perform, view, agree, type } = await begin('prompt');
  expect(labels(await view())).toEqual(['PIN of the token']);
  await type(WRONG);
  expect(await perform()).toMatchObject({ ok: false, error: { code: 'PIN_WRONG' } });
  expect(labels(await view())).toEqual(['PIN of the token (a try has failed)']);
  await type(WRONG);
  expect(await perform()).toMatchObject({ ok: false, error: { code: 'PIN_WRONG' } });
  expect((await view()).current?.asks).toMatchObject([
    { id: 'main-pin', label: 'PIN of the token (the last try before it locks)' },
    { id: 'main-last-try', kind: 'accept', by: 'witness', label: 'Last try before the PIN of the token locks' },
  ]);
  await type(PIN);
  expect(await perform()).toMatchObject({ ok: false, error: { code: 'ANSWERS_PENDING' } });
  await refused('INPUT_INVALID', () => agree('Mira Lindqvist'));
  await agree('Odile Ferrand');
  await type(PIN);
  expect(valueOf(await perform()).status).toBe('completed');
});

test('a PIN from a file is not tried for the last time before somebody has agreed', async () => {
  for (let time = 0; time < 2; time += 1) {
    const token = ground.open('first');
    expect(() => {
      token.login(Buffer.from(WRONG), null);
    }).toThrow('PIN_WRONG');
    token.close();
  }
  const { perform, view, agree } = await begin('{ file: pin }');
  expect(await perform()).toMatchObject({ ok: false, error: { code: 'PIN_LAST_TRY', params: { pin: 'PIN' } } });
  expect((await view()).current?.asks).toMatchObject([{ id: 'main-last-try', kind: 'accept', by: 'witness' }]);
  await agree('Odile Ferrand');
  expect(valueOf(await perform()).status).toBe('completed');
});

test('on the command line the tries are shown, and the second person is named', async () => {
  const folder = temporaryFolder();
  const file = tokenFile(folder, 'prompt');
  const show = (pin: string, ...words: string[]) =>
    claviger(['token', 'show', '--token', file, '--json', ...words], { input: `${pin}\n` });
  expect((await show(WRONG)).stderr).toContain('PIN_WRONG');
  const second = await show(WRONG);
  expect(second.stderr).toContain('PIN of first (a try has failed): ');
  const third = await show(PIN);
  expect(third.stderr).toContain('PIN of first (one try left): ');
  expect(third.stderr).toContain('PIN_LAST_TRY');
  expect(third.status).toBe(1);
  const last = await show(PIN, '--last-try-with', 'Odile Ferrand');
  expect(last.status).toBe(0);
  expect(ground.open('first').info().pinState).toBe('fine');
});
