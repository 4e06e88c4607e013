import { useState } from 'react';
import type { CommandInput, CommandOutput } from '../../core/contract/commands.ts';
import type { Category, SecretView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { identityOf } from './place.ts';
import { RotatorFields, ToldFields } from './plan-fields.tsx';
import { ROTATORS, planOf, typedOf } from './plan-typed.ts';
import { Renewal } from './renewal.tsx';
import { act } from './told.ts';

type Told = CommandOutput<'vault.renewal'>;
type Props = { secret: SecretView; category: Category; told: Told; onClose: (changed: boolean) => void };

const DAYS_LIMIT = 36_500;

/** Days that were typed; null for those of the category, undefined while they are none. */
function daysOf(text: string, limit: number): number | null | undefined {
  if (text.trim() === '') return null;
  const days = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return days >= 1 && days <= limit ? days : undefined;
}

/** How one secret comes to its next value, and how often: it is seen as it will be before it is set. */
export function SetPlan({ secret, category, told, onClose }: Props) {
  const heading = useHeading();
  const limit = category.rotationDays ?? DAYS_LIMIT;
  const [typed, setTyped] = useState(() => typedOf(told.own ? told.plan : null));
  const [days, setDays] = useState(told.days === category.rotationDays ? '' : String(told.days ?? ''));
  const { busy, outcome, ask } = useAsked<unknown>();
  const { plan, faults } = planOf(typed);
  const wantedDays = daysOf(days, limit);
  const canPlan = category.protection === 'envelope';
  const set = async (wanted: Pick<CommandInput<'vault.setPlan'>, 'plan' | 'days'>) => {
    const done = await act('vault.setPlan', { ...identityOf(secret), ...wanted });
    if (done.ok) onClose(true);
    return done;
  };
  const fields = { typed, faults, onChange: setTyped };
  return (
    <section aria-labelledby="plan" className={panel['finding']}>
      <header className={panel['head']}>
        <h3 id="plan" ref={heading} tabIndex={-1}>
          {say('plan.title')}
        </h3>
        <Button
          onPress={() => {
            onClose(false);
          }}
        >
          {say('dialog.back')}
        </Button>
      </header>
      <div className={panel['two']}>
        {canPlan && (
          <Pick
            label={say('renewal.plan')}
            value={typed.rotator}
            onChange={(id) => {
              setTyped({ ...typed, rotator: ROTATORS.find((one) => one === id) ?? 'category' });
            }}
            options={ROTATORS.map((id) => ({ id, text: say(`plan.rotator.${id}`) }))}
          />
        )}
        <Field
          label={say('plan.days')}
          hint={say('plan.daysHint')}
          error={wantedDays === undefined ? say('change.rangeOrNever', { min: 1, max: limit }) : undefined}
          value={days}
          onChange={setDays}
          maxLength={5}
          mono
        />
      </div>
      <RotatorFields {...fields} />
      <ToldFields {...fields} />
      {plan !== undefined && wantedDays !== undefined && (
        <section className={panel['part']} aria-labelledby="plan-then" aria-live="polite">
          <h4 id="plan-then">{say('plan.then')}</h4>
          <Renewal
            told={{
              ...told,
              ...{ plan: plan ?? category.plan, own: plan !== null },
              ...{ days: wantedDays ?? category.rotationDays, newest: null },
            }}
          />
        </section>
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div>
        <Button
          look="primary"
          isDeliberate
          isDisabled={busy || plan === undefined || wantedDays === undefined}
          onPress={() => {
            if (plan !== undefined && wantedDays !== undefined)
              void ask(() => set({ ...(canPlan ? { plan } : {}), days: wantedDays }));
          }}
        >
          {say('plan.do')}
        </Button>
      </div>
    </section>
  );
}
