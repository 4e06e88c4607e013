import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { ANSWERS } from '../shipped.ts';
import { writeTokenFile } from './token-file.ts';

/** Runs the cheap ceremony; `change` alters its token file, `out` its output folder. */
async function run(
  options: { folder?: string; token?: (text: string) => string; out?: string; answers?: string; pin?: string } = {},
) {
  const folder = options.folder ?? temporaryFolder();
  const token = options.token ? ['--token', writeTokenFile(folder, options.token)] : [];
  if (options.pin !== undefined) writeFileSync(join(folder, 'pin'), options.pin);
  const out = options.out ?? join(folder, 'out');
  const words = ['--data', join(folder, 'data'), '--out', out, '--answers', options.answers ?? ANSWERS, ...token];
  return { ...(await claviger(['ceremony', 'run', cheapScript(folder), ...words, '--json'])), folder, out };
}

/** The refusal as the program prints it: the same code in JSON and in words. */
function refusedWith(finished: { status: number | null; stdout: string; stderr: string }, code: string): void {
  expect(finished.stderr).toContain(`${code}: `);
  expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code } });
  expect(finished.status).toBe(1);
}

describe('the command line refuses, with a code and without a trace', () => {
  let softHsm: ReturnType<typeof makeSoftHsm>;
  beforeAll(() => {
    softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
  });
  afterAll(() => {
    softHsm.remove();
  });

  test('a wrong PIN', async () => {
    const finished = await run({ token: (text) => text, pin: '000000' });
    refusedWith(finished, 'PIN_WRONG');
    expect(finished.stderr + finished.stdout).not.toContain('000000');
    expect(readdirSync(finished.out)).toEqual(['.claviger-ceremony']);
  });

  test('a module that is not there, and one that is no module', async () => {
    const missing = await run({ token: (text) => text.replace(/module: .*/, 'module: /none/such.so') });
    refusedWith(missing, 'PREFLIGHT_FAILED');
    expect(missing.stderr).toContain('There is no PKCS#11 module at /none/such.so');
    const other = await run({ token: (text) => text.replace(/module: .*/, 'module: /bin/true') });
    refusedWith(other, 'PREFLIGHT_FAILED');
    expect(other.stderr).toContain('/bin/true');
  });

  test('a token that is not there', async () => {
    const finished = await run({ token: (text) => text.replace('token: ceremony', 'token: nobody') });
    refusedWith(finished, 'PREFLIGHT_FAILED');
    expect(finished.stderr).toContain('nobody is in no slot');
  });

  test('a PIN in the token file, or in a file that others may read', async () => {
    const inline = await run({ token: (text) => text.replace('pin: { file: pin }', 'pin: canary739') });
    refusedWith(inline, 'TOKEN_FILE_INVALID');
    expect(inline.stderr + inline.stdout).not.toContain('canary739');
    const folder = temporaryFolder();
    writeTokenFile(folder);
    chmodSync(join(folder, 'pin'), 0o644);
    const words = ['--data', join(folder, 'data'), '--out', join(folder, 'out'), '--token', join(folder, 'token.yaml')];
    refusedWith(
      await claviger(['ceremony', 'run', cheapScript(folder), ...words, '--answers', ANSWERS, '--json']),
      'PIN_SOURCE',
    );
  });

  test('live with the public sample answers, and live on a software token', async () => {
    refusedWith(await run({ token: (text) => `mode: live\n${text}` }), 'ANSWERS_REFUSED_LIVE');
    const software = (text: string) =>
      `mode: live\n${text.replace(/module: .*/, 'software: tok').replace(/rehearsal:[^]*/, '')}`;
    refusedWith(await run({ token: software }), 'TOKEN_NOT_LIVE');
  });

  test('a second ceremony on a token that holds keys', async () => {
    const first = await run({ token: (text) => text });
    expect(first.status).toBe(0);
    const second = await run({ token: (text) => text });
    refusedWith(second, 'KEY_EXISTS');
    expect(readdirSync(second.out)).toEqual(['.claviger-ceremony']);
  });
});

