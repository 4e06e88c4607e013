import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeOutputFolders, openOutput } from '../../core/ceremony/output.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { crashAtResult, place, root, scriptOf, walk } from './in-process.ts';

const ID = '2026-01-01-00000000';

async function twoMedia(id = ID) {
  const folder = temporaryFolder();
  const out = join(folder, 'one');
  const copy = join(folder, 'two');
  await makeOutputFolders(id, out, copy);
  return { folder, out, copy, output: openOutput(id, out, copy) };
}

const held = (folder: string) => readdirSync(folder).filter((name) => name !== '.claviger-ceremony');

describe('two media', () => {
  test('hold the same bytes, in folders that only their owner reads', async () => {
    const { out, copy, output } = await twoMedia();
    const written = await output.write('sheets/a.pdf', new TextEncoder().encode('paper'));
    expect(written.path).toBe('sheets/a.pdf');
    for (const folder of [out, copy]) expect(readFileSync(join(folder, 'sheets/a.pdf'), 'utf8')).toBe('paper');
    await refused('OUTPUT_EXISTS', () => output.write('sheets/a.pdf', new Uint8Array(1)));
  });

  test('a file that is on the second only is in the way as well, and stays', async () => {
    const { out, copy, output } = await twoMedia();
    writeFileSync(join(copy, 'root.crt'), 'foreign');
    expect(output.exists('root.crt')).toBe(true);
    await refused('OUTPUT_EXISTS', () => output.write('root.crt', new Uint8Array(1)));
    expect(readFileSync(join(copy, 'root.crt'), 'utf8')).toBe('foreign');
    // What the first already got is the runner's to remove.
    expect(output.remove('other')).toBe(false);
    expect(existsSync(join(out, 'root.crt'))).toBe(true);
  });

  test('one that was pulled is named before anything is written to the other', async () => {
    const { out, copy, output } = await twoMedia();
    rmSync(copy, { recursive: true });
    expect(await refused('OUTPUT_MISSING', () => output.write('root.crt', new Uint8Array(1)))).toEqual({
      path: join(copy, 'root.crt'),
    });
    expect(held(out)).toEqual([]);
  });

  test('are cleared of a try that did not end, half-written files too', async () => {
    const { out, copy, output } = await twoMedia();
    await output.write('root.crt', new Uint8Array(1));
    writeFileSync(join(copy, '.root.crt.0123456789ab.tmp'), 'half');
    expect(output.remove('root.crt')).toBe(true);
    expect([...held(out), ...held(copy)]).toEqual([]);
  });

  test('are not cleared while one of them is away: what is left on it would be left for ever', async () => {
    const { folder, out, copy, output } = await twoMedia();
    await output.write('share-1.pdf', new Uint8Array(1));
    renameSync(copy, join(folder, 'pulled'));
    await refused('OUTPUT_MISSING', () => output.remove('share-1.pdf'));
    await refused('OUTPUT_MISSING', () => output.exists('share-1.pdf'));
    expect(held(out)).toEqual(['share-1.pdf']);
    renameSync(join(folder, 'pulled'), copy);
    expect(output.remove('share-1.pdf')).toBe(true);
    expect([...held(out), ...held(copy)]).toEqual([]);
  });

  test('are not a bare mount point: nothing is written there, nor to the other', async () => {
    const { out, copy, output } = await twoMedia();
    rmSync(copy, { recursive: true });
    mkdirSync(copy);
    expect(await refused('OUTPUT_MISSING', () => output.write('root.crt', new Uint8Array(1)))).toEqual({
      path: join(copy, 'root.crt'),
    });
    expect([...held(out), ...readdirSync(copy)]).toEqual([]);
  });

  test('are not those of another ceremony, whose files of the same name stay', async () => {
    const { out, copy, output } = await twoMedia();
    const other = await twoMedia('2026-01-01-11111111');
    await output.write('root.crt', new Uint8Array(1));
    await other.output.write('root.crt', new Uint8Array(2));
    rmSync(copy, { recursive: true });
    renameSync(other.copy, copy);
    for (const work of [() => output.remove('root.crt'), () => output.write('sub.crt', new Uint8Array(1))]) {
      expect(await refused('OUTPUT_OTHER', work)).toMatchObject({ path: expect.stringContaining(copy) as string });
    }
    expect([held(out), held(copy)]).toEqual([['root.crt'], ['root.crt']]);
    expect(readFileSync(join(copy, 'root.crt'))).toHaveLength(2);
  });

  test('of a ceremony that has left nothing in them are free for the next', async () => {
    const { out, copy, output } = await twoMedia();
    await makeOutputFolders('2026-01-01-22222222', out, copy);
    await refused('OUTPUT_OTHER', () => output.write('root.crt', new Uint8Array(1)));
    expect(statSync(join(out, '.claviger-ceremony')).mode & 0o777).toBe(0o600);
  });

  test('cannot be one folder, nor folders that hold something', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out');
    await refused('OUTPUT_EXISTS', () => makeOutputFolders(ID, out, `${folder}/./out`));
    mkdirSync(join(folder, 'full/of'), { recursive: true });
    await refused('OUTPUT_EXISTS', () => makeOutputFolders(ID, out, join(folder, 'full')));
    await refused('OUTPUT_MISSING', () => makeOutputFolders(ID, out, join(folder, 'not/there')));
    // Nothing was made where one of them could not be.
    expect(existsSync(out)).toBe(false);
  });
});

test('a step that was interrupted stays so while a medium is away, and is undone on both when it is back', async () => {
  const { folder, begin, ceremonies } = place();
  const copy = join(folder, 'copy');
  const runner = await begin(scriptOf(true, ...root('root')), 'out', { copy });
  await walk(runner, {}, 'root-certificate');
  await crashAtResult(await ceremonies.ledger(), () => runner.perform('root-certificate'));
  renameSync(copy, join(folder, 'pulled'));
  mkdirSync(copy);
  await refused('OUTPUT_MISSING', () => runner.resume());
  expect(runner.state.status).toBe('interrupted');
  expect([held(join(folder, 'out')), held(copy)]).toEqual([['root.crt'], []]);
  rmSync(copy, { recursive: true });
  renameSync(join(folder, 'pulled'), copy);
  await runner.resume();
  expect([held(join(folder, 'out')), held(copy)]).toEqual([[], []]);
  await walk(runner);
  expect([held(join(folder, 'out')), held(copy)]).toEqual([['root.crt'], ['root.crt']]);
});
