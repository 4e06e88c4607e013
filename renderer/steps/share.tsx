import { useState } from 'react';
import type { Ask, Mode } from '../../core/contract/ceremony.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { PersonList } from './person-list.tsx';
import { PrivateEntry } from './private-entry.tsx';
import styles from './share.module.css';

type ShareAsk = Extract<Ask, { kind: 'share' }>;

/** Without the paper: core reads the file that was printed, in training; or a picture from a medium. */
function FromFile({ ask, mode }: { ask: ShareAsk; mode: Mode }) {
  const [path, setPath] = useState('');
  // Printed on a printer, a sheet has no file.
  const files = mode === 'training' && ask.sheets.length > 0;
  const label = say(files ? 'share.file' : 'share.fileLive');
  return (
    <section aria-label={label} className={styles['file']}>
      <h3>{label}</h3>
      {files && (
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
      )}
      <div className={styles['path']}>
        <Field label={say(files ? 'share.picture' : 'share.paper')} value={path} onChange={setPath} mono />
        <Button
          isDeliberate
          isDisabled={path.trim() === ''}
          onPress={() => void answer(ask.id, { scanFile: path.trim() })}
        >
          {say('share.read')}
        </Button>
      </div>
    </section>
  );
}

/** Printed shares, shown by one person at a time, in the private entry. */
export function Shares({ asks, mode }: { asks: ShareAsk[]; mode: Mode }) {
  return (
    <PersonList
      asks={asks}
      count={(given) => say('share.count', { count: given, total: asks.length })}
      openLabel={(ask) => say('share.open', { person: ask.person })}
      turn={(ask, close, counted) => (
        <>
          <PrivateEntry ask={ask} counted={counted} close={close} />
          <FromFile ask={ask} mode={mode} />
        </>
      )}
    />
  );
}
