import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serialOf } from '../../core/ceremony/revocations.ts';
import { type Given, answer, crashAtResult, lastResult, place, root, scriptOf, service, walk } from './in-process.ts';

const made = scriptOf(true, ...root('root'), ...service('sub', 'root'));
const listed = scriptOf(
  false,
  ['find', 'find-keys', { keys: ['root'] }],
  ['list', 'issue-crl', { issuer: 'root', validityDays: 30, file: 'root.crl' }],
);

/** A store with a root, what it certified, and the serial number of that. */
async function authority() {
  const here = place();
  await walk(await here.begin(made, 'made'));
  const runner = await here.begin(listed, 'looked');
  await walk(runner, {}, 'list');
  const [fact] = (await runner.look()).facts;
  await runner.abort('Olga Petrova', 'only looked');
  return { ...here, serial: fact?.kind === 'row' ? fact.value : '' };
}

describe('the next revocation list', () => {
  test('holds what a list revoked that left the room and whose ceremony was interrupted and aborted', async () => {
    const { folder, begin, ceremonies, serial } = await authority();
    const given: Given = { revocations: `${serial} keyCompromise` };
    const interrupted = await begin(listed, 'one');
    await walk(interrupted, {}, 'list');
    await answer(interrupted, given);
    await crashAtResult(await ceremonies.ledger(), () => interrupted.perform('list'));
    await interrupted.abort('Olga Petrova', 'the power failed');
    expect(existsSync(join(folder, 'one/root.crl'))).toBe(true);
    const next = await begin(listed, 'two');
    await walk(next, {}, 'list');
    expect((await next.look()).facts[0]).toMatchObject({ value: expect.stringContaining('keyCompromise') as string });
    await walk(next);
    expect(lastResult(next)).toMatchObject({ number: 2, revoked: [{ serial, reason: 'keyCompromise' }] });
    // It stands on the one after, once.
    const third = await begin(listed, 'three');
    await walk(third);
    expect(lastResult(third)).toMatchObject({ number: 3, revoked: [{ serial, reason: 'keyCompromise' }] });
  });

  test('may hold a certificate that was signed and then undone', async () => {
    const { begin, ceremonies } = await authority();
    const find: [string, string, object] = ['find', 'find-keys', { keys: ['root'] }];
    const undone = await begin(scriptOf(false, find, ...service('late', 'root')), 'one');
    await walk(undone, {}, 'late-certificate');
    await crashAtResult(await ceremonies.ledger(), () => undone.perform('late-certificate'));
    const { serial } = undone.state.intent?.prepared as { serial: string };
    await undone.resume();
    await undone.abort('Olga Petrova', 'it was seen on a stick');
    const runner = await begin(listed, 'two');
    const revocations = `${serial} superseded`;
    await walk(runner, {}, 'list');
    expect((await runner.look()).facts).toContainEqual({
      kind: 'row',
      label: 'Undone, but perhaps signed: late-certificate',
      value: serialOf(serial),
      mono: true,
    });
    await walk(runner, { revocations });
    expect(lastResult(runner)).toMatchObject({ revoked: [{ serial: serialOf(serial), reason: 'superseded' }] });
  });
});
