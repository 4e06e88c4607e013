import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Given, lastResult, masterKey, place, root, scriptOf, walk } from './in-process.ts';

/** A label that was used again: what an earlier key had is not taken for the later one's. */

test('of two backups of one label, a rehearsal asks for the newer, once', async () => {
  const { folder, begin } = place();
  const backup: [string, string, object] = ['backup', 'backup-keys', { keys: ['root'] }];
  const shares: [string, string, object] = ['shares', 'find-shares', { masterKey: 'master' }];
  await walk(await begin(scriptOf(true, masterKey('master'), ...root('root'), backup), 'one'));
  const again = scriptOf(false, shares, ['end', 'destroy-keys', { keys: ['root'] }], ...root('root'), backup);
  const kept: Given = { 'backup-1': 'kept in the safe' };
  await walk(await begin(again, 'two'), kept);
  const rehearsal = scriptOf(false, shares, ['rehearsal', 'rehearse-recovery', { keys: ['root'] }]);
  const runner = await begin(rehearsal, 'three');
  await walk(runner, {}, 'rehearsal');
  expect(lastResult(runner)).toMatchObject({ backups: [{ label: 'root', folder: join(folder, 'two') }] });
  const { asks } = await runner.look();
  expect(asks.filter(({ id }) => id === 'backup-root')).toMatchObject([
    { suggestion: join(folder, 'two/backup/root.kwp') },
  ]);
  await runner.answer('rehearsal', 'backup-root', { text: join(folder, 'two/backup/root.kwp') });
  expect((await runner.look()).facts).toMatchObject([{ label: 'root', verdict: 'go' }]);
});
