import { useCallback } from 'react';
import type { RotationPlan } from '../../core/contract/rotation-plan.ts';
import type { SecretView } from '../../core/contract/vault.ts';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { RotateSecret } from './rotate-secret.tsx';
import { look } from './told.ts';

function madeBy({ rotator }: RotationPlan): string {
  if (rotator.name === 'command') return say('renewal.command', { program: rotator.program });
  if (rotator.name === 'postgres')
    return say('renewal.postgres', { roles: rotator.roles.join(', '), host: rotator.host });
  return 'bytes' in rotator.value
    ? say('renewal.bytes', { count: rotator.value.bytes })
    : say('renewal.letters', { count: rotator.value.length });
}

/** How a secret comes to its next value, how its newest rotation went, and the next one now. */
export function Renewal({ secret }: { secret: SecretView }) {
  const { owner, environment, name } = secret;
  const told = useTold(
    useCallback(() => look('vault.renewal', { owner, environment, name }), [owner, environment, name]),
  );
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { plan, own, days, newest } = told.value;
  return (
    <section className={panel['part']}>
      <h3>{say('renewal.title')}</h3>
      <Rows
        rows={[
          { label: say('renewal.plan'), value: plan ? madeBy(plan) : say('renewal.byHand') },
          { label: say('renewal.from'), value: plan && say(own ? 'renewal.own' : 'renewal.ofCategory') },
          {
            label: say('renewal.every'),
            value: days === null ? say('vault.never') : say('vault.days', { count: days }),
          },
          {
            label: say('renewal.newest'),
            value:
              newest && say(`renewal.state.${newest.state}`, { version: newest.version, at: timeOf(newest.updatedAt) }),
          },
          { label: say('renewal.why'), value: newest?.detail ?? null, mono: true },
        ]}
      />
      <div className={panel['buttons']}>
        {plan && <RotateSecret secret={secret} back={false} />}
        {secret.version > 1 && <RotateSecret secret={secret} back />}
      </div>
    </section>
  );
}
