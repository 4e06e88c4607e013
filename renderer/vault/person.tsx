import { useCallback, useState } from 'react';
import type { Credential, PrincipalView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { BindService } from './bind-service.tsx';
import { DisablePerson } from './disable-person.tsx';
import { SaveToken } from './save-token.tsx';
import { type Who, act } from './told.ts';
import { VaultEntry } from './vault-entry.tsx';

/** What is to be given next before somebody can come in; null for nothing. */
export function missingOf({ kind, credentials, certificate, uid }: PrincipalView): Credential | null {
  if (kind === 'person') return (['password', 'totp'] as const).find((one) => !credentials.includes(one)) ?? null;
  return credentials.includes('token') || certificate !== null || uid !== null ? null : 'token';
}

export function standingOf(person: PrincipalView): { says: string; standing: 'good' | 'bad' | undefined } {
  if (person.disabled) return { says: say('vault.disabled'), standing: undefined };
  if (person.locked) return { says: say('vault.lockedOut'), standing: 'bad' };
  return missingOf(person) === null
    ? { says: say('vault.mayComeIn'), standing: 'good' }
    : { says: say('people.notYet'), standing: undefined };
}

function Facts({ person }: { person: PrincipalView }) {
  const { kind, system, createdAt, credentials, certificate, uid } = person;
  const there = (credential: Credential) => say(credentials.includes(credential) ? 'people.there' : 'people.notThere');
  const isPerson = kind === 'person';
  return (
    <Rows
      rows={[
        { label: say('vault.kind'), value: say(system ? 'vault.kind.system' : `vault.kind.${kind}`) },
        { label: say('vault.state'), value: standingOf(person).says },
        { label: say('people.password'), value: isPerson ? there('password') : null },
        { label: say('people.totp'), value: isPerson ? there('totp') : null },
        { label: say('people.token'), value: isPerson ? null : there('token') },
        { label: say('people.certificate'), value: certificate && grouped(certificate), mono: true },
        { label: say('people.uid'), value: uid === null ? null : String(uid), mono: true },
        { label: say('people.since'), value: timeOf(createdAt) },
      ]}
    />
  );
}

type Props = {
  who: Who;
  person: PrincipalView;
  onClose: () => void;
};

/** One person or service: how they come in, what is missing for that, and the end of it. */
export function Person({ who, person, onClose }: Props) {
  const heading = useHeading();
  const [giving, setGiving] = useState<Credential | 'bound' | null>(null);
  const { busy, outcome, ask } = useAsked<unknown>();
  const done = useCallback(() => {
    setGiving(null);
  }, []);
  const { name, kind, disabled, locked } = person;
  const missing = missingOf(person);
  const kinds: Credential[] = kind === 'person' ? ['password', 'totp'] : ['token'];
  return (
    <article className={panel['panel']} aria-labelledby="person">
      <header className={panel['head']}>
        <h2 id="person" ref={heading} tabIndex={-1}>
          {name}
        </h2>
        <Button onPress={onClose}>{say('people.back')}</Button>
      </header>
      {missing === null && !disabled && !locked && (
        <p className={panel['verdict']} role="status">
          <TickIcon /> {say('people.ready', { name })}
        </p>
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      {giving === 'password' && (
        <VaultEntry
          person={name}
          title={say('people.passwordOf', { name })}
          label={say('people.newPassword')}
          what="password"
          command="vault.setPassword"
          input={{ name }}
          onDone={done}
          onClose={done}
        />
      )}
      {giving === 'totp' && (
        <VaultEntry
          person={name}
          title={say('people.totpOf', { name })}
          label={say('people.totp')}
          what="totp"
          command="vault.setTotp"
          input={{ name }}
          onDone={done}
          onClose={done}
        />
      )}
      {giving === 'token' && <SaveToken service={person} onClose={done} />}
      {giving === 'bound' && <BindService service={person} onClose={done} />}
      {giving === null && (
        <div className={panel['buttons']}>
          {!disabled &&
            kinds.map((one) => (
              <Button
                key={one}
                {...(one === missing ? { look: 'primary' as const } : {})}
                isDisabled={busy}
                onPress={() => {
                  setGiving(one);
                }}
              >
                {say(person.credentials.includes(one) ? `people.anew.${one}` : `people.give.${one}`)}
              </Button>
            ))}
          {!disabled && kind === 'service' && (
            <Button
              isDisabled={busy}
              onPress={() => {
                setGiving('bound');
              }}
            >
              {say('bind.open')}
            </Button>
          )}
          {locked && (
            <Button
              isDisabled={busy}
              aria-label={say('vault.unblockOf', { name })}
              onPress={() => void ask(() => act('vault.unblock', { name }))}
            >
              {say('vault.unblock')}
            </Button>
          )}
          {disabled && (
            <Button isDisabled={busy} onPress={() => void ask(() => act('vault.disable', { name, disabled: false }))}>
              {say('people.enable')}
            </Button>
          )}
          {!disabled && name !== who.name && <DisablePerson name={name} />}
        </div>
      )}
      <Facts person={person} />
      <p className={panel['soft']}>{say('people.grants')}</p>
    </article>
  );
}
