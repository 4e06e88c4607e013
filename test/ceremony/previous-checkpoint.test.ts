import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { previousCheckpoint } from '../../core/ceremony/previous-checkpoint.ts';
import { checkpointWords, parseCheckpoint } from '../../core/ledger/checkpoint.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { openStore } from '../../core/store/open.ts';
import { refused } from '../hsm/refused.ts';
import { KINDS, appendCheckpoint, note, sampleLedger } from '../ledger/sample-ledger.ts';

test('a ceremony begins with the newest checkpoint from paper, or with a word why there is none', async () => {
  const { ledger, key, store } = await sampleLedger(3);
  expect(await previousCheckpoint(ledger, 'training', null)).toBeNull();
  await refused('CHECKPOINT_UNSAID', () => previousCheckpoint(ledger, 'live', null));
  expect(await previousCheckpoint(ledger, 'live', { lost: 'the first' })).toEqual({ lost: 'the first' });

  const first = await appendCheckpoint(ledger, key);
  await refused('CHECKPOINT_NEEDED', () => previousCheckpoint(ledger, 'training', null));
  expect(await previousCheckpoint(ledger, 'live', { paper: first })).toMatchObject({ size: 4, treeSize: 5 });
  await ledger.append([note('more')]);
  const second = await appendCheckpoint(ledger, key);

  // An old paper, and the paper of nothing, are contained in every ledger: they prove nothing of what came after.
  await refused('CHECKPOINT_OLDER', () => previousCheckpoint(ledger, 'live', { paper: first }));
  const nothing = await ledger.checkpoint(0);
  const typed = ['0', ...checkpointWords(nothing)].join(' ');
  await refused('CHECKPOINT_OLDER', () => previousCheckpoint(ledger, 'live', { paper: typed }));
  expect(await previousCheckpoint(ledger, 'live', { paper: second })).toMatchObject({ size: 6 });
  expect(parseCheckpoint(second)?.size).toBe(6);
  await store.close();
});

test('the rows themselves are hashed: one that was changed beside its leaf is found', async () => {
  const { ledger, key, store, folder } = await sampleLedger(5);
  const paper = await appendCheckpoint(ledger, key);
  await store.close();
  const database = new Database(join(folder, 'claviger.db'));
  database.exec('DROP TRIGGER ledger_no_update');
  database.exec(`UPDATE ledger SET body = '{"text":"forged"}' WHERE seq = 4`);
  database.close();
  const again = await openStore(folder);
  const reopened = openLedger(again, () => new Date(), KINDS);
  const params = await refused('LEDGER_ALTERED', () => previousCheckpoint(reopened, 'training', { paper }));
  expect(params).toMatchObject({ seq: 4 });
  await again.close();
});
