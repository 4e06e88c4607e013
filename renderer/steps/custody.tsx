import { useState } from 'react';
import type { Ask, Mode } from '../../core/contract/ceremony.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import styles from './ask-panel.module.css';
import { SAMPLE_PLACES } from './samples.ts';

const COLUMNS = ['place', 'bag', 'seal'] as const;
const LIMITS = { place: 80, bag: 40, seal: 40 };

type Row = { custodian: string; place: string; bag: string; seal: string };

function sampleOf(custodian: string, index: number): Row {
  return {
    custodian,
    place: SAMPLE_PLACES[index] ?? '',
    bag: `B-${String(2001 + index)}`,
    seal: `S-${String(4711 + 13 * index)}`,
  };
}

/** Where each share is kept: custodian, place, bag, seal. */
export function Custody({ ask, mode }: { ask: Extract<Ask, { kind: 'custody' }>; mode: Mode }) {
  const [rows, setRows] = useState(() =>
    ask.custodians.map((custodian): Row => ({ custodian, place: '', bag: '', seal: '' })),
  );
  const complete = rows.every((row) => COLUMNS.every((column) => row[column].trim() !== ''));
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]}>
      {!ask.given && (
        <>
          <table className={`${styles['table'] ?? ''} ${styles['custody'] ?? ''}`}>
            <colgroup>
              <col />
              <col />
              <col />
              <col />
            </colgroup>
            <thead>
              <tr>
                <th scope="col">{say('custody.custodian')}</th>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col">
                    {say(`custody.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <tr key={row.custodian}>
                  <th scope="row">{row.custodian}</th>
                  {COLUMNS.map((column) => (
                    <td key={column}>
                      <Field
                        label={say('custody.field', { column: say(`custody.${column}`), custodian: row.custodian })}
                        labelHidden
                        mono={column !== 'place'}
                        maxLength={LIMITS[column]}
                        value={row[column]}
                        onChange={(value) => {
                          setRows(rows.map((old, index) => (index === at ? { ...old, [column]: value } : old)));
                        }}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <div className={styles['buttons']}>
            <Button isDisabled={!complete} onPress={() => void answer(ask.id, { rows })}>
              {say('custody.record')}
            </Button>
            {mode === 'training' && (
              <Button
                look="quiet"
                onPress={() => {
                  setRows(ask.custodians.map(sampleOf));
                }}
              >
                {say('custody.sample')}
              </Button>
            )}
          </div>
        </>
      )}
    </AskPanel>
  );
}
