import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPinSource, readTokenFile } from '../../core/hsm/token-file.ts';
import { refused } from './refused.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-token-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(text: string, name = 'TOKEN.yaml', mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

async function complaint(text: string): Promise<string> {
  return String((await refused('TOKEN_FILE_INVALID', () => readTokenFile(file(text)))).detail);
}

test('a whole token file, with paths from its own folder', () => {
  const pin = file('1234\n', 'user.pin');
  const path = file(`
mode: live
module: /usr/lib/softhsm/libsofthsm2.so
token: ceremony
pin: prompt
securityOfficerPin: {file: user.pin}
rehearsal:
  token: rehearsal
  pin: {fd: 5}
  securityOfficerPin: prompt
`);
  expect(readTokenFile(path)).toEqual({
    mode: 'live',
    location: { kind: 'pkcs11', module: '/usr/lib/softhsm/libsofthsm2.so', token: 'ceremony' },
    pin: 'prompt',
    securityOfficerPin: { file: pin },
    rehearsal: {
      location: { kind: 'pkcs11', module: '/usr/lib/softhsm/libsofthsm2.so', token: 'rehearsal' },
      pin: { fd: 5 },
      securityOfficerPin: 'prompt',
    },
  });
});

test('a software token, and a rehearsal behind another module', () => {
  const path = file(
    'software: keys\ntoken: training\npin: prompt\nrehearsal: {module: lib/other.so, token: r, pin: prompt}\n',
  );
  expect(readTokenFile(path)).toEqual({
    mode: 'training',
    location: { kind: 'software', folder: join(folder, 'keys'), token: 'training' },
    pin: 'prompt',
    securityOfficerPin: null,
    rehearsal: {
      location: { kind: 'pkcs11', module: join(folder, 'lib/other.so'), token: 'r' },
      pin: 'prompt',
      securityOfficerPin: null,
    },
  });
});

test('a module that wants parameters', async () => {
  const nss = (name: string) => `configdir='sql:/keys/${name}'`;
  const main = `module: /nss.so\nparameters: "${nss('main')}"\ntoken: t\npin: prompt\n`;
  const location = { kind: 'pkcs11', module: '/nss.so', parameters: nss('main'), token: 't' };
  expect(readTokenFile(file(main)).location).toEqual(location);
  // Another database is another token, be it of the same label.
  const other = `rehearsal: {module: /nss.so, parameters: "${nss('other')}", token: t, pin: prompt}\n`;
  expect(readTokenFile(file(main + other)).rehearsal?.location).toEqual({ ...location, parameters: nss('other') });
  expect(await complaint(`${main}rehearsal: {token: t, pin: prompt}\n`)).toMatch(/must be another token/);
  expect(await complaint('software: s\nparameters: p\ntoken: t\npin: prompt\n')).toMatch(
    /names parameters without a module/,
  );
});

test.each([
  ['pin: "4711-4712"', '4711-4712'],
  ['pin: 47114712', '47114712'],
  ['pin: {value: "4711-4712"}', '4711-4712'],
  ['pin: prompt\nsecurityOfficerPin: hunter22', 'hunter22'],
])('a PIN that stands in the file is refused and not repeated: %s', async (line, secret) => {
  const detail = await complaint(`module: /m.so\ntoken: t\n${line}\n`);
  expect(detail).toMatch(
    /^line [34], column \d+: (pin|securityOfficerPin): may be prompt, pad, \{parts: number\}, \{file: path\} or \{fd: number\}/,
  );
  expect(detail).not.toContain(secret);
});

test('a PIN in parts is of two to four people', async () => {
  const path = file('module: /m.so\ntoken: t\npin: { parts: 2 }\n');
  expect(readTokenFile(path).pin).toEqual({ parts: 2 });
  for (const parts of [0, 1, 5, 47114712]) {
    const detail = await complaint(`module: /m.so\ntoken: t\npin: { parts: ${parts} }\n`);
    expect(detail).toContain('pin');
    expect(detail).not.toContain('47114712');
  }
});

