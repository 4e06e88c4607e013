import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Ceremonies } from '../../core/service/ceremonies.ts';
import { Changes } from '../../core/service/changes.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { SCRIPT } from '../shipped.ts';
import { sampleAnswers } from './core.ts';

test('a clock that goes back is seen, within a ceremony and between two, and somebody accepts it by name', async () => {
  const folder = temporaryFolder();
  let now = new Date('2030-01-01T12:00:00Z');
  const ceremonies = new Ceremonies({
    data: join(folder, 'data'),
    changes: new Changes(),
    clock: () => new Date(now),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  onTestFinished(() => ceremonies.close());
  const text = readFileSync(SCRIPT, 'utf8');
  const begin = async (name: string) =>
    ceremonies.runner(
      await ceremonies.begin({ text, out: join(folder, name), copy: null, tokenFile: null, checkpoint: null }),
    );
  const clockAsk = async (runner: Awaited<ReturnType<typeof begin>>) =>
    (await runner.look()).asks.find(({ id }) => id.startsWith('clock-'));

  const first = await begin('one');
  expect(await clockAsk(first)).toBeUndefined();
  now = new Date('2030-01-01T11:59:00Z');
  const ask = await clockAsk(first);
  expect(ask).toMatchObject({ id: 'clock-2030-01-01T12:00:00.000Z', kind: 'accept', given: false });
  const participants = Object.entries(sampleAnswers.participants).flatMap(([role, names]) =>
    names.map((name) => ({ role: role as 'witness', name })),
  );
  await first.answer('roles', 'people', { participants });
  await refused('ANSWERS_PENDING', () => first.perform('roles'));
  await first.answer('roles', ask?.id ?? '', { person: 'Jonas Weber' });
  await first.perform('roles');
  // It is asked again in the next step: until the clock is right, every step is done knowingly.
  expect(await clockAsk(first)).toMatchObject({ given: false });
  now = new Date('2030-01-01T12:00:01Z');
  expect(await clockAsk(first)).toBeUndefined();
  await first.abort('Jonas Weber', 'enough');

  now = new Date('2029-06-01T00:00:00Z');
  expect(await clockAsk(await begin('two'))).toMatchObject({ id: 'clock-2030-01-01T12:00:01.000Z' });
});

test('an interrupted step whose clock has gone back is resumed when somebody has accepted it', async () => {
  const folder = temporaryFolder();
  let now = new Date('2030-01-01T12:00:00Z');
  const ceremonies = new Ceremonies({
    data: join(folder, 'data'),
    changes: new Changes(),
    clock: () => new Date(now),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  onTestFinished(() => ceremonies.close());
  const text = readFileSync(SCRIPT, 'utf8');
  const runner = await ceremonies.runner(
    await ceremonies.begin({ text, out: join(folder, 'out'), copy: null, tokenFile: null, checkpoint: null }),
  );
  const participants = Object.entries(sampleAnswers.participants).flatMap(([role, names]) =>
    names.map((name) => ({ role: role as 'witness', name })),
  );
  await runner.answer('roles', 'people', { participants });
  const ledger = await ceremonies.ledger();
  const append = ledger.append.bind(ledger);
  ledger.append = (rows) => {
    if (rows.some(({ kind }) => kind === 'step.result')) throw new Error('crash');
    return append(rows);
  };
  await expect(runner.perform('roles')).rejects.toThrow('crash');
  ledger.append = append;
  now = new Date('2030-01-01T11:59:00Z');
  const { asks } = await runner.look();
  expect(asks).toMatchObject([{ id: 'clock-2030-01-01T12:00:00.000Z', kind: 'accept', given: false }]);
  await refused('ANSWERS_PENDING', () => runner.resume());
  await refused('STEP_INTERRUPTED', () => runner.answer('roles', 'people', { participants }));
  await runner.answer('roles', asks[0]?.id ?? '', { person: 'Jonas Weber' });
  await runner.resume();
  expect(runner.state).toMatchObject({ status: 'running', intent: null, position: 0 });
});

test('where the script has no administrator, another than the operator accepts that the clock has gone back', async () => {
  const folder = temporaryFolder();
  let now = new Date('2030-01-01T12:00:00Z');
  const ceremonies = new Ceremonies({
    data: join(folder, 'data'),
    changes: new Changes(),
    clock: () => new Date(now),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  onTestFinished(() => ceremonies.close());
  const step = 'section: S, title: T, instruction: I, acting: operator, primary: P';
  const text = `claviger: 1
title: Two people
organisation: Example Trust Services
purpose: Has no administrator.
policy: { threshold: 2, shareCount: 2 }
participants: { operator: 1, witness: 1 }
steps:
  - { id: roles, action: take-roles, ${step} }
  - { id: check, action: preflight, ${step} }
`;
  const runner = await ceremonies.runner(
    await ceremonies.begin({ text, out: join(folder, 'out'), copy: null, tokenFile: null, checkpoint: null }),
  );
  const participants = [
    { role: 'operator' as const, name: 'Mira Lindqvist' },
    { role: 'witness' as const, name: 'Odile Ferrand' },
  ];
  await runner.answer('roles', 'people', { participants });
  await runner.perform('roles');
  now = new Date('2030-01-01T11:59:00Z');
  const [ask] = (await runner.look()).asks;
  expect(ask).toMatchObject({ kind: 'accept', by: 'witness', given: false });
  const accept = (person: string) => runner.answer('check', ask?.id ?? '', { person });
  await refused('PERSON_UNKNOWN', () => accept('Ceremony administrator'));
  await refused('INPUT_INVALID', () => accept('Mira Lindqvist'));
  await accept('odile ferrand');
  expect(runner.state.answers).toEqual({ [ask?.id ?? '']: { person: 'Odile Ferrand' } });
});
