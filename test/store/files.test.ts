import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readFileOrRefuse, writeFileDurably, writeRefusal } from '../../core/store/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-files-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
});
const at = (name: string) => join(folder, name);
const BYTES = Buffer.from([1, 2, 3]);

test('a file is written whole, with its mode, and no temporary sibling stays', async () => {
  await writeFileDurably(at('a'), BYTES, { mode: 0o600, overwrite: false });
  await writeFileDurably(at('empty'), new Uint8Array(), { mode: 0o640, overwrite: true });
  expect(readFileSync(at('a'))).toEqual(BYTES);
  expect(statSync(at('a')).mode & 0o777).toBe(0o600);
  expect(statSync(at('empty')).size).toBe(0);
  expect(readdirSync(folder).toSorted()).toEqual(['a', 'empty']);
});

test('what is there is replaced only when that is wanted, a dangling link included', async () => {
  writeFileSync(at('a'), 'old');
  symlinkSync(at('nowhere'), at('link'));
  mkdirSync(at('folder'));
  for (const name of ['a', 'link', 'folder']) {
    await expect(writeFileDurably(at(name), BYTES, { mode: 0o600, overwrite: false })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      params: { path: at(name) },
    });
  }
  await expect(writeFileDurably(at('folder'), BYTES, { mode: 0o600, overwrite: true })).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
  });
  expect(readFileSync(at('a'), 'utf8')).toBe('old');
  await writeFileDurably(at('a'), BYTES, { mode: 0o600, overwrite: true });
  expect(readFileSync(at('a'))).toEqual(BYTES);
  expect(readdirSync(folder).toSorted()).toEqual(['a', 'folder', 'link']);
});

test('of many writers of one new file exactly one wins', async () => {
  const writers = Array.from({ length: 20 }, (_, index) =>
    writeFileDurably(at('a'), Buffer.alloc(4096, index), { mode: 0o600, overwrite: false }),
  );
  const outcomes = await Promise.allSettled(writers);
  const won = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
  expect(won).toHaveLength(1);
  expect(readFileSync(at('a'))).toEqual(Buffer.alloc(4096, won[0]));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'OUTPUT_EXISTS' });
  }
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a missing folder, or a file in its place, is named', async () => {
  writeFileSync(at('file'), '');
  for (const path of [at('none/a'), at('file/a')]) {
    await expect(writeFileDurably(path, BYTES, { mode: 0o600, overwrite: false })).rejects.toMatchObject({
      code: 'OUTPUT_MISSING',
      params: { path },
    });
  }
});

test('a full device is full, and an error without a known errno stays what it is', async () => {
  const full = await import('node:fs/promises').then(({ writeFile }) =>
    writeFile('/dev/full', 'x').catch((e: unknown) => e),
  );
  expect(writeRefusal(full, 'a')).toMatchObject({ code: 'OUTPUT_FULL', params: { path: 'a' } });
  const bug = new TypeError('a bug');
  expect(writeRefusal(bug, 'a')).toBe(bug);
});

test('a file is read whole up to its limit, in memory of its own', async () => {
  writeFileSync(at('a'), BYTES);
  const read = await readFileOrRefuse(at('a'), 3);
  expect(Buffer.from(read)).toEqual(BYTES);
  expect(read.buffer.byteLength).toBe(4);
  expect((await readFileOrRefuse('/dev/null', 3)).length).toBe(0);
  for (const [path, code] of [
    [at('none'), 'FILE_MISSING'],
    [at('a/b'), 'FILE_MISSING'],
    [folder, 'FILE_UNREADABLE'],
    ['/dev/zero', 'FILE_TOO_LARGE'],
  ] as const) {
    await expect(readFileOrRefuse(path, 3)).rejects.toMatchObject({ code, params: { path } });
  }
  await expect(readFileOrRefuse(at('a'), 2)).rejects.toMatchObject({
    code: 'FILE_TOO_LARGE',
    params: { limitBytes: 2 },
  });
});
