import type { Fact } from '../../core/contract/ceremony.ts';
import { Facts } from './facts.tsx';

type Row = { label: string; value: string | null; mono?: boolean };

/** What there is to say of one thing, in lines; a line without a value is left out. */
export function Rows({ rows }: { rows: Row[] }) {
  const facts = rows.flatMap(({ label, value, mono }): Fact[] =>
    value === null || value === '' ? [] : [{ kind: 'row', label, value, ...(mono === undefined ? {} : { mono }) }],
  );
  return <Facts facts={facts} />;
}
