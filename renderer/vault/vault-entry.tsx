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
  /** Of the field that comes after it. */
  nextLabel?: string;
  /**
   * `value`: typed twice. `password`: a new one, twice, and hard to guess. `vault`: a new passphrase, and then a new password. `login`: a password and a one-time code. `code`: a one-time code
   * alone. `totp`: nothing; a new key of one-time codes is shown.
   */
  what: 'passphrase' | 'login' | 'value' | 'code' | 'password' | 'vault' | 'totp';
  command:
    | 'vault.unlock'
    | 'vault.login'
    | 'vault.put'
    | 'vault.rotateSecret'
    | 'vault.setPassword'
    | 'vault.setTotp'
    | 'vault.initialise'
    | 'vault.rotateKey'
    | 'vault.continueRotation'
    | 'vault.breakGlass';
  /** What the window knows of it; what is typed goes to core beside it. */
  input: object;
  onDone: () => void;
  onClose: () => void;
};

/** A password is no shorter (characters); core counts its bytes. */
const PASSWORD_MINIMUM = 12;

/** The private entry of a command of the vault. */
export function VaultEntry({ person, title, label, nextLabel = '', what, command, input, onDone, onClose }: Props) {
  const done = useCallback(() => {
    onDone();
    void refreshInfo();
  }, [onDone]);
  const chosen = what === 'password' || what === 'vault';
  const typed = {
    ...{ what: what === 'password' ? 'passphrase' : what, manner: chosen || what === 'value' ? 'choose' : 'enter' },
    minimum: String(chosen ? PASSWORD_MINIMUM : 1),
  };
  return (
    <section aria-labelledby="entry" className={panel['finding']}>
      <header className={panel['head']}>
        <h3 id="entry">{title}</h3>
        <Button onPress={onClose}>{say('person.close')}</Button>
      </header>
      <EntryFrame
        person={person}
        asked={{ command, input: JSON.stringify(input), ...typed, label, nextLabel }}
        onDone={done}
      />
    </section>
  );
}
