import { Refusal } from '../contract/errors.ts';
import type { KeyAttributes } from './token.ts';

/** TOKEN_LIED if an attribute that was read back differs from what the template asked for. */
export function checkReadBack(label: string, expected: Partial<KeyAttributes>, actual: KeyAttributes): void {
  for (const [attribute, value] of Object.entries(expected)) {
    const held = actual[attribute as keyof KeyAttributes];
    if (held !== value) {
      throw new Refusal('TOKEN_LIED', { label, attribute, actual: String(held), expected: String(value) });
    }
  }
}
