import { type ReactNode, useEffect, useRef } from 'react';
import styles from './frame.module.css';
import { Gone } from './gone.tsx';

type Props = {
  header: ReactNode;
  strip?: ReactNode;
  side?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
  /** What the middle shows: when it changes, the middle begins at its top again. */
  shows?: string;
};

/** The window's one layout. The middle scrolls; header, strip and foot stay. */
export function Frame({ header, strip, side, children, foot, shows }: Props) {
  const middle = useRef<HTMLDivElement>(null);
  const shown = useRef(shows);
  useEffect(() => {
    // Not where it begins there: to scroll is to lay the whole page out at once.
    if (shown.current !== shows) middle.current?.scrollTo(0, 0);
    shown.current = shows;
  }, [shows]);
  return (
    <div className={styles['frame']}>
      <div className={styles['rows']}>
        <div>
          {header}
          {strip}
          <Gone />
        </div>
        <div className={side ? styles['sided'] : styles['plain']}>
          {side}
          <main className={styles['main']}>
            <div ref={middle} className={styles['scroll']}>
              <div className={styles['inner']}>{children}</div>
            </div>
            {foot && (
              <div className={styles['foot']}>
                <div className={styles['inner']}>{foot}</div>
              </div>
            )}
          </main>
        </div>
      </div>
    </div>
  );
}
