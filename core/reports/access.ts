import { nameOfSecret } from '../contract/compliance.ts';
import type { AccessLine, AccessMonth } from '../contract/compliance.ts';
import { type Row, bodyOf } from './vault-rows.ts';

/** Who used which secret how often, of the rows of a period in their order. */
export class AccessFrequency {
  readonly #lines = new Map<string, AccessLine>();
  readonly #months = new Map<string, AccessMonth>();

  add(row: Row): void {
    const access = bodyOf(row, 'vault.access');
    if (!access) return;
    const { owner, environment, name, principal, allowed } = access;
    const place = `${nameOfSecret(access)} ${principal}`;
    const none = { owner, environment, name, principal, allowed: 0, refused: 0, first: row.at, last: row.at };
    this.#lines.set(place, { ...counted(this.#lines.get(place) ?? none, allowed), last: row.at });
    const month = row.at.slice(0, 7);
    this.#months.set(month, counted(this.#months.get(month) ?? { month, allowed: 0, refused: 0 }, allowed));
  }

  /** The most used first. */
  lines(): AccessLine[] {
    const uses = ({ allowed, refused }: AccessLine) => allowed + refused;
    return [...this.#lines.values()].toSorted(
      (one, other) => uses(other) - uses(one) || nameOfSecret(one).localeCompare(nameOfSecret(other)),
    );
  }

  months(): AccessMonth[] {
    return [...this.#months.values()];
  }
}

function counted<T extends { allowed: number; refused: number }>(line: T, allowed: boolean): T {
  return allowed ? { ...line, allowed: line.allowed + 1 } : { ...line, refused: line.refused + 1 };
}
