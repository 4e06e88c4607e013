import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stateOf } from '../../core/ceremony/runner.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { Ceremonies } from '../../core/service/ceremonies.ts';
import { Changes } from '../../core/service/changes.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { SCRIPT } from '../shipped.ts';
import { sampleAnswers } from './core.ts';

/** What is asked of one ceremony in one tick is done in its order, and the ledger never says more than was decided. */

async function begun() {
  const folder = temporaryFolder();
  const ceremonies = new Ceremonies({
    data: join(folder, 'data'),
    changes: new Changes(),
    clock: () => new Date(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  onTestFinished(() => ceremonies.close());
  const text = readFileSync(SCRIPT, 'utf8');
  const id = await ceremonies.begin({ text, out: join(folder, 'one'), copy: null, tokenFile: null, checkpoint: null });
  const runner = await ceremonies.runner(id);
  const participants = Object.entries(sampleAnswers.participants).flatMap(([role, names]) =>
    names.map((name) => ({ role: role as 'witness', name })),
  );
  await runner.answer('roles', 'people', { participants });
  const rows = async () => (await ceremonies.ledger()).read({ ceremony: id });
  const kindsSince = async (seq: number) => (await rows()).slice(seq).map(({ kind }) => kind);
  return { id, ceremonies, runner, rows, kindsSince };
}

/** The code with which each was refused, `done` for those that were not. */
async function outcomes(...given: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(given);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return 'done';
    expect(one.reason).toBeInstanceOf(Refusal);
    return (one.reason as Refusal).code;
  });
}

const WHO = 'Jonas Weber';

test('abort, then perform: nothing is done any more', async () => {
  const { id, runner, rows, kindsSince } = await begun();
  const before = (await rows()).length;
  expect(await outcomes(runner.abort(WHO, 'enough'), runner.perform('roles'))).toEqual(['done', 'CEREMONY_OVER']);
  expect(await kindsSince(before)).toEqual(['ceremony.aborted']);
  expect(runner.state.status).toBe('aborted');
  expect(stateOf(id, await rows())).toEqual(runner.state);
});

test('perform, then abort: the step is done, and then it ends', async () => {
  const { id, runner, rows, kindsSince } = await begun();
  const before = (await rows()).length;
  expect(await outcomes(runner.perform('roles'), runner.abort(WHO, 'enough'))).toEqual(['done', 'done']);
  expect(await kindsSince(before)).toEqual(['step.intent', 'step.result', 'ceremony.aborted']);
  expect(stateOf(id, await rows())).toEqual(runner.state);
});

test('two aborts and a deviation: the ceremony ends once, and nothing is recorded after its end', async () => {
  const { runner, rows, kindsSince } = await begun();
  const before = (await rows()).length;
  const all = [runner.abort(WHO, 'enough'), runner.abort(WHO, 'enough'), runner.deviate(WHO, 'a noise')];
  expect(await outcomes(...all)).toEqual(['done', 'CEREMONY_OVER', 'done']);
  expect(await kindsSince(before)).toEqual(['ceremony.deviation', 'ceremony.aborted']);
  expect(await outcomes(runner.deviate(WHO, 'another'))).toEqual(['CEREMONY_OVER']);
});

test('pause, then an answer and perform: both are held, and go on when somebody continues', async () => {
  const { id, runner, rows, kindsSince } = await begun();
  await runner.perform('roles');
  const before = (await rows()).length;
  const ask = (await runner.look()).asks.find(({ kind }) => kind === 'accept')?.id ?? '';
  const all = [
    runner.pause(WHO, 'lunch'),
    runner.answer('preflight', ask, { person: 'Inês Duarte' }),
    runner.perform('preflight'),
    runner.continue(WHO),
    runner.continue(WHO),
  ];
  const done = await outcomes(...all);
  expect(done).toEqual(['done', 'CEREMONY_PAUSED', 'CEREMONY_PAUSED', 'done', 'CEREMONY_NOT_PAUSED']);
  expect(await kindsSince(before)).toEqual(['ceremony.paused', 'ceremony.continued']);
  expect(runner.state.status).toBe('running');
  expect(stateOf(id, await rows())).toEqual(runner.state);
});

test('resume twice, and abort behind it: what became of the effect is read back once', async () => {
  const { ceremonies, runner, rows, kindsSince } = await begun();
  const ledger = await ceremonies.ledger();
  const append = ledger.append.bind(ledger);
  ledger.append = (added) => {
    if (added.some(({ kind }) => kind === 'step.result')) throw new Error('crash');
    return append(added);
  };
  await expect(runner.perform('roles')).rejects.toThrow('crash');
  ledger.append = append;
  expect(runner.state.status).toBe('interrupted');
  const before = (await rows()).length;
  const all = [runner.resume(), runner.resume(), runner.abort(WHO, 'enough'), runner.resume()];
  expect(await outcomes(...all)).toEqual(['done', 'done', 'done', 'done']);
  expect(await kindsSince(before)).toEqual(['step.undone', 'ceremony.aborted']);
});
