import { say } from '../messages/say.ts';
import styles from './clock.module.css';
import { useSecond } from './second.ts';

/** This machine's time in UTC, ticking with the second. */
export function Clock() {
  const iso = new Date(useSecond()).toISOString();
  return (
    <time className={styles['clock']} dateTime={iso}>
      <span className={styles['date']}>{iso.slice(0, 10)}</span> <b>{iso.slice(11, 19)}</b>{' '}
      <span>{say('header.utc')}</span>
    </time>
  );
}
