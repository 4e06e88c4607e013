import { useState } from 'react';
import type { EmergencyView } from '../../core/contract/vault-emergency.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { EmergencyRows, useMarked } from './emergency-rows.tsx';
import { placeOf } from './place.ts';
import { type Who, act } from './told.ts';

const FINDING_LENGTH = 10;

type Props = { emergency: EmergencyView; who: Who };

function endOf({ ended, endedAt, endedBy }: EmergencyView): string | null {
  if (ended === null || endedAt === null) return null;
  const at = timeOf(endedAt);
  return ended === 'expired'
    ? say('glass.ended.expired', { at })
    : say('glass.ended.revoked', { at, by: endedBy ?? '' });
}

function Facts({ emergency }: { emergency: EmergencyView }) {
  const { id, reason, rights, scope, openedAt, expiresAt, ended, notices } = emergency;
  const told = notices.map(({ notifier, event, state }) =>
    say('glass.notice', { notifier, event: say(`glass.event.${event}`), state: say(`glass.notice.${state}`) }),
  );
  return (
    <Rows
      rows={[
        { label: say('glass.reason'), value: reason },
        {
          label: say('glass.gives'),
          value: say('glass.rightsAt', { rights: rights.join(', '), scope: placeOf(scope) }),
        },
        { label: say('glass.when'), value: timeOf(openedAt) },
        { label: say('vault.until'), value: ended === null ? timeOf(expiresAt) : null },
        { label: say('glass.ended'), value: endOf(emergency) },
        { label: say('glass.told'), value: told.length === 0 ? say('glass.toldNobody') : told.join('; ') },
        { label: say('glass.number'), value: id, mono: true },
      ]}
    />
  );
}

/** What another person found: bound to the number of rows that stand above it. */
function Review({ emergency: { id }, count }: { emergency: EmergencyView; count: number }) {
  const [finding, setFinding] = useState('');
  const { busy, outcome, ask } = useAsked<unknown>();
  return (
    <div className={panel['form']}>
      <p className={panel['soft']}>{say('glass.reviewLead', { count })}</p>
      <Field
        label={say('glass.finding')}
        hint={say('glass.findingHint')}
        multiline
        maxLength={2000}
        value={finding}
        onChange={setFinding}
      />
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div>
        <Button
          look="primary"
          isDeliberate
          isDisabled={busy || finding.trim().length < FINDING_LENGTH}
          onPress={() =>
            void ask(() => act('vault.breakGlassReview', { emergency: id, finding: finding.trim(), operations: count }))
          }
        >
          {say('glass.file')}
        </Button>
      </div>
    </div>
  );
}

function Reviewing({ emergency, who, count }: Props & { count: number | null }) {
  const { review, ended, principal } = emergency;
  if (review) {
    return (
      <section className={panel['good']}>
        <p role="status" className={panel['verdict']}>
          <TickIcon /> {say('glass.reviewed', { by: review.by, at: timeOf(review.at) })}
        </p>
        <p>{review.finding}</p>
      </section>
    );
  }
  if (ended === null) return <p className={panel['soft']}>{say('glass.reviewLive')}</p>;
  if (principal === who.name || !who.administers) return <p className={panel['soft']}>{say('glass.reviewOwn')}</p>;
  return count === null ? null : <Review emergency={emergency} count={count} />;
}

/** One emergency: why, what it gave, who was told, what was done under it, and what another person found. */
export function OneEmergency({ emergency, who, onClose }: Props & { onClose: () => void }) {
  const heading = useHeading();
  const marked = useMarked(emergency);
  const { busy, outcome, ask } = useAsked<unknown>();
  const { id, principal, ended } = emergency;
  return (
    <article className={panel['panel']} aria-labelledby="emergency">
      <header className={panel['head']}>
        <h2 id="emergency" ref={heading} tabIndex={-1}>
          {say('glass.of', { principal })}
        </h2>
        <div className={panel['buttons']}>
          {ended === null && principal !== who.name && (
            <Button
              look="danger"
              isDeliberate
              isDisabled={busy}
              aria-label={say('glass.endOf', { principal })}
              onPress={() => void ask(() => act('vault.breakGlassEnd', { emergency: id }))}
            >
              {say('glass.end')}
            </Button>
          )}
          <Button onPress={onClose}>{say('glass.back')}</Button>
        </div>
      </header>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <Facts emergency={emergency} />
      <section className={panel['part']}>
        <h3>{say('glass.rows')}</h3>
        <EmergencyRows marked={marked} />
      </section>
      <section className={panel['part']}>
        <h3>{say('glass.review')}</h3>
        <Reviewing emergency={emergency} who={who} count={marked?.ok ? marked.value.length : null} />
      </section>
    </article>
  );
}
