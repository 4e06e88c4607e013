import type { CommandOutput } from '../../core/contract/commands.ts';
import type { RotationPlan } from '../../core/contract/rotation-plan.ts';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { say } from '../messages/say.ts';

function madeBy({ rotator }: RotationPlan): string {
  if (rotator.name === 'command') return say('renewal.command', { program: rotator.program });
  if (rotator.name === 'postgres')
    return say('renewal.postgres', { roles: rotator.roles.join(', '), host: rotator.host });
  return 'bytes' in rotator.value
    ? say('renewal.bytes', { count: rotator.value.bytes })
    : say('renewal.letters', { count: rotator.value.length });
}

function whoIsTold({ after }: RotationPlan): string | null {
  if (after === null) return null;
  return 'program' in after ? after.program : after.webhook;
}

/** How a secret comes to its next value, and how its newest rotation went. */
export function Renewal({ told: { plan, own, days, newest } }: { told: CommandOutput<'vault.renewal'> }) {
  return (
    <Rows
      rows={[
        { label: say('renewal.plan'), value: plan ? madeBy(plan) : say('renewal.byHand') },
        { label: say('renewal.from'), value: plan && say(own ? 'renewal.own' : 'renewal.ofCategory') },
        { label: say('plan.told'), value: plan && whoIsTold(plan) },
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
  );
}
