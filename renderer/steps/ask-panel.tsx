import { type ReactNode, useEffect, useId, useRef } from 'react';
import { focusIsLost } from '../components/focus.ts';
import { say } from '../messages/say.ts';
import { useCeremonySpoken } from '../components/spoken.ts';
import { TickIcon } from '../components/icons.tsx';
import { UnderWay } from '../components/under-way.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useWindow } from '../store/store.ts';
import styles from './ask-panel.module.css';

/** What is being done with the last answer to one of these asks, or why it was refused, beside what it is about. */
export function AskTrouble({ asks }: { asks: string[] }) {
  const trouble = useWindow((state) => state.trouble);
  const answering = useWindow((state) => state.answering);
  return (
    <>
      <UnderWay under={answering !== null && asks.includes(answering) ? say('ask.working') : null} />
      <Trouble error={trouble?.ask && asks.includes(trouble.ask) ? trouble.error : null} />
    </>
  );
}

type Props = {
  state?: ReactNode;
  label: string;
  /** The label is core's, in the ceremony's language. */
  own?: boolean;
  given: boolean;
  asks: string[];
  tone?: 'plain' | 'warning';
  children: ReactNode;
};

/**
 * What every ask has: its label, whether it is given, and the refusals of its answers (`asks`: whose; none where the
 * panel shows them itself). `state` says more beside the label.
 */
export function AskPanel({ label, own = true, state, given, asks, tone = 'plain', children }: Props) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const spoken = useCeremonySpoken();
  // What gave the answer is often gone with it: the focus stays at what was answered.
  useEffect(() => {
    if (given && focusIsLost()) heading.current?.focus({ preventScroll: true });
  }, [given]);
  return (
    <section aria-labelledby={id} className={styles['panel']} data-tone={tone}>
      <div className={styles['head']}>
        <h2 id={id} ref={heading} tabIndex={-1} aria-describedby={`${id}-state`} {...(own ? spoken : {})}>
          {label}
        </h2>
        {state}
        {(given || !state) && (
          <p id={`${id}-state`} className={styles['state']} data-given={given || undefined}>
            {given && <TickIcon />} {say(given ? 'ask.given' : 'ask.waiting')}
          </p>
        )}
      </div>
      {children}
      {asks.length > 0 && <AskTrouble asks={asks} />}
    </section>
  );
}
