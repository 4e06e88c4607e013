import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { Role } from '../../core/contract/roles.ts';
import { say } from '../messages/say.ts';
import { ChevronIcon, TickIcon } from './icons.tsx';
import styles from './strip.module.css';

type WhoProps = { role: Role; name: string | null };

function Who({ role, name }: WhoProps) {
  return (
    <>
      <b>{say(`role.${role}`)}</b> {name}
    </>
  );
}

type Props = { view: CeremonyView; stepsShown: boolean; onSteps: () => void };

/** Step n of m, who acts, who confirms, who is next. */
export function Strip({ view, stepsShown, onSteps }: Props) {
  const { current, next, steps, status } = view;
  const over = status === 'aborted' ? say('strip.aborted') : say('strip.completed');
  return (
    <section aria-label={say('strip.label')} className={styles['strip']}>
      <p className={styles['count']}>
        <b>{current?.number ?? steps.filter((step) => step.state === 'done').length}</b> {say('strip.of')}{' '}
        <b>{steps.length}</b>
      </p>
      <button type="button" className={styles['steps']} aria-expanded={stepsShown} onClick={onSteps}>
        {say('strip.steps')} <ChevronIcon />
      </button>
      {current ? (
        <>
          <p>
            {say('strip.acts')} <Who {...current.acting} />
          </p>
          {current.confirming.length > 0 && (
            <p className={styles['confirms']}>
              {say('strip.confirms')}{' '}
              {current.confirming.map(({ role, name, confirmed }) => (
                <span key={role} className={styles['confirmer']}>
                  <Who role={role} name={name} />
                  {confirmed && (
                    <span role="img" aria-label={say('strip.confirmed')} className={styles['tick']}>
                      <TickIcon />
                    </span>
                  )}
                </span>
              ))}
            </p>
          )}
          <p className={styles['then']}>
            {next
              ? say('strip.then', { who: `${say(`role.${next.role}`)} ${next.name ?? ''}`.trim() })
              : say('strip.last')}
          </p>
        </>
      ) : (
        <p>
          <b>{over}</b>
        </p>
      )}
    </section>
  );
}
