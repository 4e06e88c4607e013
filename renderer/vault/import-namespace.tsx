import { useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

const EMPTY = { file: '', sha256: '', keyFile: '', purpose: '', there: 'keep' as 'keep' | 'replace' };
type Wanted = typeof EMPTY;

/** As people copy it: in groups, in capitals. */
const hashOf = (text: string) => text.replace(/\s/g, '').toLowerCase();
const isHash = (text: string) => /^[0-9a-f]{64}$/.test(hashOf(text));

function Form({ wanted, onWanted }: { wanted: Wanted; onWanted: (wanted: Wanted) => void }) {
  const set = (name: keyof Wanted) => (value: string) => {
    onWanted({ ...wanted, [name]: value });
  };
  const wrong = wanted.sha256.trim() !== '' && !isHash(wanted.sha256);
  return (
    <>
      <Field label={say('carry.file')} hint={say('carry.fileHint')} value={wanted.file} onChange={set('file')} mono />
      <Field
        label={say('fact.sha256')}
        hint={say('carry.sha256Hint')}
        error={wrong ? say('carry.sha256Wrong') : undefined}
        value={wanted.sha256}
        onChange={set('sha256')}
        mono
        multiline
      />
      <Field
        label={say('carry.key')}
        hint={say('carry.keyHint')}
        value={wanted.keyFile}
        onChange={set('keyFile')}
        mono
      />
      <Field label={say('vault.purpose')} value={wanted.purpose} onChange={set('purpose')} maxLength={400} />
      <Choice
        label={say('carry.there')}
        value={wanted.there}
        onChange={set('there')}
        options={(['keep', 'replace'] as const).map((id) => ({ id, text: say(`carry.${id}`) }))}
      />
    </>
  );
}

function Imported({ imported: { secrets, created, replaced } }: { imported: CommandOutput<'vault.import'> }) {
  return (
    <section aria-label={say('carry.imported', { count: secrets })} className={panel['good']}>
      <p className={panel['verdict']} role="status">
        <TickIcon /> {say('carry.imported', { count: secrets })}
      </p>
      <Rows
        rows={[
          { label: say('carry.created'), value: String(created) },
          { label: say('carry.replaced'), value: String(replaced) },
        ]}
      />
    </section>
  );
}

/** What another vault exported comes into this one. */
export function ImportNamespace({ onClose }: { onClose: () => void }) {
  const heading = useHeading();
  const [wanted, setWanted] = useState(EMPTY);
  const { busy, outcome, ask, forget } = useAsked<CommandOutput<'vault.import'>>();
  const [file, keyFile, purpose] = [wanted.file.trim(), wanted.keyFile.trim(), wanted.purpose.trim()];
  const missing = [file, keyFile, purpose].includes('') || !isHash(wanted.sha256);
  const input = { file, keyFile, purpose, sha256: hashOf(wanted.sha256), replace: wanted.there === 'replace' };
  return (
    <article className={panel['panel']} aria-labelledby="import">
      <header className={panel['head']}>
        <h2 id="import" ref={heading} tabIndex={-1}>
          {say('carry.import')}
        </h2>
        <Button onPress={onClose}>{say('vault.backToSecrets')}</Button>
      </header>
      {outcome?.ok ? (
        <>
          <Imported imported={outcome.value} />
          <div>
            <Button
              onPress={() => {
                setWanted(EMPTY);
                forget();
              }}
            >
              {say('carry.anotherFile')}
            </Button>
          </div>
        </>
      ) : (
        <div className={panel['form']}>
          <p className={panel['soft']}>{say('carry.importLead')}</p>
          <Form wanted={wanted} onWanted={setWanted} />
          <Trouble error={outcome?.ok === false ? outcome.error : null} />
          <EnterHint />
          <div>
            <Button
              look="primary"
              isDeliberate
              isDisabled={busy || missing}
              onPress={() => void ask(() => act('vault.import', input))}
            >
              {say(busy ? 'carry.importBusy' : 'carry.importDo')}
            </Button>
          </div>
        </div>
      )}
    </article>
  );
}
