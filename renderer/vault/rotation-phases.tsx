import type { RotationPhase } from '../../core/contract/vault-rotation.ts';
import { TickIcon } from '../components/icons.tsx';
import { say } from '../messages/say.ts';
import styles from './keys.module.css';

/** The five phases of a rotation. Activation is one transaction: what waits after it is the clean-up. */
const PHASES = ['preparation', 're-encryption', 'verification', 'activation', 'clean-up'] as const;

const STANDS: Partial<Record<RotationPhase, number>> = {
  preparation: 0,
  're-encryption': 1,
  verification: 2,
  grace: 4,
  'clean-up': 4,
};

/** The phases in a row, with the present one marked; none while a rotation goes back. */
export function RotationPhases({ phase }: { phase: RotationPhase }) {
  const here = STANDS[phase];
  if (here === undefined) return null;
  return (
    <ol className={styles['phases']} aria-label={say('keys.phases')}>
      {PHASES.map((name, index) => {
        const state = index < here ? 'done' : index === here ? 'here' : 'ahead';
        return (
          <li key={name} data-state={state} aria-current={state === 'here' ? 'step' : undefined}>
            <span className={styles['mark']}>
              {state === 'done' ? (
                <span role="img" aria-label={say('keys.done')}>
                  <TickIcon />
                </span>
              ) : (
                index + 1
              )}
            </span>
            <span className={styles['phase']}>{say(`keys.phase.${name}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}
