import type { Mode } from '../../core/contract/ceremony.ts';
import { Band } from './band.tsx';
import { Clock } from './clock.tsx';
import { DisplaySwitches } from './display-switches.tsx';
import styles from './header.module.css';
import { Mark } from './mark.tsx';
import type { Spoken } from './spoken.ts';

type Props = { title: string; detail: string; mode: Mode | null; spoken?: Spoken };

/** What never changes while a ceremony runs: what it is, whether it counts, what time it is. */
export function Header({ title, detail, mode, spoken = {} }: Props) {
  return (
    <header className={styles['header']}>
      <div className={styles['what']}>
        <Mark />
        <div className={styles['names']}>
          <p className={styles['title']} {...spoken}>
            {title}
          </p>
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
