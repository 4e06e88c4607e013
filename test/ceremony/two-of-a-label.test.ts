import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../core/contract/commands.ts';
import { type Given, lastResult, masterKey, place, root, scriptOf, walk } from './in-process.ts';

type Step = [id: string, action: string, parameters: object];
const backupOf = (label: string): Step => ['backup', 'backup-keys', { keys: [label] }];
const shares: Step = ['shares', 'find-shares', { masterKey: 'master' }];

/** A label that was used again: what an earlier key had is not taken for the later one's. */

test('of two backups of one label, a rehearsal asks for the newer, once', async () => {
  const { folder, begin } = place();
  const backup = backupOf('root');
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

test('a label as long as one may be is asked for and answered', async () => {
  const label = 'r'.repeat(64);
  const { folder, begin } = place();
  const made = [['key', 'generate-key', { label, algorithm: 'AES-256', purpose: 'vault-kek' }]] satisfies Step[];
  await walk(await begin(scriptOf(true, masterKey('master'), ...made, backupOf(label)), 'one'));
  const runner = await begin(scriptOf(false, shares, ['rehearsal', 'rehearse-recovery', { keys: [label] }]), 'two');
  await walk(runner, {}, 'rehearsal');
  const [asked] = (await runner.look()).asks.filter(({ kind }) => kind === 'text');
  const given = { ceremony: runner.state.id, step: 'rehearsal', ask: asked?.id, answer: { text: join(folder, 'one') } };
  expect(COMMANDS['ceremony.answer'].input.safeParse(given).error).toBeUndefined();
});
