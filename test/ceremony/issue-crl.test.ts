import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
});
