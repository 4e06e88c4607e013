import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../components/button.tsx';
import { focusIsLost } from '../components/focus.ts';
import { useCeremonySpoken } from '../components/spoken.ts';
import { TickIcon } from '../components/icons.tsx';
import { say } from '../messages/say.ts';
import { AskPanel, AskTrouble } from './ask-panel.tsx';
import styles from './person-list.module.css';

type PersonAsk = { id: string; person: string; label: string; given: boolean };

type Props<A extends PersonAsk> = {
  asks: A[];
  count: (given: number) => string;
  openLabel: (ask: A) => string;
  /** What one person does, while it is their turn; `counted` says how many have. */
  turn: (ask: A, close: () => void, counted: string) => ReactNode;
};

/** Whoever's turn it is sees all of it, above the bar. */
function intoSight(turn: HTMLElement | null): void {
  turn?.scrollIntoView({ block: 'nearest' });
}

/** Several people, one after the other: who has given, who waits, and one turn open at a time. */
export function PersonList<A extends PersonAsk>({ asks, count, openLabel, turn }: Props<A>) {
  const [openId, setOpenId] = useState<string | null>(null);
  const given = asks.filter((ask) => ask.given).length;
  const labels = new Set(asks.map((ask) => ask.label));
  const nextId = asks.find((ask) => !ask.given)?.id;
  const list = useRef<HTMLOListElement>(null);
  const spoken = useCeremonySpoken();
  // With every turn the button that began or ended it is gone: the focus goes to whoever's turn it is.
  useEffect(() => {
    if (focusIsLost())
      list.current?.querySelector<HTMLElement>('[data-turn] :is([role=tab], button)')?.focus({ preventScroll: true });
  }, [openId, given]);
  return (
    <AskPanel
      label={labels.size === 1 ? (asks[0]?.label ?? '') : count(given)}
      own={labels.size === 1}
      given={given === asks.length}
      asks={[]}
      state={
        asks.length > 1 &&
        labels.size === 1 && (
          <p className={styles['count']} aria-live="polite">
            {count(given)}
          </p>
        )
      }
    >
      <ol ref={list} className={styles['people']}>
        {asks.map((ask) => {
          const open = ask.id === openId && !ask.given;
          return (
            <li
              key={ask.id}
              data-open={open || undefined}
              data-turn={open || (ask.id === nextId && openId === null) || undefined}
            >
              <div className={styles['row']}>
                <span className={styles['dot']} data-given={ask.given || undefined}>
                  {ask.given && <TickIcon />}
                </span>
                <p>
                  <b>{ask.person}</b>{' '}
                  {labels.size > 1 && (
                    <span className={styles['label']} {...spoken}>
                      {ask.label}
                    </span>
                  )}
                </p>
                {ask.given && <p className={styles['state']}>{say('ask.given')}</p>}
                {open && (
                  <Button
                    look="quiet"
                    onPress={() => {
                      setOpenId(null);
                    }}
                  >
                    {say('person.close')}
                  </Button>
                )}
                {!ask.given && !open && (
                  <span className={ask.id === nextId ? styles['next'] : ''}>
                    <Button
                      onPress={() => {
                        setOpenId(ask.id);
                      }}
                    >
                      {openLabel(ask)}
                    </Button>
                  </span>
                )}
              </div>
              {open && (
                <div className={styles['turn']} ref={intoSight}>
                  {turn(
                    ask,
                    () => {
                      setOpenId(null);
                    },
                    count(given),
                  )}
                  <AskTrouble asks={[ask.id]} />
                </div>
              )}
            </li>
          );
        })}
      </ol>
    </AskPanel>
  );
}