test('each complaint says where', async () => {
  expect(await complaint('module: /m.so\ntoken: t\npin: prompt\nmodul: x\n')).toMatch(
    /^line 4, column 1: modul: no such key/,
  );
  expect(await complaint('mode: real\nmodule: /m.so\ntoken: t\npin: prompt\n')).toMatch(/^line 1, column 7: mode: /);
  expect(await complaint('module: /m.so\ntoken: t\npin: prompt\nrehearsal:\n  token: r\n  pin: 1\n')).toMatch(
    /^line 6, column 8: rehearsal.pin: /,
  );
  expect(await complaint('module: /m.so\nmodule: /n.so\n')).toMatch(/^line 2, column 1: duplicate key$/);
  expect(await complaint('token: t\npin: prompt\n')).toMatch(/names either module or software/);
  expect(await complaint('module: /m.so\nsoftware: s\ntoken: t\npin: prompt\n')).toMatch(
    /names either module or software/,
  );
  expect(await complaint('module: /m.so\npin: prompt\n')).toMatch(/^line 1, column 1: token: /);
  expect(await complaint('module: /m.so\ntoken: t\npin: {fd: 1}\n')).toMatch(/^line 3, column 11: pin.fd: /);
  expect(await complaint('just text')).toMatch(/^line 1, column 1: /);
  expect(await complaint('')).toMatch(/^line 1, column 1: /);
});

test('the rehearsal token is another one, and a descriptor gives one PIN', async () => {
  const main = 'module: /m.so\ntoken: t\npin: {fd: 3}\n';
  expect(await complaint(`${main}rehearsal: {token: t, pin: prompt}\n`)).toMatch(/rehearsal: must be another token/);
  expect(await complaint(`${main}rehearsal: {token: r, pin: {fd: 3}}\n`)).toMatch(/one file descriptor twice/);
  const software = 'software: s\ntoken: t\npin: prompt\n';
  expect(await complaint(`${software}rehearsal: {token: r, pin: prompt}\n`)).toMatch(
    /rehearsal: must be another token/,
  );
  expect(await complaint(`${software}rehearsal: {software: ./s/, token: r, pin: prompt}\n`)).toMatch(/another token/);
  expect(readTokenFile(file(`${software}rehearsal: {software: r, token: t, pin: prompt}\n`)).rehearsal).not.toBeNull();
});

test('a PIN that is typed at the token itself', () => {
  const read = readTokenFile(file('module: /m.so\ntoken: t\npin: pad\nsecurityOfficerPin: pad\n'));
  expect(read).toMatchObject({ pin: 'pad', securityOfficerPin: 'pad' });
});

test('a token file that is not there', async () => {
  await refused('FILE_MISSING', () => readTokenFile(join(folder, 'none.yaml')));
  await refused('FILE_UNREADABLE', () => readTokenFile(folder));
});

test('a PIN file that others may read, or that is not there, is refused', async () => {
  const path = file('module: /m.so\ntoken: t\npin: {file: user.pin}\n');
  const missing = await refused('PIN_SOURCE', () => readTokenFile(path));
  expect(missing).toEqual({ pin: 'PIN', source: join(folder, 'user.pin') });
  const pin = file('1234', 'user.pin');
  expect(readTokenFile(path).pin).toEqual({ file: pin });
  chmodSync(pin, 0o640);
  expect((await refused('PIN_SOURCE', () => readTokenFile(path))).source).toContain('640');
  expect((await refused('PIN_SOURCE', () => readPinSource({ file: pin }))).source).toContain('640');
});

test.each([
  ['1234', '1234'],
  ['1234\n', '1234'],
  ['12 34 \n\n', '12 34 \n'],
  ['\u00fcber\n', '\u00fcber'],
])('a PIN file of %j gives %j', async (content, pin) => {
  const read = await readPinSource({ file: file(content, 'user.pin') });
  expect(Buffer.from(read).toString()).toBe(pin);
});

test('an empty or an endless PIN is refused', async () => {
  await refused('PIN_SOURCE', () => readPinSource({ file: file('\n', 'empty.pin') }));
  await refused('PIN_SOURCE', () => readPinSource({ file: file('x'.repeat(1025), 'long.pin') }));
  expect(await readPinSource({ file: file(`${'x'.repeat(1024)}\n`, 'longest.pin') })).toHaveLength(1024);
  await refused('PIN_SOURCE', () => readPinSource({ fd: 999 }));
});

test('a PIN from a file descriptor and from a pipe', async () => {
  const handle = openSync(file('739182\n', 'user.pin'), 'r');
  expect(Buffer.from(await readPinSource({ fd: handle })).toString()).toBe('739182');
  closeSync(handle);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', ['-m', '600', pipe]);
  spawn('sh', ['-c', `{ printf 'from a '; printf 'pipe\\n'; } > '${pipe}'`], { stdio: 'ignore' });
  const reading = await openFile(pipe, 'r');
  expect(Buffer.from(await readPinSource({ fd: reading.fd })).toString()).toBe('from a pipe');
  await reading.close();
});
