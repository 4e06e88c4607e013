import { Empty } from '../components/empty.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { ledgerWitness, useTold } from '../store/told.ts';
import styles from './ledger-witness.module.css';

/** The newest signed checkpoint for the whole room: read aloud, written down, scanned. */
export function LedgerWitness() {
  const told = useTold(ledgerWitness);
  if (told === null) return null;
  if (!told.ok) {
    if (told.error.code === 'LEDGER_NOT_SIGNED') return <Empty>{say('witness.none')}</Empty>;
    return <Trouble error={told.error} />;
  }
  const { size, words, at, qr, text } = told.value;
  return (
    <section aria-label={say('witness.title')} className={styles['witness']}>
      <p className={styles['lead']}>{say('witness.lead', { size, at: timeOf(at) })}</p>
      <div className={styles['both']}>
        <ol className={styles['words']}>
          {words.map((word, index) => (
            <li key={`${index} ${word}`}>
              <span aria-hidden="true">{index + 1}</span>
              <b>{word}</b>
            </li>
          ))}
        </ol>
        <figure className={styles['code']}>
          <QrCode modules={qr} label={say('witness.qr')} />
          <figcaption>
            <pre>{text}</pre>
          </figcaption>
        </figure>
      </div>
    </section>
  );
}
