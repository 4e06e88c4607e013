import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Answers } from '../../core/cli/answers.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { REPOSITORY } from '../shipped.ts';
import { answersOf, at, toStep } from './after-root.ts';
import { startCore } from './core.ts';

/** A vault has a master key and no CA: after a fire paper says which share set it was, and no root. */

test('a vault comes back from sheets and one medium, of the share set that stands on the sheets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-vault-fire-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const made = join(folder, 'made');
  const vault = join(folder, 'vault.yaml');
  const shipped = readFileSync(join(REPOSITORY, 'resources/ceremonies/vault-initialisation.yaml'), 'utf8');
  const label = '{ label: vault-master-2026 }';
  expect(shipped).toContain(label);
  writeFileSync(vault, shipped.replace(label, '{ label: vault-master-2026, scryptLog2N: 10 }'));
  const before = startCore(join(folder, 'data'));
  const begun = valueOf(await before.call('ceremony.begin', { script: vault, out: made }));
  expect(await toStep(before, begun, null, answersOf('vault-initialisation'))).toMatchObject({ status: 'completed' });
  const { setId } = JSON.parse(readFileSync(join(made, 'manifest.json'), 'utf8')) as { setId: string };

  const script = join(REPOSITORY, 'resources/ceremonies/vault-recovery.yaml');
  const core = startCore(join(folder, 'new-data'));
  const answers: Answers = { ...answersOf('vault-recovery'), texts: { medium: made } };
  let view: CeremonyView = valueOf(await core.call('ceremony.begin', { script, out: join(folder, 'recovered') }));
  view = await toStep(core, view, 'medium', answers);
  const here = at(core, view);

  // The signature of another key, and a set that differs from the paper.
  const altered = join(folder, 'altered');
  cpSync(made, altered, { recursive: true });
  cpSync(join(made, 'custody.json.p7s'), join(altered, 'manifest.json.p7s'));
  expect(await here.show('medium', { text: altered })).toMatchObject({ code: 'MANIFEST_INVALID' });
  expect(await here.show('medium', { text: made })).toBeNull();
  const words = (await here.view()).current?.asks.find(({ kind }) => kind === 'words');
  if (words?.kind !== 'words') throw new Error('the share set is compared');
  expect(words.words.join('')).toBe(setId);
  const ticks = words.words.map((_, index): [boolean, boolean] => [true, index !== 2]);
  expect(await here.show(words.id, { ticks })).toMatchObject({ code: 'WORDS_DIFFER' });

  view = await toStep(core, await here.view(), null, answers);
  expect(view.status).toBe('completed');
  const factsOf = (id: string) => view.records.find(({ step }) => step === id)?.facts ?? [];
  expect(factsOf('medium')).toContainEqual(
    expect.objectContaining({ label: 'Manifest and register', detail: 'each signed by this ledger key' }),
  );
  expect(factsOf('recovery')).toContainEqual(expect.objectContaining({ label: 'vault-kek-2026', verdict: 'go' }));
  const { sets } = valueOf(await core.call('custody.overview', {}));
  expect(sets).toMatchObject([{ setId, valid: 5, register: { number: 2 }, stillValid: [] }]);
});
