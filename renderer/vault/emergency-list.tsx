import { useState } from 'react';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import styles from './emergency.module.css';
import { type Who, act, vaultPrincipals } from './told.ts';

/** Who may break the glass, as whoever administers the vault sets it. */
export function EmergencyList({ who, people }: { who: Who; people: string[] }) {
  const told = useTold(vaultPrincipals);
  const [chosen, setChosen] = useState('');
  const { busy, outcome, ask } = useAsked<unknown>();
  const others = told?.ok ? told.value.principals : [];
  const candidates = others.filter(
    ({ name, kind, disabled }) => kind === 'person' && !disabled && name !== who.name && !people.includes(name),
  );
  const set = (name: string, allowed: boolean) => ask(() => act('vault.breakGlassAllow', { name, allowed }));
  const add = async () => {
    await set(chosen, true);
    setChosen('');
  };
  return (
    <section className={panel['part']}>
      <h2>{say('glass.list')}</h2>
      <p className={panel['soft']}>{say('glass.listLead')}</p>
      <Trouble error={told?.ok === false ? told.error : outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      {people.length === 0 ? (
        <Empty>{say('glass.listEmpty')}</Empty>
      ) : (
        <ul className={styles['people']}>
          {people.map((name) => (
            <li key={name}>
              <b>{name}</b>
              {name !== who.name && (
                <Button
                  look="quiet"
                  isDeliberate
                  isDisabled={busy}
                  aria-label={say('glass.takeOffOf', { name })}
                  onPress={() => void set(name, false)}
                >
                  {say('glass.takeOff')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {candidates.length > 0 && (
        <div className={styles['add']}>
          <Pick
            label={say('glass.person')}
            placeholder={say('vault.choose')}
            value={chosen}
            onChange={setChosen}
            options={candidates.map(({ name }) => ({ id: name, text: name }))}
          />
          <Button isDeliberate isDisabled={busy || chosen === ''} onPress={() => void add()}>
            {say('glass.add')}
          </Button>
        </div>
      )}
    </section>
  );
}
