import { copyFileSync, existsSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lastResult, masterKey, place, root, scriptOf, walk } from './in-process.ts';

const made = scriptOf(true, masterKey('master'), ...root('root'), ['backup', 'backup-keys', { keys: ['root'] }]);
const ended = scriptOf(false, ['destroy', 'destroy-keys', { keys: ['root'] }]);

describe('the backups of a destroyed key', () => {
  test('of another key under the same label are left alone, whatever is typed', async () => {
    const { folder, begin } = place();
    // Each makes a token of its own; the one that is destroyed in is the newest.
    for (const name of ['one', 'two']) await walk(await begin(made, name));
    const runner = await begin(ended, 'three');
    await walk(runner);
    expect(existsSync(join(folder, 'two/backup/root.kwp'))).toBe(false);
    expect(existsSync(join(folder, 'one/backup/root.kwp'))).toBe(true);
    expect(lastResult(runner)).toMatchObject({
      backups: [
        { path: join(folder, 'one/backup/root.kwp'), fate: 'kept', detail: 'another key; left alone' },
        { path: join(folder, 'two/backup/root.kwp'), fate: 'absent', detail: 'removed, and absent' },
      ],
    });
  });

  test('are not taken for absent while their medium is away', async () => {
    const { folder, begin } = place();
    const copy = join(folder, 'stick/copy');
    mkdirSync(join(folder, 'stick'));
    await walk(await begin(made, 'one', { copy }));
    renameSync(join(folder, 'stick'), join(folder, 'pulled'));
    unlinkSync(join(folder, 'one/backup/root.kwp'));
    const runner = await begin(ended, 'two');
    await walk(runner);
    expect(lastResult(runner)).toMatchObject({
      backups: [
        { path: join(folder, 'one/backup/root.kwp'), fate: 'absent', detail: 'was not there' },
        { path: join(copy, 'backup/root.kwp'), fate: 'kept', detail: 'its medium is not here' },
      ],
    });
  });

  test('“remove PATH” removes a copy of them, and nothing else', async () => {
    const { folder, begin } = place();
    await walk(await begin(made, 'one'));
    const [copied, diary, gone] = ['copied.kwp', 'diary.txt', 'gone.kwp'].map((name) => join(folder, name));
    copyFileSync(join(folder, 'one/backup/root.kwp'), copied ?? '');
    writeFileSync(diary ?? '', 'what I did');
    const runner = await begin(ended, 'two');
    const others = `remove ${copied ?? ''}; remove ${diary ?? ''}; remove ${gone ?? ''}; safe 3`;
    await walk(runner, { 'other-copies': others });
    expect([existsSync(copied ?? ''), existsSync(diary ?? '')]).toEqual([false, true]);
    const { backups } = lastResult(runner) as { backups: { path: string; fate: string; detail: string }[] };
    expect(backups.slice(1)).toEqual([
      { path: copied, fate: 'absent', detail: 'removed, and absent' },
      { path: diary, fate: 'kept', detail: expect.stringContaining('left alone') as string },
      { path: gone, fate: 'kept', detail: 'is not there; its medium may be elsewhere' },
      { path: 'another copy', fate: 'kept', detail: 'safe 3' },
    ]);
  });
});
