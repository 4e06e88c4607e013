import type { Ledger } from '../ledger/ledger.ts';

/** What changes by itself while somebody looks at a vault: what time ends, and what goes on in the background. No look is a row of such a kind, so that none calls for the next. */
const ANNOUNCED = ['vault.rotation', 'vault.emergency', 'vault.emergency-list', 'vault.notified'];

/** The same ledger; `announce` is called when a durable row says that there is something new to see. */
export function announcing(ledger: Ledger, announce: () => void): Ledger {
  return {
    ...ledger,
    append: async (rows, also) => {
      const appended = await ledger.append(rows, also);
      if (rows.some(({ kind }) => ANNOUNCED.includes(kind))) announce();
      return appended;
    },
  };
}
