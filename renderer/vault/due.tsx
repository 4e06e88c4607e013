import { say } from '../messages/say.ts';
import styles from './due.module.css';

const SOON_MS = 30 * 86_400_000;

/** When a secret is to be rotated. That it is near stands there in words, not only in colour. */
export function DueDate({ due, now }: { due: string | null; now: Date }) {
  if (due === null) return say('vault.never');
  const left = Date.parse(due) - now.getTime();
  const standing = left <= 0 ? 'overdue' : left <= SOON_MS ? 'soon' : 'later';
  return (
    <span className={styles['due']} data-standing={standing}>
      <time dateTime={due}>{due.slice(0, 10)}</time> {say(`due.${standing}`)}
    </span>
  );
}
