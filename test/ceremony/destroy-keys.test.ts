import { existsSync } from 'node:fs';
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
});
