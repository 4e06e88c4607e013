import { type KeyboardEvent, useRef, useState } from 'react';
import type { Ask } from '../../core/contract/ceremony.ts';
import { grouped } from '../components/hex.ts';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import styles from './words.module.css';

type Tick = [boolean, boolean];

/** How far each arrow key goes, in ticks: two stand in a row. */
const ARROWS: Record<string, number> = { ArrowDown: 2, ArrowUp: -2, ArrowRight: 1, ArrowLeft: -1 };

/** Bytes read aloud as numbered words, each ticked by two roles. The answer goes out with the last tick. */
export function Words({ ask }: { ask: Extract<Ask, { kind: 'words' }> }) {
  const [ticks, setTicks] = useState(() => ask.words.map((): Tick => [ask.given, ask.given]));
  const list = useRef<HTMLOListElement>(null);
  const matched = ticks.filter(([one, other]) => one && other).length;
  const nextRow = ticks.findIndex(([one, other]) => !one || !other);

  function tick(row: number, role: 0 | 1, on: boolean): void {
    const changed = ticks.map((old, index): Tick => {
      if (index !== row) return old;
      return role === 0 ? [on, old[1]] : [old[0], on];
    });
    setTicks(changed);
    if (changed.every(([one, other]) => one && other)) void answer(ask.id, { ticks: changed });
  }

  function walk(event: KeyboardEvent): void {
    const far = ARROWS[event.key];
    if (far === undefined || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    const all = [...(list.current?.querySelectorAll('input') ?? [])];
    all[all.indexOf(event.target) + far]?.focus();
  }

  return (
    <AskPanel
      label={ask.label}
      given={ask.given}
      asks={[ask.id]}
      state={
        <p className={styles['matched']} aria-live="polite">
          {say('words.matched', { count: matched, total: ask.words.length })}
        </p>
      }
    >
      <div className={styles['list']}>
        <ol ref={list} className={styles['words']} onKeyDown={walk}>
          {ask.words.map((word, row) => (
            <li key={`${row} ${word}`} data-next={row === nextRow || undefined}>
              <span className={styles['number']}>{row + 1}</span>
              <span className={styles['word']}>{word}</span>
              {ask.roles.map((role, index) => (
                <input
                  key={role}
                  type="checkbox"
                  className={styles['tick']}
                  aria-label={say('words.tick', { role: say(`role.${role}`), number: row + 1, word })}
                  checked={ticks[row]?.[index] ?? false}
                  disabled={ask.given}
                  onChange={(event) => {
                    tick(row, index === 0 ? 0 : 1, event.target.checked);
                  }}
                />
              ))}
            </li>
          ))}
        </ol>
      </div>
      <div className={styles['legend']}>
        {ask.roles.map((role, index) => (
          <p key={role}>
            <i data-column={index + 1} /> {say(`role.${role}`)}
          </p>
        ))}
        {!ask.given && <p className={styles['differ']}>{say('words.differ')}</p>}
      </div>
      <p className={styles['hex']}>
        {say('words.first', { bytes: ask.hex.length / 2 })} {grouped(ask.hex)}
      </p>
    </AskPanel>
  );
}
