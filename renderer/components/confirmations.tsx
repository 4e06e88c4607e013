import { ToggleButton } from 'react-aria-components/ToggleButton';
import type { CurrentStep } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import { confirm } from '../store/acts.ts';
import styles from './confirmations.module.css';
import { deliberate } from './deliberate.ts';
import { TickIcon } from './icons.tsx';

/** Each confirming role's own button, once core says that there is something to confirm. A confirmation is not taken back: what it was for is then done or aborted. */
export function Confirmations({ step: { confirming, confirmable, shown } }: { step: CurrentStep }) {
  if (confirming.length === 0) return null;
  return (
    <div role="group" aria-label={say('step.confirmTitle')} className={styles['row']}>
      {confirming.map(({ role, name, confirmed }) => (
        <ToggleButton
          key={role}
          {...deliberate}
          className={styles['confirm'] ?? ''}
          isSelected={confirmed}
          isDisabled={!confirmable && !confirmed}
          onChange={() => {
            if (!confirmed) void confirm(role, shown);
          }}
        >
          <span className={styles['ring']}>{confirmed && <TickIcon />}</span>
          {name
            ? say('step.confirm', { name, role: say(`role.${role}`) })
            : say('step.confirmNameless', { role: say(`role.${role}`) })}
        </ToggleButton>
      ))}
    </div>
  );
}