describe('the output folder', () => {
  test('that exists and is not empty', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out/root.crt'), 'of another day');
    const finished = await run({ folder });
    refusedWith(finished, 'OUTPUT_EXISTS');
    expect(readFileSync(join(folder, 'out/root.crt'), 'utf8')).toBe('of another day');
    const listed = await claviger(['ceremony', 'list', '--data', join(folder, 'data'), '--json']);
    expect(JSON.parse(listed.stdout)).toEqual({ ceremonies: [] });
  });

  test('whose medium is not there', async () => {
    const folder = temporaryFolder();
    refusedWith(await run({ folder, out: join(folder, 'medium/out') }), 'OUTPUT_MISSING');
    expect(existsSync(join(folder, 'medium'))).toBe(false);
  });

  test('that is full: the step is refused, nothing half-written is left, and it goes on when there is room', async () => {
    const folder = temporaryFolder();
    const medium = join(folder, 'medium');
    mkdirSync(medium);
    // A tmpfs of our own that takes a dozen files: the certificates fit, the sheets do not (ENOSPC).
    const script = cheapScript(folder);
    const launcher = join(import.meta.dirname, '../../core/cli/claviger.js');
    const common = `--data ${folder}/data --answers ${ANSWERS}`;
    const node = process.execPath;
    const shell = [
      `mount -t tmpfs -o size=64m,nr_inodes=13,mode=700 none ${medium}`,
      `${node} ${launcher} ceremony run ${script} --out ${medium}/out ${common}; echo "first $?"`,
      `find ${medium}/out -type f -printf '%P %s\\n'`,
      `mount -o remount,nr_inodes=1000 ${medium}`,
      `${node} ${launcher} ceremony resume ${common}; echo "second $?"`,
      `ls ${medium}/out/transcript.pdf`,
    ].join('\n');
    const child = spawn('unshare', ['--map-root-user', '--mount', 'bash', '-c', shell], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    expect(text).toContain('OUTPUT_FULL: ');
    expect(text).toContain('first 1');
    const between = text.slice(text.indexOf('first 1'), text.indexOf('second'));
    expect(between).toContain('root.crt');
    expect(between).not.toMatch(/ 0\n|\.tmp|\.claviger(?!-ceremony )/);
    expect(text).toContain('second 0');
    expect(text).toContain('transcript.pdf');
  });
});

describe('the online side', () => {
  let made: { folder: string; out: string };
  const folders: string[] = [];
  beforeAll(async () => {
    const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    folders.push(folder);
    const finished = await run({ folder });
    expect(finished.status).toBe(0);
    made = finished;
  });
  afterAll(() => {
    execFileSync('rm', ['-rf', ...folders]);
  });

  const bring = (into: string, words: { bundle?: string; key?: string; root?: string }) =>
    claviger([
      ...['bundle', 'import', words.bundle ?? join(made.out, 'bundle.cms')],
      ...['--key', words.key ?? join(made.out, 'recipient.key'), '--to', 'directory', into, '--json'],
      ...(words.root === undefined ? [] : ['--root', words.root]),
    ]);

  test('a damaged bundle', async () => {
    const folder = temporaryFolder();
    const bytes = readFileSync(join(made.out, 'bundle.cms'));
    bytes[bytes.length - 900] = (bytes[bytes.length - 900] ?? 0) ^ 1;
    writeFileSync(join(folder, 'bundle.cms'), bytes);
    refusedWith(await bring(join(folder, 'into'), { bundle: join(folder, 'bundle.cms') }), 'BUNDLE_DAMAGED');
    expect(existsSync(join(folder, 'into'))).toBe(false);
  });

  test("another recipient's key", async () => {
    const folder = temporaryFolder();
    const key = join(folder, 'other.key');
    execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', key]);
    refusedWith(await bring(join(folder, 'into'), { key }), 'BUNDLE_NOT_FOR_KEY');
    expect(existsSync(join(folder, 'into'))).toBe(false);
  });

  test('another root than the one that is named', async () => {
    const folder = temporaryFolder();
    refusedWith(await bring(join(folder, 'into'), { root: join(made.out, 'issuing.crt') }), 'BUNDLE_UNTRUSTED');
    expect(existsSync(join(folder, 'into'))).toBe(false);
    const named = await bring(join(folder, 'into'), { root: join(made.out, 'root.crt') });
    expect(JSON.parse(named.stdout)).toMatchObject({ trust: 'given', sequence: 1 });
    expect(named.status).toBe(0);
  });

  test('a file that is not there', async () => {
    refusedWith(await bring(join(temporaryFolder(), 'into'), { bundle: '/none/such.cms' }), 'FILE_MISSING');
  });
});

describe('usage', () => {
  test.each([[['nonsense']], [['ceremony', 'run']], [['ceremony', 'list', '--nonsense']], [['bundle', 'import', 'x']]])(
    '%j is exit status 2',
    async (words) => {
      expect((await claviger(words)).status).toBe(2);
    },
  );
});
