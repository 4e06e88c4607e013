import { explain, say } from '../messages/say.ts';
import { refreshInfo, refreshView } from '../store/acts.ts';
import { CORE_GONE } from '../store/rpc.ts';
import { useWindow } from '../store/store.ts';
import { Button } from './button.tsx';
import styles from './gone.module.css';
import { WarningIcon } from './icons.tsx';

/** Core does not answer: said calmly across the window, over the last view. */
export function Gone() {
  const gone = useWindow((state) => state.gone);
  const { says, next } = explain(CORE_GONE);
  return (
    <div role="alert">
      {gone && (
        <div className={styles['gone']}>
          <WarningIcon />
          <p>
            <b>{says}</b> {next}
          </p>
          <Button
            onPress={() => {
              void (useWindow.getState().view ? refreshView(true) : refreshInfo());
            }}
          >
            {say('gone.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}
