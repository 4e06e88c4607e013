import { useCallback, useState } from 'react';
import { ownerSchema } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { WarningIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { VaultEntry } from './vault-entry.tsx';

/** Who somebody is: a name here, password and one-time code in private. */
export function Login({ over }: { over: boolean }) {
  const heading = useHeading();
  const [name, setName] = useState('');
  const [typing, setTyping] = useState(false);
  const close = useCallback(() => {
    setTyping(false);
  }, []);
  const given = name.trim();
  return (
    <section className={panel['form']}>
      <div className={panel['part']}>
        <h2 ref={heading} tabIndex={-1}>
          {say('vault.loginTitle')}
        </h2>
        <p className={panel['soft']}>{say('vault.loginLead')}</p>
      </div>
      {over && (
        <p role="status" className={panel['warning']}>
          <WarningIcon /> {say('vault.over')}
        </p>
      )}
      {typing ? (
        <VaultEntry
          person={given}
          title={say('vault.loginAs', { name: given })}
          label={say('vault.password')}
          what="login"
          command="vault.login"
          input={{ name: given }}
          onDone={close}
          onClose={close}
        />
      ) : (
        <>
          <Field label={say('vault.name')} value={name} onChange={setName} maxLength={63} mono />
          <div>
            <Button
              look="primary"
              isDisabled={!ownerSchema.safeParse(given).success}
              onPress={() => {
                setTyping(true);
              }}
            >
              {say('vault.typePassword')}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
