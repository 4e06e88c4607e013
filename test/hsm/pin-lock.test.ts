import { expect, onTestFinished, test } from 'vitest';
import { prepareOpenCryptoki } from './grounds/opencryptoki.ts';
import { refused } from './refused.ts';

test('openCryptoki counts wrong PINs, says so before each try, and locks', async () => {
  const ground = prepareOpenCryptoki();
  onTestFinished(ground.remove);
  const token = ground.open('first');
  const states = [token.info().pinState];
  while (states.at(-1) !== 'locked') {
    expect(states.length).toBeLessThan(10);
    await refused('PIN_WRONG', () => {
      token.login(Buffer.from('000000'), null);
    });
    states.push(token.info().pinState);
  }
  expect(states).toEqual(['fine', 'low', 'final-try', 'locked']);
  expect(
    await refused('PIN_LOCKED', () => {
      token.login(ground.pin, null);
    }),
  ).toEqual({ pin: 'PIN' });
  token.close();
});
