import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseScript } from '../../core/ceremony/script.ts';
import { type CeremonyState, evolve } from '../../core/ceremony/state.ts';
import { trainingTokenFor } from '../../core/ceremony/training-token.ts';
import type { Script } from '../../core/contract/script.ts';
import { REPOSITORY } from '../shipped.ts';

const at = '2026-01-01T00:00:00.000Z';
const textOf = (name: string) => readFileSync(join(REPOSITORY, 'resources/ceremonies', `${name}.yaml`), 'utf8');
const scriptOf = (name: string): Script => parseScript(textOf(name), name);

/** A ceremony that made these key pairs, each in a step of its own. */
function past(id: string, labels: string[], change: Partial<CeremonyState> = {}): CeremonyState {
  const body = {
    ...{ script: textOf('root-and-issuing'), scriptSha256: '00', mode: 'training' as const, out: '/out', copy: null },
    ...{ previous: null, after: null, tokenFile: null, token: 't' },
  };
  const begun = evolve(null, { kind: 'ceremony.begun', body, at }, id);
  const step = begun.script.steps.find(({ action }) => action === 'generate-key');
  if (!step) throw new Error('the shipped script makes a key');
  const records = labels.map((label) => ({
    ...{ step, at, facts: [], acted: { role: 'operator' as const, name: null }, confirmed: [] },
    result: { label, id: '00', algorithm: 'EC-P384', purpose: 'ca', publicKey: 'AAAA', attributes: {} },
  }));
  return { ...begun, status: 'completed', records, ...change };
}

describe('the training token of a ceremony', () => {
  const ca = ['root-2026', 'issuing-2026', 'ledger-2026', 'export-2026'];

  test('is a fresh one where the script wants it empty, whatever there is', () => {
    expect(trainingTokenFor(scriptOf('root-and-issuing'), [past('one', ca)])).toBeNull();
    expect(trainingTokenFor(scriptOf('vault-initialisation'), [past('one', ca)])).toBeNull();
  });

  test('is the newest that holds what the script expects', () => {
    const vault = past('vault', ['vault-kek-2026']);
    expect(trainingTokenFor(scriptOf('crl'), [past('one', ca), vault])).toBe('one');
    expect(trainingTokenFor(scriptOf('crl'), [past('one', ca), past('two', ca), vault])).toBe('two');
    expect(trainingTokenFor(scriptOf('crl'), [])).toBeNull();
    // None does: the newest, where the missing key is named.
    expect(trainingTokenFor(scriptOf('crl'), [past('other', ['root-1999']), vault])).toBe('vault');
  });

  test('counts what several ceremonies made on one, and not what was aborted or made on a named token', () => {
    const first = past('one', ca.slice(0, 1));
    const second = past('later', ca.slice(1), { trainingToken: 'one' });
    expect(trainingTokenFor(scriptOf('export'), [first, second])).toBe('one');
    const aborted = past('two', ca, { status: 'aborted' });
    const named = past('three', ca, { tokenFile: { path: '/t.yaml', sha256: '00' } });
    expect(trainingTokenFor(scriptOf('export'), [first, second, aborted, named])).toBe('one');
  });
});
