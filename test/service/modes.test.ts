import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Ceremonies } from '../../core/service/ceremonies.ts';
import { Changes } from '../../core/service/changes.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { SCRIPT } from '../shipped.ts';

test('training and live ceremonies are never in one ledger; a live one says what it has on paper and needs two media', async () => {
  const folder = temporaryFolder();
  const tokenFile = join(folder, 'token.yaml');
  writeFileSync(
    tokenFile,
    'module: /none.so\ntoken: a\npin: prompt\nmode: live\nrehearsal: { token: b, pin: prompt }\n',
  );
  const storeIn = (data: string) => {
    const ceremonies = new Ceremonies({
      data: join(folder, data),
      changes: new Changes(),
      clock: () => new Date(),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    });
    onTestFinished(() => ceremonies.close());
    return ceremonies;
  };
  const text = readFileSync(SCRIPT, 'utf8');
  const wanted = { text, out: join(folder, 'out'), copy: null, tokenFile: null, checkpoint: null };
  const live = { ...wanted, tokenFile, out: join(folder, 'live'), copy: join(folder, 'copy') };

  const training = storeIn('training-store');
  const id = await training.begin(wanted);
  await (await training.runner(id)).abort('Jonas Weber', 'enough');
  expect(await refused('STORE_OF_OTHER_MODE', () => training.begin(live))).toEqual({ mode: 'training' });

  const own = storeIn('live-store');
  await refused('SECOND_MEDIUM_MISSING', () => own.begin({ ...live, copy: null }));
  await refused('CHECKPOINT_UNSAID', () => own.begin(live));
  const begun = await own.begin({ ...live, checkpoint: { lost: 'This is the first ceremony.' } });
  expect((await own.runner(begun)).state.mode).toBe('live');
});
