import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { valueOf } from '../../core/process/rpc.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { beginCheaply, doStep, startCore, walkTo } from './core.ts';

test('a pause survives a restart, forgets what was typed, and stands in the ledger', async () => {
  const { core, data, view: begun } = await beginCheaply();
  const view = await walkTo(core, begun, 'master-key');
  const { id: ceremony } = view;
  const paused = valueOf(await core.call('ceremony.pause', { ceremony, person: 'Jonas Weber', reason: 'Lunch.' }));
  expect(paused).toMatchObject({ status: 'paused', paused: { person: 'Jonas Weber', reason: 'Lunch.' } });
  expect(paused.current).toMatchObject({ id: 'master-key', asks: [], ready: false });
  await refused('CEREMONY_PAUSED', async () =>
    valueOf(await core.call('ceremony.perform', { ceremony, step: 'master-key' })),
  );
  await core.close();

  const held = await claviger(['ceremony', 'resume', '--data', data, '--answers', '/none']);
  expect(held.status).toBe(1);
  const again = startCore(data);
  const waiting = valueOf(await again.call('ceremony.view', { ceremony }));
  expect(waiting.status).toBe('paused');
  const on = valueOf(await again.call('ceremony.continue', { ceremony, person: 'Inês Duarte' }));
  expect(on.status).toBe('running');
  // The token was logged out: its PIN is asked again.
  expect(on.current?.asks.some(({ id, given }) => id === 'main-pin' && !given)).toBe(true);
  expect((await doStep(again, on)).current?.id).toBe('root-key');
});

test('every file goes to two media', async () => {
  const folder = temporaryFolder();
  const copy = join(folder, 'copy');
  const { core, out, view: begun } = await beginCheaply({ copy });
  const view = await walkTo(core, begun, 'read-root');
  expect(view.copy).toBe(copy);
  expect(readFileSync(join(copy, 'root.crt'))).toEqual(readFileSync(join(out, 'root.crt')));
  expect(readdirSync(copy)).toEqual(readdirSync(out));
});
