import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished, expect, test, vi } from 'vitest';
import { SECRET_LIMIT, SecretBox } from '../../core/process/secret-channel.ts';
import { refused } from '../hsm/refused.ts';
import { openPipe } from '../vault/open-pipe.ts';

/**
 * A named secret is given up when its time is over, but not before what came meanwhile is read: a process that was busy all that time has not looked yet. Time is the test's own
 * here; timers are due and the pipe is full in one and the same turn of the event loop, where timers come first.
 */

/** Longer than a secret may be on its way (milliseconds). */
const STALL_MS = 60_000;

/** The reading end, and whoever writes to it. The pipe is read by nobody until this turn is over. */
function channel(): { box: SecretBox; write: (bytes: Uint8Array) => void } {
  const pipe = openPipe();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  return { box: new SecretBox(pipe), write: (bytes) => void writeSync(pipe, bytes) };
}

/** Ticket (16 bytes), length (2), secret. */
function frameOf(ticket: number, secret: Uint8Array): { name: string; frame: Uint8Array } {
  const name = Buffer.alloc(16, ticket);
  const length = Uint8Array.of(secret.length >> 8, secret.length & 0xff);
  return { name: name.toString('hex'), frame: Buffer.concat([name, length, secret]) };
}

/** The process does nothing else until long after; then it goes on. */
const stall = () => vi.advanceTimersByTime(STALL_MS);

const SECRET = Buffer.from('a PIN that came in time');

test('a secret that came while the reader was busy is taken, although its time is over', async () => {
  const { box, write } = channel();
  const { name, frame } = frameOf(1, SECRET);
  await nextTurn();
  const taken = box.take(name);
  write(frame);
  stall();
  expect(Buffer.from(await taken)).toEqual(SECRET);
  // Once.
  const again = refused('INPUT_INVALID', () => box.take(name));
  stall();
  await again;
});

test('the same of several that were named in another order than they came', async () => {
  const { box, write } = channel();
  const frames = [1, 2, 3].map((ticket) => frameOf(ticket, Buffer.alloc(400, ticket)));
  await nextTurn();
  const taken = frames.toReversed().map(({ name }) => box.take(name));
  for (const { frame } of frames) write(frame);
  stall();
  expect((await Promise.all(taken)).map((secret) => [secret.length, secret[0]])).toEqual([
    [400, 3],
    [400, 2],
    [400, 1],
  ]);
});

test('one that did not come is refused, and what comes for its ticket later is there for who names it then', async () => {
  const { box, write } = channel();
  const { name, frame } = frameOf(1, SECRET);
  await nextTurn();
  const never = refused('INPUT_INVALID', () => box.take(name));
  // But for its last byte.
  write(frame.subarray(0, -1));
  stall();
  expect(await never).toEqual({ detail: 'no secret came for this ticket' });
  write(frame.subarray(-1));
  expect(Buffer.from(await box.take(name))).toEqual(SECRET);
});

test('the longest secret, and an empty one behind it, come whole through a pipe that is read in pieces', async () => {
  const { box, write } = channel();
  const [long, empty] = [frameOf(1, Buffer.alloc(SECRET_LIMIT, 7)), frameOf(2, new Uint8Array(0))];
  const whole = Buffer.concat([long.frame, empty.frame]);
  await nextTurn();
  const taken = [box.take(long.name), box.take(empty.name)];
  for (let at = 0; at < whole.length; at += 333) {
    write(whole.subarray(at, at + 333));
    await nextTurn();
  }
  stall();
  const [longest, none] = await Promise.all(taken);
  expect(longest?.length).toBe(SECRET_LIMIT);
  expect(longest?.every((byte) => byte === 7)).toBe(true);
  expect(none).toEqual(new Uint8Array(0));
});
