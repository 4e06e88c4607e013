import type { ReactNode } from 'react';
import { say } from '../messages/say.ts';
import styles from './under-way.module.css';

type Props = {
  /** What is under way; null while nothing is. */
  under: string | null;
  /** How far it has come, where that is known. */
  parts?: { done: number; total: number } | null;
  children?: ReactNode;
};

/** What takes longer than an instant, and how far it is. The region is there before the work is, so that it is read out. */
export function UnderWay({ under, parts = null, children }: Props) {
  const done = parts && say('step.progress', parts);
  return (
    <div role="status" className={styles['region']}>
      {under !== null && (
        <div className={styles['work']}>
          {parts ? (
            <progress value={parts.done} max={parts.total} aria-label={under} />
          ) : (
            <progress className={styles['moving']} aria-label={under} />
          )}
          <p>
            {under} {done && <b>{done}</b>}
          </p>
          {children}
        </div>
      )}
    </div>
  );
}
