import { useState } from 'react';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { type Who, act, vaultPolicy } from './told.ts';
import { VaultEntry } from './vault-entry.tsx';

const LONGEST_HOURS = 8760;

/** Hours as they were typed; null while they are none. */
function hoursOf(text: string): number | null {
  return /^\d{1,4}$/.test(text) && Number(text) <= LONGEST_HOURS ? Number(text) : null;
}

type Props = { who: Who; status: VaultStatus; onClose: () => void };

/** A new key beside the present one: how long the old one stays is said here, and a keystore's passphrase in private. */
export function RotateKey({ who, status, onClose }: Props) {
  const heading = useHeading();
  const policy = useTold(vaultPolicy);
  const [typed, setTyped] = useState<string | null>(null);
  const [typing, setTyping] = useState(false);
  const { busy, outcome, ask } = useAsked<unknown>();
  const said = policy?.ok ? policy.value.policy.keyRotation.graceHours : null;
  const text = typed ?? String(said ?? '');
  const graceHours = hoursOf(text);
  const byToken = status.provider !== 'local';
  const rotate = async () => {
    await ask(async () => {
      const answered = await act('vault.rotateKey', graceHours === null ? {} : { graceHours });
      if (answered.ok) onClose();
      return answered;
    });
  };
  return (
    <article className={panel['panel']} aria-labelledby="rotate">
      <header className={panel['head']}>
        <h2 id="rotate" ref={heading} tabIndex={-1}>
          {say('keys.rotateTitle')}
        </h2>
        <Button onPress={onClose}>{say('keys.back')}</Button>
      </header>
      <div className={panel['form']}>
        <p className={panel['soft']}>{say('keys.rotateLead')}</p>
        {typing ? (
          <VaultEntry
            person={who.name}
            title={say('keys.passphrase')}
            label={say('vault.field.passphrase')}
            what="passphrase"
            command="vault.rotateKey"
            input={{ graceHours }}
            onDone={onClose}
            onClose={() => {
              setTyping(false);
            }}
          />
        ) : (
          <>
            <Field
              label={say('keys.graceHours')}
              hint={say('keys.graceHint', { hours: said ?? '' })}
              value={text}
              onChange={setTyped}
              maxLength={4}
            />
            {byToken && <p>{say('keys.byToken')}</p>}
            <Trouble error={policy?.ok === false ? policy.error : outcome?.ok === false ? outcome.error : null} />
            <EnterHint />
            <div>
              <Button
                look="primary"
                isDeliberate={byToken}
                isDisabled={busy || graceHours === null}
                onPress={() => {
                  if (byToken) void rotate();
                  else setTyping(true);
                }}
              >
                {say(byToken ? 'keys.rotateNow' : 'keys.typePassphrase')}
              </Button>
            </div>
          </>
        )}
      </div>
    </article>
  );
}
