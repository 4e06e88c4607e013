import { say } from '../messages/say.ts';
import { useWindow } from '../store/store.ts';
import styles from './enter-hint.module.css';

/** Said when Enter was pressed on something that only the space bar presses. The region is there before the hint is. */
export function EnterHint() {
  const refused = useWindow((state) => state.enterRefused);
  return (
    <p role="status" className={styles['hint']}>
      {refused && say('act.enter')}
    </p>
  );
}
