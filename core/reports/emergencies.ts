import { nameOfSecret } from '../contract/compliance.ts';
import type { EmergencyLine } from '../contract/compliance.ts';
import { type Row, bodyOf } from './vault-rows.ts';

/** Rows that name an emergency and are no use of it. */
const ABOUT = ['vault.emergency', 'vault.notified'];

/** Every emergency, from the reason to the review, of all rows in their order. */
export class Emergencies {
  readonly #lines = new Map<string, EmergencyLine>();

  add(row: Row): void {
    const told = bodyOf(row, 'vault.emergency');
    if (told) {
      if (told.event === 'opened') {
        const { emergency, principal, reason, rights, expiresAt } = told;
        this.#lines.set(emergency, {
          ...{
            emergency,
            principal,
            reason,
            rights: rights.join(' '),
            scope: nameOfSecret(told.scope),
            openedAt: row.at,
            expiresAt,
          },
          ...{ ended: 'open', endedAt: null, operations: 0, reviewedBy: null, reviewedAt: null, finding: null },
        });
      } else if (told.event === 'expired') this.#change(told.emergency, { ended: 'expired', endedAt: told.expiresAt });
      else if (told.event === 'revoked') this.#change(told.emergency, { ended: 'revoked', endedAt: row.at });
      else if (told.event === 'reviewed') {
        const { emergency, principal, finding } = told;
        this.#change(emergency, { reviewedBy: principal, reviewedAt: row.at, finding });
      }
      return;
    }
    const { emergency } = row.body as { emergency?: unknown };
    const line = typeof emergency === 'string' && !ABOUT.includes(row.kind) ? this.#lines.get(emergency) : undefined;
    if (line) line.operations += 1;
  }

  lines(): EmergencyLine[] {
    return [...this.#lines.values()];
  }

  #change(emergency: string, change: Partial<EmergencyLine>): void {
    const line = this.#lines.get(emergency);
    if (line) Object.assign(line, change);
  }
}
