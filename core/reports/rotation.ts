import type { RotationLine, VaultKeyLine } from '../contract/compliance.ts';
import { type Row, bodyOf } from './vault-rows.ts';

/** A rotation that is due within so many days is soon. */
const SOON_DAYS = 30;

/** The secrets that stand, and the vault's keys, of all rows in their order. */
export class RotationCompliance {
  readonly #secrets = new Map<string, Omit<RotationLine, 'standing'> & { seq: number }>();
  readonly #keys = new Map<string, VaultKeyLine>();

  add(row: Row): void {
    const stored = bodyOf(row, 'vault.stored');
    if (stored) {
      const { owner, environment, name, category, version, algorithm, key, rotationDue: due } = stored;
      const before = this.#secrets.get(stored.secret);
      this.#secrets.set(stored.secret, {
        ...{ owner, environment, name, category, version, algorithm, key, due },
        ...{ seq: row.seq, storedAt: row.at, rotations: before ? before.rotations + 1 : 0 },
        late: before ? before.late + (before.due !== null && row.at > before.due ? 1 : 0) : 0,
      });
    }
    const plan = bodyOf(row, 'vault.plan');
    const planned = plan && this.#secrets.get(plan.secret);
    if (planned) planned.due = plan.rotationDue;
    const deleted = bodyOf(row, 'vault.deleted');
    if (deleted) this.#secrets.delete(deleted.secret);
    const key = bodyOf(row, 'vault.key');
    if (key) this.#keys.set(key.key, { key: key.key, provider: key.provider, state: key.state, at: row.at });
  }

  /** What is due first stands first, and what never is last. */
  lines(now: Date): (RotationLine & { seq: number })[] {
    const soon = new Date(now);
    soon.setUTCDate(soon.getUTCDate() + SOON_DAYS);
    return [...this.#secrets.values()]
      .map((line) => ({ ...line, standing: standingOf(line.due, now, soon) }))
      .toSorted((one, other) => (one.due ?? '9').localeCompare(other.due ?? '9') || one.seq - other.seq);
  }

  keys(): VaultKeyLine[] {
    return [...this.#keys.values()];
  }
}

function standingOf(due: string | null, now: Date, soon: Date): RotationLine['standing'] {
  if (due === null) return 'never';
  const at = new Date(due);
  return at <= now ? 'overdue' : at <= soon ? 'soon' : 'later';
}
