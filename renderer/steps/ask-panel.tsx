import { type ReactNode, useId } from 'react';
import { say } from '../messages/say.ts';
import { TickIcon } from '../components/icons.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useWindow } from '../store/store.ts';
import styles from './ask-panel.module.css';

/** The refusal of the last answer to one of these asks, beside what it is about. */
export function AskTrouble({ asks }: { asks: string[] }) {
  const trouble = useWindow((state) => state.trouble);
  return <Trouble error={trouble?.ask && asks.includes(trouble.ask) ? trouble.error : null} />;
}

type Props = {
  state?: ReactNode;
  label: string;
  given: boolean;
  asks: string[];
  tone?: 'plain' | 'warning';
  children: ReactNode;
};

/**
 * What every ask has: its label, whether it is given, and the refusals of its answers (`asks`: whose; none where the
 * panel shows them itself). `state` says more beside the label.
 */
export function AskPanel({ label, state, given, asks, tone = 'plain', children }: Props) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} className={styles['panel']} data-tone={tone}>
      <div className={styles['head']}>
        <h2 id={heading}>{label}</h2>
        {state}
        {(given || !state) && (
          <p className={styles['state']} data-given={given || undefined}>
            {given && <TickIcon />} {say(given ? 'ask.given' : 'ask.waiting')}
          </p>
        )}
      </div>
      {children}
      {asks.length > 0 && <AskTrouble asks={asks} />}
    </section>
  );
}
