import { Client } from 'pg';

/** Moments around what a sealing tells PostgreSQL, put on from outside, on the driver's clients. */

type Method = (this: object, ...input: unknown[]) => Promise<unknown>;

/**
 * `reached` before each statement of a transaction from the one on that writes the row of a segment, while its commit is on its way, and before the turn of whoever seals begins and ends. What comes
 * before that row in a transaction leaves nothing, whatever becomes of it.
 */
export function aroundSealing(reached: (label: string) => void): void {
  const clients = Client.prototype as unknown as Record<'query', Method>;
  const query = clients.query;
  const sealing = new WeakSet<object>();
  clients.query = async function (...input) {
    const [text, values] = input as [unknown, unknown];
    if (typeof text !== 'string') return Reflect.apply(query, this, input);
    const has = (value: string) => Array.isArray(values) && values.includes(value);
    if (has('ledger.sealed')) sealing.add(this);
    const isCommit = /^commit/i.test(text);
    const isSealing = sealing.has(this);
    if (isSealing || has('ledger seal')) reached(`before ${text.replace(/\s+/g, ' ').slice(0, 40)}`);
    if (/^(commit|rollback)/i.test(text)) sealing.delete(this);
    const answer = Reflect.apply(query, this, input);
    if (isSealing && isCommit) reached('during it');
    return answer;
  };
}
