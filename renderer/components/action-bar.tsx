import type { CeremonyView, CurrentStep } from '../../core/contract/ceremony.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { say } from '../messages/say.ts';
import { abort, goOn, pause, perform, recordDeviation, resume } from '../store/acts.ts';
import styles from './action-bar.module.css';
import { Button } from './button.tsx';
import { EnterHint } from './enter-hint.tsx';
import { UnderWay } from './under-way.tsx';
import { useScriptSpoken } from './spoken.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { Trouble } from './trouble.tsx';

/** What core still waits for, in its own words: the next thing, and how many more. */
function neededFor({ asks, confirming }: CurrentStep): string {
  const labels = asks
    .filter((ask) => !ask.given)
    .map((ask) =>
      ask.kind === 'accept' && typeof ask.by === 'string'
        ? say('step.acceptance', { role: say(`role.${ask.by}`) })
        : ask.label,
    );
  const [first, ...more] = [
    ...labels,
    ...confirming
      .filter(({ confirmed }) => !confirmed)
      .map(({ role }) => say('step.confirmation', { role: say(`role.${role}`) })),
  ];
  if (first === undefined) return '';
  return more.length === 0 ? first : say('step.more', { first, count: more.length });
}

type Props = { view: CeremonyView; step: CurrentStep; busy: boolean; error: ErrorValue | null };

/** Abort, deviation and pause always in sight on the left, the one primary action on the right, what went wrong above them. */
export function ActionBar({ view, step, busy, error }: Props) {
  const interrupted = view.status === 'interrupted';
  const spoken = useScriptSpoken();
  const working = busy || step.running;
  const needed = working || view.paused ? '' : neededFor(step);
  return (
    <div className={styles['bar']}>
      <Trouble error={error} />
      <EnterHint />
      <UnderWay under={working ? say('step.performingLong', { title: step.title }) : null} parts={step.progress}>
        {view.pausing && <p>{say('step.pausing', { person: view.pausing.person })}</p>}
      </UnderWay>
      <div className={styles['row']}>
        <ReasonDialog
          danger
          open={say('act.abort')}
          title={say('abort.title')}
          lead={say('abort.lead')}
          reasonLabel={say('abort.reason')}
          act={say('abort.do')}
          participants={view.participants}
          onAct={(person, reason) => void abort(person, reason)}
        />
        <ReasonDialog
          open={say('act.deviation')}
          title={say('deviation.title')}
          lead={say('deviation.lead')}
          reasonLabel={say('deviation.text')}
          act={say('deviation.do')}
          participants={view.participants}
          onAct={(person, text) => void recordDeviation(person, text)}
        />
        {!view.paused && !view.pausing && !interrupted && (
          <ReasonDialog
            open={say('act.pause')}
            title={say('pause.title')}
            lead={say('pause.lead')}
            reasonLabel={say('pause.reason')}
            act={say('pause.do')}
            participants={view.participants}
            onAct={(person, reason) => void pause(person, reason)}
          />
        )}
        <p id="needed" className={styles['needed']}>
          {needed && !step.ready && say('step.needed', { what: needed })}
        </p>
        {view.paused ? (
          <ReasonDialog
            primary
            open={say('act.continue')}
            title={say('continue.title')}
            lead={say('continue.lead')}
            act={say('continue.do')}
            participants={view.participants}
            onAct={(person) => void goOn(person)}
          />
        ) : (
          <Button
            look="primary"
            isDeliberate
            aria-describedby="needed"
            isDisabled={!step.ready && !working}
            isPending={working}
            onPress={() => void (interrupted ? resume() : perform())}
            {...(working || interrupted ? {} : spoken)}
          >
            {working ? say('step.performing') : interrupted ? say('step.resume') : step.primary}
          </Button>
        )}
      </div>
    </div>
  );
}
