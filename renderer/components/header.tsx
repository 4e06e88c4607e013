import type { Mode } from '../../core/contract/ceremony.ts';
import { Band } from './band.tsx';
import { Clock } from './clock.tsx';
import { DisplaySwitches } from './display-switches.tsx';
import styles from './header.module.css';
import { Mark } from './mark.tsx';

type Props = { title: string; detail: string; mode: Mode | null };

/** What never changes while a ceremony runs: what it is, whether it counts, what time it is. */
export function Header({ title, detail, mode }: Props) {
  return (
    <header className={styles['header']}>
      <div className={styles['what']}>
        <Mark />
        <div className={styles['names']}>
          <p className={styles['title']}>{title}</p>
          <p className={styles['detail']} title={detail}>
            {detail}
          </p>
        </div>
      </div>
      {mode ? <Band mode={mode} /> : <span />}
      <div className={styles['right']}>
        <Clock />
        <DisplaySwitches />
      </div>
    </header>
  );
}
