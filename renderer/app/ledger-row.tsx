import { useCallback, useEffect, useRef } from 'react';
import type { LedgerProof, LedgerRowView } from '../../core/contract/ledger.ts';
import { Button } from '../components/button.tsx';
import { Fold } from '../components/fold.tsx';
import { TickIcon, WarningIcon } from '../components/icons.tsx';
import { kindName } from '../components/kind.ts';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useTold } from '../store/told.ts';
import styles from './ledger-row.module.css';

function Proof({ proof }: { proof: LedgerProof }) {
  return (
    <section aria-label={say('ledger.proof')} className={panel['good']}>
      <p className={panel['verdict']}>
        <TickIcon /> {say('ledger.proven')}
      </p>
      <p>{say('ledger.provenBy', { size: proof.size, count: proof.path.length })}</p>
      <Fold title={say('ledger.path')}>
        <ol className={styles['path']}>
          {proof.path.map((hash, index) => (
            <li key={index}>{hash}</li>
          ))}
        </ol>
        <pre tabIndex={0} aria-label={say('ledger.checkpoint')} className={styles['body']}>
          {proof.checkpoint.body}
        </pre>
      </Fold>
    </section>
  );
}

/** One row: what it says, and the way from it to the root that was signed. */
export function LedgerRow({ row, onClose }: { row: LedgerRowView; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const { seq, at, kind, ceremony, body } = row;
  const proof = useTold(useCallback(() => call('ledger.prove', { seq }), [seq]));
  const notSigned = proof?.ok === false && proof.error.code === 'LEDGER_NOT_SIGNED';
  return (
    <article className={panel['panel']} aria-labelledby="row">
      <header className={styles['head']}>
        <h2 id="row" ref={heading} tabIndex={-1}>
          {say('ledger.row', { seq, kind: kindName(kind) })}
        </h2>
        <Button onPress={onClose}>{say('ledger.back')}</Button>
      </header>
      {proof?.ok && <Proof proof={proof.value} />}
      {notSigned && (
        <p className={panel['warning']}>
          <WarningIcon /> {say('ledger.notProven')}
        </p>
      )}
      <Trouble error={proof?.ok === false && !notSigned ? proof.error : null} />
      <Rows
        rows={[
          { label: say('ledger.at'), value: at, mono: true },
          { label: say('ledger.kind'), value: kind, mono: true },
          { label: say('ledger.ceremony'), value: ceremony, mono: true },
        ]}
      />
      <section className={panel['part']}>
        <h3>{say('ledger.body')}</h3>
        <pre tabIndex={0} aria-label={say('ledger.body')} className={styles['body']}>
          {JSON.stringify(body, null, 2)}
        </pre>
      </section>
    </article>
  );
}
