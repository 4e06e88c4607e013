import { type KeyboardEvent, useRef, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import type { Ask } from '../../core/contract/ceremony.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { PersonList } from './person-list.tsx';
import styles from './share.module.css';

type ShareAsk = Extract<Ask, { kind: 'share' }>;

/** A sheet has eight lines (docs/formats/share.md). */
const LINES = [1, 2, 3, 4, 5, 6, 7, 8];

function ScanSheet({ ask }: { ask: ShareAsk }) {
  const [path, setPath] = useState('');
  return (
    <>
      {ask.sheets.length > 0 && (
        <>
          <p className={styles['hint']}>{say('share.scanHint', { person: ask.person })}</p>
          <div className={styles['sheets']}>
            {ask.sheets.map((sheet) => (
              <Button key={sheet.number} isDeliberate onPress={() => void answer(ask.id, { scanSheet: sheet.number })}>
                <span className={styles['sheet']}>
                  <b>{say('share.sheet', { number: sheet.number })}</b>
                  <span>{sheet.person}</span>
                </span>
              </Button>
            ))}
          </div>
        </>
      )}
      <Field
        label={say(ask.sheets.length > 0 ? 'share.picture' : 'share.paper')}
        value={path}
        onChange={setPath}
        mono
      />
      <div>
        <Button
          isDeliberate
          isDisabled={path.trim() === ''}
          onPress={() => void answer(ask.id, { scanFile: path.trim() })}
        >
          {say('share.read')}
        </Button>
      </div>
    </>
  );
}

/** The lines stay in their inputs until they are sent, and no state of the window ever holds them. */
function TypeLines({ ask }: { ask: ShareAsk }) {
  const lines = useRef<HTMLOListElement>(null);
  const inputs = () => [...(lines.current?.querySelectorAll('input') ?? [])];

  // A hand scanner ends a line with Enter: it goes to the next line and never sends.
  function nextLine(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const all = inputs();
    all[all.indexOf(event.currentTarget) + 1]?.focus();
  }

  async function send(): Promise<void> {
    const text = inputs()
      .map((input) => input.value.trim())
      .join('\n');
    if (await answer(ask.id, { text })) for (const input of inputs()) input.value = '';
  }

  return (
    <>
      <p className={styles['hint']}>{say('share.typeHint')}</p>
      <ol ref={lines} className={styles['lines']}>
        {LINES.map((number) => (
          <li key={number}>
            <span aria-hidden="true">{number}</span>
            <input
              type="password"
              autoComplete="off"
              spellCheck={false}
              maxLength={64}
              aria-label={say('share.line', { number })}
              onKeyDown={nextLine}
            />
          </li>
        ))}
      </ol>
      <div>
        <Button isDeliberate onPress={() => void send()}>
          {say('share.send')}
        </Button>
      </div>
    </>
  );
}

function ShowShare({ ask }: { ask: ShareAsk }) {
  return (
    <Tabs className={styles['tabs'] ?? ''}>
      <TabList aria-label={say('share.ways', { person: ask.person })} className={styles['tablist'] ?? ''}>
        <Tab id="scan" className={styles['tab'] ?? ''}>
          {say('share.scan')}
        </Tab>
        <Tab id="type" className={styles['tab'] ?? ''}>
          {say('share.type')}
        </Tab>
      </TabList>
      <TabPanel id="scan" className={styles['panel'] ?? ''}>
        <ScanSheet ask={ask} />
      </TabPanel>
      <TabPanel id="type" className={styles['panel'] ?? ''}>
        <TypeLines ask={ask} />
      </TabPanel>
    </Tabs>
  );
}

/** Printed shares, shown by one person at a time: read from the sheet's file, or typed line by line behind dots. */
export function Shares({ asks }: { asks: ShareAsk[] }) {
  return (
    <PersonList
      asks={asks}
      count={(given) => say('share.count', { count: given, total: asks.length })}
      openLabel={(ask) => say('share.open', { person: ask.person })}
      turn={(ask) => <ShowShare ask={ask} />}
    />
  );
}
