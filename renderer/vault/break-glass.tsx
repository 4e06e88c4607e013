import { useState } from 'react';
import { EMERGENCY_RIGHTS, type EmergencyPolicy } from '../../core/contract/vault-emergency-policy.ts';
import { type Scope, emergencyIn, scopeSchema } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Several } from '../components/several.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import styles from './emergency.module.css';
import { placeOf } from './place.ts';
import { type Who, vaultPolicy } from './told.ts';
import { VaultEntry } from './vault-entry.tsx';

const REASON_LENGTH = 10;
/** What is offered, as far as policy goes (minutes). */
const SPANS = [5, 15, 30, 60, 120, 240, 480, 1440];
const USUAL_MINUTES = 15;

type Right = (typeof EMERGENCY_RIGHTS)[number];
type Wanted = { reason: string; minutes: number; where: string; rights: Right[] };

/** Owner, environment, name, as in a grant; null while it is no such place. */
function scopeOf(text: string): Scope | null {
  const [, owner, environment, name] = /^([^/]+)\/([^/]+)\/(.+)$/.exec(text.trim()) ?? [];
  return scopeSchema.safeParse({ owner, environment, name }).data ?? null;
}

type FormProps = { limits: EmergencyPolicy; wanted: Wanted; onWanted: (wanted: Wanted) => void };

function Form({ limits, wanted, onWanted }: FormProps) {
  const spans = [...new Set([...SPANS.filter((minutes) => minutes < limits.minutes), limits.minutes])];
  return (
    <>
      <Field
        label={say('glass.reason')}
        hint={say('glass.reasonHint')}
        multiline
        maxLength={2000}
        value={wanted.reason}
        onChange={(reason) => {
          onWanted({ ...wanted, reason });
        }}
      />
      <div className={panel['two']}>
        <Pick
          label={say('glass.minutes')}
          value={String(wanted.minutes)}
          onChange={(minutes) => {
            onWanted({ ...wanted, minutes: Number(minutes) });
          }}
          options={spans.map((count) => ({ id: String(count), text: say('vault.minutes', { count }) }))}
        />
        <Field
          label={say('glass.where')}
          hint={say('glass.whereHint')}
          mono
          maxLength={300}
          value={wanted.where}
          onChange={(where) => {
            onWanted({ ...wanted, where });
          }}
        />
      </div>
      <Several
        label={say('glass.rights')}
        value={wanted.rights}
        onChange={(rights) => {
          onWanted({ ...wanted, rights });
        }}
        options={EMERGENCY_RIGHTS.filter((right) => limits.rights.includes(right)).map((id) => ({
          id,
          text: id,
          detail: say(`vault.right.${id}`),
        }))}
      />
    </>
  );
}

function Filled({ who, limits, onClose }: { who: Who; limits: EmergencyPolicy; onClose: () => void }) {
  const [wanted, setWanted] = useState<Wanted>({
    reason: '',
    minutes: Math.min(USUAL_MINUTES, limits.minutes),
    where: '*/*/*',
    rights: limits.rights.slice(0, 1),
  });
  const [typing, setTyping] = useState<Scope | null>(null);
  const { minutes, rights } = wanted;
  const reason = wanted.reason.trim();
  const scope = scopeOf(wanted.where);
  if (typing) {
    return (
      <>
        <blockquote className={styles['quoted']}>{reason}</blockquote>
        <VaultEntry
          person={who.name}
          title={say('glass.codeTitle', { rights: rights.join(', '), scope: placeOf(typing), minutes })}
          label={say('glass.code')}
          what="code"
          command="vault.breakGlass"
          input={{ reason, minutes, scope: typing, rights }}
          onDone={onClose}
          onClose={() => {
            setTyping(null);
          }}
        />
        <p className={panel['soft']}>{say('glass.codeFresh')}</p>
      </>
    );
  }
  return (
    <>
      <Form limits={limits} wanted={wanted} onWanted={setWanted} />
      <div>
        <Button
          look="primary"
          isDisabled={reason.length < REASON_LENGTH || scope === null || rights.length === 0}
          onPress={() => {
            setTyping(scope);
          }}
        >
          {say('glass.typeCode')}
        </Button>
      </div>
    </>
  );
}

/** Rights for a while: why, for how long, where and which is said here, and the second code in private. */
export function BreakGlass({ who, onClose }: { who: Who; onClose: () => void }) {
  const heading = useHeading();
  const policy = useTold(vaultPolicy);
  return (
    <article className={panel['panel']} aria-labelledby="break-glass">
      <header className={panel['head']}>
        <h2 id="break-glass" ref={heading} tabIndex={-1}>
          {say('glass.breakTitle')}
        </h2>
        <Button onPress={onClose}>{say('glass.back')}</Button>
      </header>
      <div className={panel['form']}>
        <p className={panel['soft']}>{say('glass.breakLead')}</p>
        <Trouble error={policy?.ok === false ? policy.error : null} />
        {policy?.ok && <Filled who={who} limits={emergencyIn(policy.value.policy)} onClose={onClose} />}
      </div>
    </article>
  );
}
