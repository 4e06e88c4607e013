import { useCallback, useState } from 'react';
import type { AppInfo } from '../../core/contract/commands.ts';
import type { LedgerListing, LedgerRowView } from '../../core/contract/ledger.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Field } from '../components/field.tsx';
import { kindName } from '../components/kind.ts';
import { Pick } from '../components/pick.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useTold } from '../store/told.ts';
import { LedgerRow } from './ledger-row.tsx';
import styles from './ledger-rows.module.css';

/** Rows that are shown at first, and that come with each "older rows". */
const PAGE = 50;

type Filter = { kind: string; ceremony: string; since: string; before: string; find: string };
const ALL: Filter = { kind: '', ceremony: '', since: '', before: '', find: '' };

/** The step that a row is of, where it is of one. */
function stepOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'step' in body ? String(body.step) : '';
}

/** A day that is typed to its end, or nothing. */
const dayOf = (text: string) => (/^\d{4}-\d\d-\d\d$/.test(text.trim()) ? text.trim() : undefined);
const given = <T,>(name: string, value: T | '' | undefined) =>
  value === '' || value === undefined ? {} : { [name]: value };

function useRows({ kind, ceremony, since, before, find }: Filter, limit: number) {
  const asked = useCallback(
    () =>
      call('ledger.list', {
        ...given('kind', kind),
        ...given('ceremony', ceremony),
        ...given('since', dayOf(since)),
        ...given('before', dayOf(before)),
        ...given('find', find.trim()),
        limit,
      }),
    [kind, ceremony, since, before, find, limit],
  );
  return useTold(asked);
}

type FilterProps = { info: AppInfo; kinds: string[]; filter: Filter; onFilter: (filter: Filter) => void };

function Filters({ info, kinds, filter, onFilter }: FilterProps) {
  const set = (name: keyof Filter) => (value: string) => {
    onFilter({ ...filter, [name]: value });
  };
  return (
    <section aria-label={say('ledger.filter')} className={styles['filters']}>
      <Field label={say('ledger.find')} value={filter.find} onChange={set('find')} maxLength={200} />
      <Pick
        label={say('ledger.kind')}
        value={filter.kind}
        onChange={set('kind')}
        options={[
          { id: '', text: say('ledger.anyKind') },
          ...kinds.map((kind) => ({ id: kind, text: kindName(kind), detail: kind })),
        ]}
      />
      <Pick
        label={say('ledger.ceremony')}
        value={filter.ceremony}
        onChange={set('ceremony')}
        options={[
          { id: '', text: say('ledger.anyCeremony') },
          ...info.ceremonies.map(({ id, title }) => ({ id, text: title, detail: id })),
        ]}
      />
      <Field label={say('ledger.since')} hint={say('ledger.day')} value={filter.since} onChange={set('since')} mono />
      <Field
        label={say('ledger.before')}
        hint={say('ledger.day')}
        value={filter.before}
        onChange={set('before')}
        mono
      />
    </section>
  );
}

function Table({ listing, onOpen }: { listing: LedgerListing; onOpen: (row: LedgerRowView) => void }) {
  return (
    <table className={`${table['table'] ?? ''} ${styles['rows'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col" className={table['number']}>
            {say('ledger.number')}
          </th>
          <th scope="col">{say('ledger.what')}</th>
          <th scope="col">{say('ledger.of')}</th>
          <th scope="col">{say('ledger.at')}</th>
          <th scope="col">{say('ledger.standing')}</th>
        </tr>
      </thead>
      <tbody>
        {listing.rows.toReversed().map((row) => (
          <tr key={row.seq}>
            <td className={table['number']}>{row.seq}</td>
            <th scope="row">
              <button
                type="button"
                className={table['link']}
                aria-label={say('ledger.openRow', { seq: row.seq, kind: kindName(row.kind) })}
                onClick={() => {
                  onOpen(row);
                }}
              >
                {kindName(row.kind)}
              </button>{' '}
              <span className={styles['step']}>{stepOf(row.body)}</span>
            </th>
            <td className={table['small']}>{row.ceremony ?? '–'}</td>
            <td className={table['time']}>
              <time dateTime={row.at}>{row.at.slice(0, 19).replace('T', ' ')}</time>
            </td>
            <td data-standing={row.seq <= listing.signed ? 'good' : 'open'} className={styles['standing']}>
              {say(row.seq <= listing.signed ? 'ledger.signed' : 'ledger.notYet')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The rows, newest first: found by kind, ceremony, day and words, and opened one by one. */
export function LedgerRows({ info }: { info: AppInfo }) {
  const [filter, setFilter] = useState(ALL);
  const [limit, setLimit] = useState(PAGE);
  const [open, setOpen] = useState<LedgerRowView | null>(null);
  const told = useRows(filter, limit);
  const listing = told?.ok ? told.value : null;
  const filtered = Object.values(filter).some((value) => value.trim() !== '');
  if (open) {
    return (
      <LedgerRow
        key={open.seq}
        row={open}
        onClose={() => {
          setOpen(null);
        }}
      />
    );
  }
  return (
    <>
      <Filters
        info={info}
        kinds={listing?.kinds ?? []}
        filter={filter}
        onFilter={(wanted) => {
          setFilter(wanted);
          setLimit(PAGE);
        }}
      />
      <Trouble error={told && !told.ok ? told.error : null} />
      <p role="status" className={styles['count']}>
        {listing && say('ledger.count', { shown: listing.rows.length, size: listing.size, signed: listing.signed })}
      </p>
      {listing && listing.rows.length > 0 && <Table listing={listing} onOpen={setOpen} />}
      {listing?.rows.length === 0 && <Empty>{say(filtered ? 'ledger.noneFit' : 'ledger.none')}</Empty>}
      {listing?.rows.length === limit && (
        <div>
          <Button
            onPress={() => {
              setLimit(limit + PAGE);
            }}
          >
            {say('ledger.older')}
          </Button>
        </div>
      )}
    </>
  );
}
