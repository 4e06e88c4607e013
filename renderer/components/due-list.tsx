import type { Due } from '../../core/contract/reports.ts';
import { tellDue } from '../../core/contract/tell.ts';
import { here, say } from '../messages/say.ts';
import styles from './due-list.module.css';

/** What is to be done next, the most urgent first. That a date is near stands there in words, not only in colour. */
export function DueList({ due }: { due: Due[] }) {
  return (
    <ul className={styles['due']}>
      {due.map((told) => {
        const { kind, label, at, standing, since } = told;
        return (
          <li key={`${kind} ${label}`} data-standing={standing}>
            <p className={styles['when']}>
              <time dateTime={at}>{at.slice(0, 10)}</time>
              <span>{say(`due.${standing}`)}</span>
            </p>
            <div>
              <p className={styles['what']}>{tellDue(here(), told)}</p>
              <p className={styles['since']}>{say(`due.since.${kind}`, { at: since.slice(0, 10) })}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
