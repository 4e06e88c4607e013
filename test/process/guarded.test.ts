import { expect, test } from 'vitest';
import { guarded, guardedCopy, wipe } from '../../core/process/guarded.ts';

test('a guarded buffer is a plain Uint8Array of the asked length, and wiping leaves zeros', () => {
  const secret = guarded(32);
  expect(secret.constructor).toBe(Uint8Array);
  expect(secret.length).toBe(32);
  secret.fill(7);
  const copy = guardedCopy(secret);
  wipe(secret, copy, null);
  expect([...secret, ...copy].every((byte) => byte === 0)).toBe(true);
});
