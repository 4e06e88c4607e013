import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../../core/contract/errors.ts';
import { growth } from '../../core/ledger/growth.ts';
import { Frontier } from '../../core/ledger/tree.ts';
import { Child } from '../../core/process/child.ts';
import { spawnBelow } from '../../core/process/spawn.ts';
import { PROGRAMS } from '../../core/process/programs.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { SOFTHSM_MODULE, makeSoftHsm } from '../hsm/softhsm.ts';
import { REPOSITORY, SCRIPT } from '../shipped.ts';
import { temporaryFolder } from './claviger.ts';

const BUILT = join(REPOSITORY, 'core/dist');

test('npm start without a display runs the training ceremony in the terminal and says where everything is', async () => {
  const home = temporaryFolder();
  const env = { ...process.env, HOME: home, CLAVIGER_DATA: join(home, 'data'), DISPLAY: '', WAYLAND_DISPLAY: '' };
  const child = spawn(process.execPath, [join(REPOSITORY, 'electron/start.js')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise((resolve) => child.once('close', resolve));
  expect(status).toBe(0);
  expect(text).toContain('There is no display');
  const out = join(home, readdirSync(home).find((name) => name.startsWith('claviger-training-')) ?? 'none');
  expect(text).toContain(`The store is in ${join(home, 'data')}, everything else in ${out}.`);
  expect(existsSync(join(out, 'transcript.json.p7s'))).toBe(true);
});

test('what npm start has built finds its parts: scripts, fonts, the token process and the second thread', async () => {
  expect(readdirSync(BUILT)).toEqual(expect.arrayContaining(Object.keys(PROGRAMS).map((name) => `${name}.js`)));
  const folder = temporaryFolder();
  onTestFinished(makeSoftHsm(['built']).remove);
  const core = new Child(spawnBelow(process.execPath, join(BUILT, 'core.js'), [join(folder, 'data')]));
  const call = async (command: string, input: unknown) => {
    const answer = await core.call(command, input);
    if ('gone' in answer) throw new Error(`core has ended: ${answer.gone}`);
    return valueOf(answer as Outcome<never>);
  };
  const { scripts } = await call('app.info', {});
  expect(scripts).toContainEqual(expect.objectContaining({ path: SCRIPT, error: null }));
  const out = join(folder, 'script.pdf');
  await call('ceremony.script', { script: SCRIPT, out });
  expect(readFileSync(out).subarray(0, 5).toString()).toBe('%PDF-');
  const { slots } = await call('token.probe', { module: SOFTHSM_MODULE });
  expect(JSON.stringify(slots)).toContain('"built"');
  await core.close();

  const leaves = ['one', 'two', 'three'];
  const thread = new Worker(join(BUILT, 'tree-thread.js'));
  const grown = new Promise((resolve) => thread.once('message', resolve));
  thread.postMessage({ leaves, markedSize: null });
  expect(await grown).toEqual(structuredClone(growth(new Frontier(), leaves, null)));
  await thread.terminate();
});

/** Files of what is built that are read with one of them, itself among them: what it imports, and not what it imports later. */
function readWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(BUILT, file), 'utf8');
  for (const [, imported] of text.matchAll(/^(?:import|export)\b[^'"\n]*['"]\.\/([^'"]+)['"]/gm))
    readWith(imported ?? '', found);
  return found;
}

test('core reads a third of itself at its start, and the shell nothing of core', () => {
  const sources = (files: Iterable<string>) =>
    [...files].map((file) => readFileSync(join(BUILT, file), 'utf8')).join('');
  const atStart = sources(readWith('core.js'));
  const later = readdirSync(BUILT).find((file) => file.startsWith('later-handlers')) ?? 'none';
  expect(atStart).toContain('function handlersOf(');
  expect(atStart).not.toContain('function laterHandlersOf(');
  expect(atStart.length).toBeLessThan(sources(new Set([...readWith('core.js'), ...readWith(later)])).length / 2);
  const client = readdirSync(BUILT).filter(
    (file) => file.endsWith('.js') && readFileSync(join(BUILT, file), 'utf8').includes('CoreProcess = class'),
  );
  expect(client).toHaveLength(1);
  expect([...readWith('open.js')]).not.toContain(client[0]);
});

test('the tests of a user who may not install print the exact line and fail', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'test/prepare.ts')], {
    uid: 65534,
    gid: 65534,
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/sudo apt-get install -y --no-install-recommends .*openssl/);
  expect(status).toBe(1);
});
