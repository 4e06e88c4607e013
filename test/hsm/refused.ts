import { expect } from 'vitest';
import { type ErrorCode, type ErrorParams, Refusal } from '../../core/contract/errors.ts';

/** The refusal of some work; fails if there was none, or another kind of error. */
export async function refused(code: ErrorCode, work: () => unknown): Promise<ErrorParams> {
  let thrown: unknown = null;
  try {
    await work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Refusal);
  expect((thrown as Refusal).code).toBe(code);
  return (thrown as Refusal).params;
}
