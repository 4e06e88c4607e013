import { useCallback } from 'react';
import type { Outcome } from '../../core/contract/errors.ts';
import type { LedgerRowView } from '../../core/contract/ledger.ts';
import type { EmergencyView } from '../../core/contract/vault-emergency.ts';
import { Empty } from '../components/empty.tsx';
import { kindName } from '../components/kind.ts';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useTold } from '../store/told.ts';
import { placeOf } from './place.ts';

const MOST = 100_000;
/** About the emergency, and no use of it. */
const ABOUT = ['vault.emergency', 'vault.notified'];

type Body = {
  emergency?: string;
  action?: string;
  owner?: string;
  environment?: string;
  name?: string;
  allowed?: boolean;
};

export type Marked = { seq: number; at: string; what: string; where: string; result: 'allowed' | 'refused' | null };

function markedOf({ seq, at, kind, body }: LedgerRowView): Marked {
  const { action, owner, environment, name, allowed } = body as Body;
  const there = owner !== undefined && environment !== undefined && name !== undefined;
  return {
    ...{ seq, at },
    what: action === undefined ? kindName(kind) : `${kindName(kind)}: ${action}`,
    where: there ? placeOf({ owner, environment, name }) : '',
    result: allowed === undefined ? null : allowed ? 'allowed' : 'refused',
  };
}

/** The rows of the ledger that bear an emergency's mark, the oldest first; null until they are there. */
export function useMarked({ id }: Pick<EmergencyView, 'id'>): Outcome<Marked[]> | null {
  return useTold(
    useCallback(async () => {
      const listed = await call('ledger.list', { find: id, limit: MOST });
      if (!listed.ok) return listed;
      const marked = listed.value.rows.filter(
        ({ kind, body }) => !ABOUT.includes(kind) && (body as Body).emergency === id,
      );
      return { ok: true as const, value: marked.map(markedOf) };
    }, [id]),
  );
}

/** What was done under an emergency, row by row. */
export function EmergencyRows({ marked }: { marked: Outcome<Marked[]> | null }) {
  if (marked === null) return null;
  if (!marked.ok) return <Trouble error={marked.error} />;
  if (marked.value.length === 0) return <Empty>{say('glass.noRows')}</Empty>;
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('glass.at')}</th>
          <th scope="col">{say('glass.what')}</th>
          <th scope="col">{say('glass.secret')}</th>
          <th scope="col">{say('glass.result')}</th>
        </tr>
      </thead>
      <tbody>
        {marked.value.map(({ seq, at, what, where, result }) => (
          <tr key={seq}>
            <td data-label={say('glass.at')} className={table['time']}>
              {timeOf(at)}
            </td>
            <th scope="row">{what}</th>
            <td data-label={say('glass.secret')} className={table['small']}>
              {where}
            </td>
            <td data-label={say('glass.result')} data-standing={result === 'refused' ? 'bad' : undefined}>
              {result && say(`glass.${result}`)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
