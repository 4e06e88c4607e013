import Database from 'better-sqlite3';

/** Moments around what becomes durable in SQLite, put on from outside, on better-sqlite3's statements. */

type Method = (this: unknown, ...input: unknown[]) => unknown;
type Prepared = { source: string; readonly: boolean; database: { inTransaction: boolean } };

const isCommit = ({ source, readonly, database }: Prepared) =>
  database.inTransaction ? /^commit/i.test(source) : !readonly && !/^(PRAGMA|begin)/i.test(source);

/**
 * `reached` before each commit of a transaction that changes what is watched, and right after it. `watched`: what of it a statement changes, by its text and its values; empty
 * where it is nothing.
 */
export function aroundCommits(
  watched: (source: string, values: unknown[]) => string,
  reached: (label: string) => void,
): void {
  const memory = new Database(':memory:');
  const statements = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Record<string, Method>;
  memory.close();
  let touched = '';
  for (const name of ['run', 'all', 'get']) {
    const original = statements[name] as Method;
    statements[name] = function (...input) {
      const { source, readonly } = this as Prepared;
      if (!readonly) touched += watched(source, input.flat());
      const ends = isCommit(this as Prepared);
      const counts = ends && touched !== '';
      if (counts) reached(`before ${source.slice(0, 20)} ${touched}`);
      const answer: unknown = Reflect.apply(original, this, input);
      if (counts) reached('after it');
      if (ends) touched = '';
      return answer;
    };
  }
}
