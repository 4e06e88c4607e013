import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EffectContext } from '../../core/ceremony/action.ts';
import { reShare } from '../../core/ceremony/actions/re-share.ts';
import type { FoundShares } from '../../core/ceremony/results.ts';
import { shownOf } from '../../core/ceremony/shown.ts';
import { type CeremonyState, evolve } from '../../core/ceremony/state.ts';
import type { Ask, Fact } from '../../core/contract/ceremony.ts';
import { refused } from '../hsm/refused.ts';
import { golden } from '../shares/sample-set.ts';
import { REPOSITORY } from '../shipped.ts';

const script = readFileSync(join(REPOSITORY, 'resources/ceremonies/re-share.yaml'), 'utf8');
const OLD = ['Ada', 'Bo', 'Cleo', 'Dan', 'Eve'];

/** The shipped ceremony at the step that splits anew, after a set of this epoch was found. */
function atReShare(epoch: number, brought = 3): CeremonyState {
  const body = { script, scriptSha256: 'ab', mode: 'training' as const, out: '/out', copy: null, previous: null };
  const begun = evolve(
    null,
    { kind: 'ceremony.begun', at: '', body: { ...body, after: null, tokenFile: null, token: '' } },
    'c',
  );
  const found: FoundShares = {
    ...{
      ceremony: 'made',
      folder: '/made',
      replacedSheets: [],
      superseded: [],
      aborted: [],
      registers: [],
      backups: [],
    },
    holders: OLD,
    masterKey: {
      label: 'master',
      manifest: { ...golden.manifest, epoch },
      xByCustodian: golden.shares.map(({ x }) => x),
      ...{ subsetsChecked: 10, entropySources: [], attributes: {} },
    },
  };
  const [step] = begun.script.steps.filter(({ action }) => action === 'find-shares');
  if (!step) throw new Error('the script has changed');
  const record = { step, at: '', result: found, facts: [], acted: { role: step.acting, name: null }, confirmed: [] };
  const custodians = OLD.slice(0, brought).map((name) => ({ role: 'custodian' as const, name }));
  const taking = Array.from({ length: 6 }, (_, index) => ({ role: 'newCustodian' as const, name: `New ${index}` }));
  return { ...begun, position: 5, records: [record], participants: [...custodians, ...taking] };
}

const context = (state: CeremonyState) =>
  ({ state, ledger: { read: () => Promise.resolve([]) } }) as unknown as EffectContext;
const prepare = (state: CeremonyState) => reShare.prepare(context(state), { scryptLog2N: 10 });

test('each set and each try has an epoch of its own, and after the last there is none', async () => {
  expect(await prepare(atReShare(0))).toEqual({ epoch: 1 });
  expect(await prepare({ ...atReShare(7), attempts: 2 })).toEqual({ epoch: 10 });
  expect(await prepare(atReShare(254))).toEqual({ epoch: 255 });
  expect(await refused('EPOCHS_SPENT', () => prepare(atReShare(255)))).toEqual({ epochs: 256 });
  const params = await refused('PARTICIPANTS_MISSING', () => prepare(atReShare(0, 2)));
  expect(params).toEqual({ role: 'custodian', needed: 3, present: 2 });
});

test('what is confirmed changes with whatever is approved, and with nothing else', async () => {
  const state = atReShare(0);
  const looked = (await reShare.look?.(context(state), { scryptLog2N: 10 })) ?? [];
  const asks: Ask[] = [{ id: 'a', kind: 'accept', label: 'A', given: false, by: 'witness', tone: 'plain' }];
  const shown = shownOf(state, asks, looked);
  expect(shown).toMatch(/^[0-9a-f]{64}$/);
  const clock: Fact = { kind: 'check', label: 'Clock', verdict: 'go', detail: '12:00' };
  const given = asks.map((ask) => ({ ...ask, given: true }));
  expect(shownOf(state, given, [...looked, clock])).toBe(shown);
  const swapped = state.participants.with(4, { role: 'newCustodian', name: 'Mallory' });
  const other: CeremonyState[] = [
    { ...state, participants: swapped },
    { ...state, scriptSha256: 'ac' },
    { ...state, id: 'd' },
    { ...state, attempts: 1 },
    { ...state, answers: { a: { person: 'Wim' } } },
    { ...state, position: 6 },
  ];
  const all = [shown, ...other.map((each) => shownOf(each, asks, looked)), shownOf(state, [], looked)];
  // Threshold, count, epoch and names stand in the facts.
  for (const change of [
    { ...state, participants: swapped },
    { ...state, attempts: 1 },
    { ...state, script: { ...state.script, policy: { ...state.script.policy, threshold: 2 } } },
    { ...state, script: { ...state.script, policy: { ...state.script.policy, shareCount: 7 } } },
  ]) {
    all.push(shownOf(state, asks, (await reShare.look?.(context(change), { scryptLog2N: 10 })) ?? []));
  }
  expect(new Set(all).size).toBe(all.length);
});
