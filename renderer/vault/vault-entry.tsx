import { useCallback } from 'react';
import { Button } from '../components/button.tsx';
import { EntryFrame } from '../components/entry-frame.tsx';
import panel from '../components/panel.module.css';
import { say } from '../messages/say.ts';
import { refreshInfo } from '../store/acts.ts';

type Props = {
  person: string;
  title: string;
  /** Of the field. */
  label: string;
  /** `value`: typed twice. `login`: a password and a one-time code. `code`: a one-time code alone. */
  what: 'passphrase' | 'login' | 'value' | 'code';
  command:
    'vault.unlock' | 'vault.login' | 'vault.put' | 'vault.rotateKey' | 'vault.continueRotation' | 'vault.breakGlass';
  /** What the window knows of it; what is typed goes to core beside it. */
  input: object;
  onDone: () => void;
  onClose: () => void;
};

/** The private entry of a command of the vault. */
export function VaultEntry({ person, title, label, what, command, input, onDone, onClose }: Props) {
  const done = useCallback(() => {
    onDone();
    void refreshInfo();
  }, [onDone]);
  const manner = what === 'value' ? 'choose' : 'enter';
  return (
    <section aria-labelledby="entry" className={panel['finding']}>
      <header className={panel['head']}>
        <h3 id="entry">{title}</h3>
        <Button onPress={onClose}>{say('person.close')}</Button>
      </header>
      <EntryFrame
        person={person}
        asked={{ command, input: JSON.stringify(input), what, manner, minimum: '1', label }}
        onDone={done}
      />
    </section>
  );
}
