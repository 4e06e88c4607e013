import { useState } from 'react';
import type { Ask, Mode } from '../../core/contract/ceremony.ts';
import type { Bag, CustodyRow, Kept } from '../../core/contract/custody.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import panel from './ask-panel.module.css';
import styles from './custody.module.css';
import { sampleBags } from './samples.ts';

const COLUMNS = ['place', 'bag', 'seal'] as const;
const LIMITS = { place: 80, bag: 40, seal: 40 };
const NO_BAG: Bag = { place: '', bag: '', seal: '' };

type CustodyAsk = Extract<Ask, { kind: 'custody' }>;
type Row = Omit<CustodyRow, 'reason'> & { reason: string };

/** What is there already stands in the fields: who changes nothing types nothing. */
function presentRow({ item, custodian, bags }: Kept): Row {
  return { item, custodian, reason: '', bags: bags.map(({ of, present }) => ({ of, ...(present ?? NO_BAG) })) };
}

function changes(kept: Kept, row: Row): boolean {
  const before = presentRow(kept);
  const same = before.bags.every((bag, index) => COLUMNS.every((column) => bag[column] === row.bags[index]?.[column]));
  return !same || before.custodian !== row.custodian;
}

function isWhole({ custodian, bags }: Row): boolean {
  return custodian?.trim() !== '' && bags.every((bag) => COLUMNS.every((column) => bag[column].trim() !== ''));
}

/** Where everything is kept: custodian, place, bag, seal. Of a register that changes: what changes, and why. */
export function Custody({ ask, mode }: { ask: CustodyAsk; mode: Mode }) {
  const [rows, setRows] = useState(() => ask.kept.map(presentRow));
  const changed = rows.map((row, at) => {
    const kept = ask.kept[at];
    return ask.changing && kept !== undefined && changes(kept, row);
  });
  const reasoned = rows.every(({ reason }, at) => !changed[at] || reason.trim() !== '');
  const complete = rows.every(isWhole) && reasoned && (!ask.changing || changed.includes(true));
  const set = (at: number, row: Row) => {
    setRows(rows.map((old, index) => (index === at ? row : old)));
  };
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]}>
      {!ask.given && (
        <>
          {ask.changing && <p className={styles['hint']}>{say('custody.keep')}</p>}
          <table className={styles['custody']}>
            <colgroup>
              <col />
              <col />
              <col />
              <col />
              <col />
            </colgroup>
            <thead>
              <tr>
                <th scope="col">{say('custody.custodian')}</th>
                <th scope="col">{say('custody.thing')}</th>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col">
                    {say(`custody.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            {ask.kept.map((kept, at) => {
              const row = rows[at];
              return (
                row && (
                  <KeptRows
                    key={kept.item}
                    kept={kept}
                    row={row}
                    changing={ask.changing}
                    changed={changed[at] === true}
                    onChange={(next) => {
                      set(at, next);
                    }}
                  />
                )
              );
            })}
          </table>
          <div className={panel['buttons']}>
            <Button
              isDeliberate
              isDisabled={!complete}
              onPress={() => void answer(ask.id, { rows: rows.map(answered) })}
            >
              {say('custody.record')}
            </Button>
            {mode === 'training' && (
              <Button
                look="quiet"
                onPress={() => {
                  const samples = sampleBags(ask);
                  setRows(rows.map((row, at) => ({ ...row, ...samples[at] })));
                }}
              >
                {say(ask.changing ? 'custody.sampleSeals' : 'custody.sample')}
              </Button>
            )}
          </div>
        </>
      )}
    </AskPanel>
  );
}

function answered({ reason, ...row }: Row): CustodyRow {
  return { ...row, reason: reason.trim() === '' ? null : reason };
}

type Props = { kept: Kept; row: Row; changing: boolean; changed: boolean; onChange: (row: Row) => void };

/** One thing that is kept: its bags below each other, and the reason when something changes. */
function KeptRows({ kept, row, changing, changed, onChange }: Props) {
  const { what } = kept;
  const span = kept.bags.length + (changed ? 1 : 0);
  return (
    <tbody data-changed={changed || undefined}>
      {row.bags.map((bag, index) => (
        <tr key={bag.of}>
          {index === 0 && (
            <th scope="rowgroup" rowSpan={span}>
              <span className={styles['what']}>{what}</span>
              {row.custodian !== null &&
                (changing ? (
                  <Field
                    label={say('custody.keeper', { what })}
                    labelHidden
                    maxLength={80}
                    value={row.custodian}
                    onChange={(custodian) => {
                      onChange({ ...row, custodian });
                    }}
                  />
                ) : (
                  <span className={styles['custodian']}>{row.custodian}</span>
                ))}
            </th>
          )}
          <th scope="row">{say(`custody.${bag.of}`)}</th>
          {COLUMNS.map((column) => (
            <td key={column} data-column={say(`custody.${column}`)}>
              <Field
                label={say('custody.field', { column: say(`custody.${column}`), what, of: say(`custody.${bag.of}`) })}
                labelHidden
                mono={column !== 'place'}
                maxLength={LIMITS[column]}
                value={bag[column]}
                onChange={(value) => {
                  const bags = row.bags.map((old, at) => (at === index ? { ...old, [column]: value } : old));
                  onChange({ ...row, bags });
                }}
              />
            </td>
          ))}
        </tr>
      ))}
      {changed && (
        <tr>
          <th scope="row">{say('custody.reason')}</th>
          <td colSpan={3}>
            <Field
              label={say('custody.why', { what })}
              labelHidden
              maxLength={200}
              value={row.reason}
              onChange={(reason) => {
                onChange({ ...row, reason });
              }}
            />
          </td>
        </tr>
      )}
    </tbody>
  );
}
