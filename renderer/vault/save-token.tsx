import { useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import type { PrincipalView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

type Props = { service: PrincipalView; onClose: () => void };

/** A service's token goes from core into a file, such as one on a medium that is carried to it: nobody reads it on a screen. */
export function SaveToken({ service: { name, credentials }, onClose }: Props) {
  const [out, setOut] = useState('');
  const { busy, outcome, ask } = useAsked<CommandOutput<'vault.saveToken'>>();
  return (
    <section aria-labelledby="token" className={panel['finding']}>
      <header className={panel['head']}>
        <h3 id="token">{say('people.tokenOf', { name })}</h3>
        <Button onPress={onClose}>{say('person.close')}</Button>
      </header>
      {outcome?.ok ? (
        <>
          <p className={panel['verdict']} role="status">
            <TickIcon /> {say('people.tokenSaved')}
          </p>
          <Rows rows={[{ label: say('fact.file'), value: outcome.value.path, mono: true }]} />
        </>
      ) : (
        <>
          <p>{say(credentials.includes('token') ? 'people.tokenAgain' : 'people.tokenLead')}</p>
          <Field
            label={say('people.tokenFile')}
            hint={say('people.fileHint', { name })}
            value={out}
            onChange={setOut}
            mono
          />
          <Trouble error={outcome?.ok === false ? outcome.error : null} />
          <EnterHint />
          <div>
            <Button
              look="primary"
              isDeliberate
              isDisabled={busy || out.trim() === ''}
              onPress={() => void ask(() => act('vault.saveToken', { name, out: out.trim() }))}
            >
              {say('people.tokenDo')}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
