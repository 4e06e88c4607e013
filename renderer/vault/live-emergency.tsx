import { useEffect, useState } from 'react';
import type { EmergencyView } from '../../core/contract/vault-emergency.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { useSecond } from '../components/second.ts';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { refreshInfo } from '../store/acts.ts';
import { useAsked, useTold } from '../store/told.ts';
import styles from './emergency.module.css';
import { placeOf } from './place.ts';
import { spanOf } from './span.ts';
import { type Who, act, emergencyStatus } from './told.ts';

/** When a screen reader says how much is left (minutes): each second would leave no room for anything else. */
const TOLD_AT = [1, 2, 5, 10, 15];

/** Seconds until it is over, by this window's clock and the end that core has set. */
function useLeft(expiresAt: string | null): number {
  const now = useSecond(expiresAt !== null);
  return expiresAt === null ? 0 : Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1000));
}

function Countdown({ emergency, left }: { emergency: EmergencyView; left: number }) {
  const { busy, outcome, ask } = useAsked<unknown>();
  const { id, reason, rights, scope, openedAt, expiresAt } = emergency;
  const whole = (Date.parse(expiresAt) - Date.parse(openedAt)) / 1000;
  return (
    <section className={styles['live']} aria-label={say('glass.live')}>
      <div className={styles['liveSays']}>
        <p className={styles['liveTitle']}>
          <WarningIcon /> {say('glass.live')}
        </p>
        <p className={styles['liveReason']}>{reason}</p>
        <p>
          {say('glass.rightsAt', { rights: rights.join(', '), scope: placeOf(scope) })}. {say('glass.marked')}
        </p>
        <Trouble error={outcome?.ok === false ? outcome.error : null} />
        <EnterHint />
      </div>
      <div className={styles['liveLeft']}>
        <p role="timer" aria-label={say('glass.timer')} className={styles['countdown']}>
          {spanOf(left)}
        </p>
        <progress aria-hidden="true" value={left} max={whole} />
        <p>{say('glass.until', { at: timeOf(expiresAt) })}</p>
      </div>
      <Button
        isDeliberate
        isDisabled={busy}
        onPress={() => void ask(() => act('vault.breakGlassEnd', { emergency: id }))}
      >
        {say('glass.end')}
      </Button>
    </section>
  );
}

/** Emergency access of one's own while it lasts, on whatever tab one is. */
export function LiveEmergency({ who }: { who: Who }) {
  const told = useTold(emergencyStatus);
  const own = told?.ok ? told.value.emergencies.find((one) => one.principal === who.name && one.ended === null) : null;
  const left = useLeft(own?.expiresAt ?? null);
  const isOver = own !== null && own !== undefined && left === 0;
  const [wasLive, setWasLive] = useState(false);
  if (own && !wasLive) setWasLive(true);
  useEffect(() => {
    // Core says the same now, from the same time.
    if (isOver) void refreshInfo();
  }, [isOver]);
  const soon = TOLD_AT.find((minutes) => left <= minutes * 60);
  const said = !own
    ? wasLive && told?.ok
      ? say('glass.over')
      : ''
    : isOver
      ? say('glass.over')
      : soon === undefined
        ? say('glass.begun', { at: timeOf(own.expiresAt) })
        : say('glass.left', { count: soon });
  return (
    <>
      {own && <Countdown emergency={own} left={left} />}
      <p role="status" className={styles['spoken']}>
        {said}
      </p>
    </>
  );
}
