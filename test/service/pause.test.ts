import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { beginCheaply, doStep, sampleResponder, startCore, walkTo } from './core.ts';

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

/** Waits for what a change brings. */
async function until(
  core: CoreProcess,
  ceremony: string,
  fits: (view: CeremonyView) => boolean,
): Promise<CeremonyView> {
  for (;;) {
    const view = valueOf(await core.call('ceremony.view', { ceremony }));
    if (fits(view)) return view;
    await core.call('app.changes', { after: view.version });
  }
}

const LUNCH = { person: 'Jonas Weber', reason: 'Lunch.' };

test('a pause while sheets are scanned stops between two of them; the step is done again afterwards', async () => {
  const { core, view: begun } = await beginCheaply();
  const view = await walkTo(core, begun, 'scan');
  const { id: ceremony } = view;
  await giveAnswers(core, view, sampleResponder);
  const performed = core.call('ceremony.perform', { ceremony, step: 'scan' });
  // Whoever looks late sees more than the first.
  const seen = await until(core, ceremony, ({ current }) => (current?.progress?.done ?? 0) > 0);
  expect(seen.current).toMatchObject({ id: 'scan', running: true, progress: { total: 5 } });
  await refused('PERSON_UNKNOWN', async () =>
    valueOf(await core.call('ceremony.pause', { ceremony, person: 'Nobody', reason: 'Lunch.' })),
  );
  const asked = valueOf(await core.call('ceremony.pause', { ceremony, ...LUNCH }));
  expect(asked).toMatchObject({ status: 'running', paused: null, pausing: LUNCH });
  expect(await performed).toMatchObject({ ok: false, error: { code: 'STEP_STOPPED' } });
  const paused = valueOf(await core.call('ceremony.view', { ceremony }));
  expect(paused).toMatchObject({ status: 'paused', paused: LUNCH, pausing: null, current: { id: 'scan' } });
  const on = valueOf(await core.call('ceremony.continue', { ceremony, person: 'Inês Duarte' }));
  expect((await doStep(core, on)).current?.id).toBe('rehearsal');
});

test('a pause while the master key is made waits for its end, and core tells how many shares are sealed', async () => {
  // Dear enough that it is seen under way.
  const { core, view: begun } = await beginCheaply({
    change: (script) => script.replace('scryptLog2N: 10', 'scryptLog2N: 15'),
  });
  const view = await walkTo(core, begun, 'master-key');
  const { id: ceremony } = view;
  await giveAnswers(core, view, sampleResponder);
  const performed = core.call('ceremony.perform', { ceremony, step: 'master-key' });
  const seen = await until(core, ceremony, ({ current }) => (current?.progress?.done ?? 0) > 0);
  expect(seen.current?.progress?.total).toBe(5);
  await core.call('ceremony.pause', { ceremony, ...LUNCH });
  expect((await performed).ok).toBe(true);
  const paused = valueOf(await core.call('ceremony.view', { ceremony }));
  expect(paused).toMatchObject({ status: 'paused', paused: LUNCH, current: { id: 'root-key', progress: null } });
});
