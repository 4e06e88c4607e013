import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TokenSessions } from '../../core/ceremony/token-sessions.ts';
import type { CeremonyState } from '../../core/ceremony/state.ts';
import { readTokenFile } from '../../core/hsm/token-file.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { compileFaultyModule, setFault } from '../hsm/faulty-module.ts';
import { scanMemory } from '../hsm/process-memory.ts';
import { refused } from '../hsm/refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';

/** A PIN pad is faked by test/hsm/faulty-module.c: it takes no PIN from the host. */

let softHsm: ReturnType<typeof makeSoftHsm>;
let faulty: ReturnType<typeof compileFaultyModule>;
beforeAll(() => {
  softHsm = makeSoftHsm(['pad']);
  faulty = compileFaultyModule();
  Object.assign(process.env, { TYPED_PIN: USER_PIN, TYPED_SO_PIN: SECURITY_OFFICER_PIN });
});
afterEach(() => {
  setFault(null);
});
afterAll(() => {
  softHsm.remove();
  faulty.remove();
});

function tokenFile(folder: string, module: string, pin: string): string {
  const path = join(folder, 'token.yaml');
  writeFileSync(path, `module: ${module}\ntoken: pad\npin: ${pin}\n`);
  return path;
}

/** What a session looks at of a ceremony: who is there, and what they answered. */
const STATE = { language: 'en', participants: [], answers: {} } as unknown as CeremonyState;

function sessionsOf(folder: string, file: string): TokenSessions {
  return new TokenSessions(
    () => readTokenFile(file),
    { own: join(folder, 'tokens'), training: join(folder, 'training') },
    (length) => new Uint8Array(length),
  );
}

test('claviger token show: the PIN is typed at a (fake) pad, whether the token file says so or the token does', async () => {
  setFault('PIN pad');
  const folder = temporaryFolder();
  for (const pin of ['prompt', 'pad']) {
    const shown = await claviger(['token', 'show', '--token', tokenFile(folder, faulty.path, pin)]);
    expect(shown.stderr).toContain('PIN of pad: type it at its own pad.');
    expect(shown.stdout).toContain('It holds nothing.');
    expect(shown.status).toBe(0);
  }
});

test('a ceremony asks for no PIN that is typed at a (fake) pad, and a token without one is refused', async () => {
  const folder = temporaryFolder();
  setFault('PIN pad');
  const sessions = sessionsOf(folder, tokenFile(folder, faulty.path, 'pad'));
  expect(sessions.asks('main', STATE)).toEqual([]);
  await sessions.open('main', STATE, () => null);
  expect((await sessions.opened('main').call('inventory', {})).keys).toEqual([]);
  await sessions.close();

  setFault(null);
  const without = sessionsOf(folder, tokenFile(folder, SOFTHSM_MODULE, 'pad'));
  const params = await refused('PIN_SOURCE', () => without.open('main', STATE, () => null));
  expect(params).toMatchObject({ pin: 'PIN' });
  await without.close();
});

test('a (fake) pad that may ask the security officer for a last try: what is refused is what is asked', async () => {
  setFault('PIN pad, last try of the officer');
  const folder = temporaryFolder();
  const sessions = sessionsOf(folder, tokenFile(folder, faulty.path, 'pad'));
  expect(await refused('PIN_LAST_TRY', () => sessions.open('main', STATE, () => null))).toEqual({
    pin: 'officer',
  });
  expect(sessions.asks('main', STATE)).toMatchObject([{ id: 'main-last-try', kind: 'accept' }]);
  const agreed = { ...STATE, answers: { 'main-last-try': { person: 'Odile Ferrand' } } };
  await sessions.open('main', agreed, () => null);
  expect(sessions.asks('main', agreed)).toEqual([]);
  await sessions.close();
});

test('parts of a PIN that do not make a whole are forgotten, and gone from memory', async () => {
  const folder = temporaryFolder();
  const sessions = sessionsOf(folder, tokenFile(folder, SOFTHSM_MODULE, '{ parts: 2 }'));
  const process = await sessions.process('main');
  const part = 'maple-lantern-of-the-first-part';
  const ticket = await process.sendSecret(Buffer.from(part));
  // Secrets arrive in their order: once a later one was used, this one is there.
  const later = await process.sendSecret(Buffer.from('000000'));
  await refused('PIN_WRONG', () => process.call('login', { pin: later, securityOfficerPin: null }));
  const find = () => scanMemory(process.pid as number, { part: Buffer.from(part) }).found;
  expect(find()).toHaveLength(1);
  await refused('ANSWERS_PENDING', () => sessions.open('main', STATE, (ask) => (ask === 'main-pin-1' ? ticket : null)));
  expect(find()).toEqual([]);
  await sessions.close();
});
