import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import styles from './deviations.module.css';
import { timeOf } from './time.ts';

/** What was done otherwise than the script says. */
export function Deviations({ deviations }: Pick<CeremonyView, 'deviations'>) {
  return (
    <section aria-labelledby="deviations">
      <h2 id="deviations" className={styles['title']}>
        {say('deviation.list')}
      </h2>
      <ul className={styles['list']}>
        {deviations.map(({ at, step, person, text }) => (
          <li key={at}>
            <p>{text}</p>
            <p className={styles['who']}>
              {say('deviation.entry', { step, person })}, {timeOf(at)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
