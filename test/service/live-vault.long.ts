import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { liveRoom } from './live-room.ts';

/** A vault's foundation as it is live, and its recovery after a fire: the token that had its key is empty again, and the store is gone. */

/** There is no root: the key that signed stands for itself, and is compared with paper. */
const UNROOTED = ['-noverify'];

test('vault-initialisation, and vault-recovery on tokens that are empty again', { timeout: 600_000 }, async () => {
  const room = liveRoom();
  onTestFinished(room.remove);
  const data = join(room.folder, 'data');
  const first = { checkpointLost: 'the first ceremony' };
  await room.live('vault-initialisation', data, first, {}, UNROOTED);

  room.putBack('empty', data);
  const brought = { texts: { medium: join(room.medium, 'vault-initialisation') } };
  const lost = { checkpointLost: 'the store is gone' };
  const view = await room.live('vault-recovery', join(room.folder, 'new-data'), lost, brought, UNROOTED);
  const factsOf = (id: string) => view.records.find(({ step }) => step === id)?.facts ?? [];
  expect(factsOf('recovery')).toContainEqual(expect.objectContaining({ label: 'vault-kek-2026', verdict: 'go' }));
});
