import type { ShippedScript } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { Trouble } from '../components/trouble.tsx';
import { UnderWay } from '../components/under-way.tsx';
import { say } from '../messages/say.ts';
import { begin } from '../store/acts.ts';
import { useWindow } from '../store/store.ts';
import styles from './begin-bar.module.css';
import type { Beginning } from './begin-panel.tsx';

type Props = {
  /** The one that would begin. */
  script: ShippedScript | undefined;
  beginning: Beginning;
  /** Nothing waits to be resumed, so beginning is what the view is for. */
  primary: boolean;
};

/** What would begin, and its one button: in sight however many scripts there are. What went wrong stands above them. */
export function BeginBar({ script, beginning: { input, usesToken }, primary }: Props) {
  const busy = useWindow((state) => state.busy);
  const trouble = useWindow((state) => state.trouble);
  return (
    <section aria-labelledby="begin" className={styles['bar']}>
      <Trouble error={trouble?.error ?? null} />
      <UnderWay under={busy ? say('start.working') : null} />
      <div className={styles['row']}>
        {script && (
          <p className={styles['chosen']}>
            <b>{script.title}</b> <span>{say('start.steps', { steps: script.steps })}</span>
          </p>
        )}
        <Button
          look={primary ? 'primary' : 'secondary'}
          isDisabled={busy || script === undefined || input === null}
          onPress={() => {
            if (script && input) void begin({ script: script.path, ...input });
          }}
        >
          {say(usesToken ? 'start.beginToken' : 'start.beginTraining')}
        </Button>
      </div>
    </section>
  );
}
