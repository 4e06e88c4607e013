import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { PIN, type Ground } from '../hsm/grounds/ground.ts';
import { prepareOpenCryptoki } from '../hsm/grounds/opencryptoki.ts';
import { refused } from '../hsm/refused.ts';
import { compiled } from './compiled.ts';
import { readLog } from './points.ts';
import { type RunningCore, startWithPoints } from './running-core.ts';

/** Core is killed while openCryptoki's soft token has one try left: nobody tries it unasked, before or after. */

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
const LAST_TRY = { id: 'main-last-try', kind: 'accept', by: 'witness' };

let ground: Ground;
let code: string;
let folder: string;
let cores = 0;
beforeAll(async () => {
  code = await compiled();
  ground = prepareOpenCryptoki();
});
afterAll(() => {
  ground.remove();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-last-try-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
});

/** A core on the store of this test, and what people do with the ceremony in it. */
function start(at = 0) {
  const core = startWithPoints(code, join(folder, 'data'), join(folder, `points-${++cores}.log`), {
    at,
    victim: 'core',
  });
  onTestFinished(() => core.close());
  const only = async () => valueOf(await core.call('ceremony.list', {})).ceremonies[0]?.id ?? '';
  const view = async () => valueOf(await core.call('ceremony.view', { ceremony: await only() }));
  return {
    core,
    view,
    type: async (pin: string) => {
      const ticket = await core.sendSecret(new TextEncoder().encode(pin));
      valueOf(await core.call('ceremony.provide', { ceremony: await only(), step: 'look', ask: 'main-pin', ticket }));
    },
    perform: async () => core.call('ceremony.perform', { ceremony: await only(), step: 'look' }),
    resume: async () => core.call('ceremony.resume', { ceremony: await only() }),
    agree: async (person: string) => {
      const answer = { ceremony: await only(), step: 'look', ask: 'main-last-try', answer: { person } };
      valueOf(await core.call('ceremony.answer', answer));
    },
  };
}

async function begin(core: RunningCore): Promise<void> {
  if (ground.location.kind !== 'pkcs11') throw new Error('openCryptoki is a PKCS#11 module');
  const [script, token] = [join(folder, 'script.yaml'), join(folder, 'token.yaml')];
  writeFileSync(script, SCRIPT);
  writeFileSync(token, `module: ${ground.location.module}\ntoken: first\npin: prompt\n`);
  const begun = valueOf(await core.call('ceremony.begin', { script, token, out: join(folder, `out-${cores}`) }));
  const roles = { ceremony: begun.id, step: 'roles' };
  const participants = [
    { role: 'operator' as const, name: 'Mira Lindqvist' },
    { role: 'witness' as const, name: 'Odile Ferrand' },
  ];
  valueOf(await core.call('ceremony.answer', { ...roles, ask: 'people', answer: { participants } }));
  valueOf(await core.call('ceremony.perform', roles));
}

async function kill(core: RunningCore): Promise<void> {
  core.kill();
  await core.ended;
}

/** By another process: openCryptoki closes a descriptor twice, which may be another's by then. */
async function onToken<T>(work: (token: TokenProcess) => Promise<T>): Promise<T> {
  const token = TokenProcess.start();
  try {
    await token.call('open', { location: ground.location });
    return await work(token);
  } finally {
    await token.close();
  }
}

async function login(token: TokenProcess, pin: string): Promise<void> {
  await token.call('login', { pin: await token.sendSecret(new TextEncoder().encode(pin)), securityOfficerPin: null });
}

const pinState = () => onToken(async (token) => (await token.call('info', {})).pinState);

async function failTwice(): Promise<void> {
  await onToken(async (token) => {
    for (let time = 0; time < 2; time += 1) await refused('PIN_WRONG', () => login(token, WRONG));
  });
  expect(await pinState()).toBe('final-try');
}

test('killed before a last try: it is asked for again, and not made before somebody has agreed', async () => {
  const first = start();
  await begin(first.core);
  for (let time = 0; time < 2; time += 1) {
    await first.type(WRONG);
    expect(await first.perform()).toMatchObject({ ok: false, error: { code: 'PIN_WRONG' } });
  }
  expect((await first.view()).current?.asks).toMatchObject([{ id: 'main-pin' }, LAST_TRY]);
  await kill(first.core);

  const second = start();
  await second.type(PIN);
  expect((await second.view()).current?.asks).toMatchObject([
    { id: 'main-pin', label: 'PIN of the token (the last try before it locks)' },
    { ...LAST_TRY, given: false },
  ]);
  expect(await second.perform()).toMatchObject({ ok: false, error: { code: 'ANSWERS_PENDING' } });
  expect(await pinState()).toBe('final-try');
  await second.agree('Odile Ferrand');
  await second.type(PIN);
  expect(valueOf(await second.perform()).status).toBe('completed');
  expect(await pinState()).toBe('fine');
});

test('killed before the result, and then a last try: the way back does not make it before somebody has agreed', async () => {
  const whole = start();
  await begin(whole.core);
  await whole.type(PIN);
  expect(valueOf(await whole.perform()).status).toBe('completed');
  const { lines } = readLog(whole.core.log);
  const done = lines.findLastIndex((line) => /^durable .*step\.result/.test(line));
  const at = lines.slice(0, done).filter((line) => line.startsWith('point ')).length;
  await whole.core.close();
  rmSync(join(folder, 'data'), { recursive: true });

  const killed = start(at);
  await begin(killed.core);
  await killed.type(PIN);
  expect(await killed.perform()).toMatchObject({ ok: false, error: { code: 'CORE_GONE' } });
  await failTwice();

  const back = start();
  expect((await back.view()).status).toBe('interrupted');
  await back.type(PIN);
  expect((await back.view()).current?.asks).toMatchObject([{ id: 'main-pin' }, { ...LAST_TRY, given: false }]);
  expect(await back.resume()).toMatchObject({ ok: false, error: { code: 'ANSWERS_PENDING' } });
  expect(await pinState()).toBe('final-try');
  await refused('INPUT_INVALID', () => back.agree('Mira Lindqvist'));
  await back.agree('Odile Ferrand');
  await back.type(PIN);
  const view = valueOf(await back.resume());
  expect(await pinState()).toBe('fine');
  expect(view.status === 'completed' ? view.status : valueOf(await back.perform()).status).toBe('completed');
});

test('an agreement is for one try: after another crash the next last try is agreed to anew', async () => {
  await onToken(async (token) => {
    await login(token, PIN);
    await token.call('generateKey', { label: 'in-the-way', algorithm: 'RSA-3072', purpose: 'service' });
  });
  await failTwice();

  const first = start();
  await begin(first.core);
  await first.type(PIN);
  await first.agree('Odile Ferrand');
  await first.type(PIN);
  // The try was made, and was right; the step is refused for what the token holds.
  expect(await first.perform()).toMatchObject({ ok: false });
  expect(await pinState()).toBe('fine');
  await kill(first.core);
  await failTwice();

  const second = start();
  await second.type(PIN);
  expect((await second.view()).current?.asks).toMatchObject([{ id: 'main-pin' }, { ...LAST_TRY, given: false }]);
  expect(await second.perform()).toMatchObject({ ok: false, error: { code: 'ANSWERS_PENDING' } });
  expect(await pinState()).toBe('final-try');
});
