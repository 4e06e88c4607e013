import type { ReactNode } from 'react';
import styles from './empty.module.css';

/** What a list says that has nothing in it: why, and what fills it. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className={styles['empty']}>{children}</p>;
}
