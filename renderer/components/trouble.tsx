import type { ErrorValue } from '../../core/contract/errors.ts';
import { explain } from '../messages/say.ts';
import { CrossIcon } from './icons.tsx';
import styles from './trouble.module.css';

/** What happened and what to do next. The region is there before the error is, so that it is read out at once. */
export function Trouble({ error }: { error: ErrorValue | null }) {
  const text = error && explain(error);
  return (
    <div role="alert" className={styles['region']}>
      {text && (
        <div className={styles['trouble']}>
          <CrossIcon className={styles['icon']} />
          <p>
            <b>{text.says}</b> {text.next}
          </p>
        </div>
      )}
    </div>
  );
}
