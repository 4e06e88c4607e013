import { useEffect, useState } from 'react';
import { say } from '../messages/say.ts';
import styles from './clock.module.css';

const SECOND_MS = 1000;

/** This machine's time in UTC, ticking with the second. */
export function Clock() {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const ticking = setInterval(() => {
      setNow(new Date());
    }, SECOND_MS);
    return () => {
      clearInterval(ticking);
    };
  }, []);
  const iso = now.toISOString();
  return (
    <time className={styles['clock']} dateTime={iso}>
      <span className={styles['date']}>{iso.slice(0, 10)}</span> <b>{iso.slice(11, 19)}</b>{' '}
      <span>{say('header.utc')}</span>
    </time>
  );
}
