import type { Mode } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import styles from './band.module.css';

/** TRAINING striped, LIVE solid: told apart by word, pattern and colour. */
export function Band({ mode }: { mode: Mode }) {
  return (
    <p className={`${styles['band'] ?? ''} ${styles[mode] ?? ''}`} title={say(`mode.${mode}Long`)}>
      {say(`mode.${mode}`)}
    </p>
  );
}
