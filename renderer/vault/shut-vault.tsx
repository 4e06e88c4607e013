import { useCallback, useState } from 'react';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import { Button } from '../components/button.tsx';
import { LockIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { Strip } from './strip.tsx';
import { act } from './told.ts';
import { VaultEntry } from './vault-entry.tsx';

/** Its key is not in memory: whoever has passphrase or PIN opens it. */
export function LockedVault({ status }: { status: VaultStatus }) {
  const heading = useHeading();
  const [typing, setTyping] = useState(false);
  const { busy, outcome, ask } = useAsked<VaultStatus>();
  const close = useCallback(() => {
    setTyping(false);
  }, []);
  const { asks } = status;
  return (
    <>
      <Strip icon={<LockIcon />} state={say('vault.locked')} status={status} />
      <section className={panel['form']}>
        <div className={panel['part']}>
          <h2 ref={heading} tabIndex={-1}>
            {say('vault.unlockTitle')}
          </h2>
          <p className={panel['soft']}>{say(asks === null ? 'vault.unlockFile' : `vault.unlockBy.${asks}`)}</p>
        </div>
        <Trouble error={outcome?.ok === false ? outcome.error : null} />
        {typing && asks ? (
          <VaultEntry
            person={say('tokens.operator')}
            title={say(`vault.secret.${asks}`)}
            label={say(`vault.field.${asks}`)}
            what="passphrase"
            command="vault.unlock"
            input={{}}
            onDone={close}
            onClose={close}
          />
        ) : (
          <div>
            <Button
              look="primary"
              isDisabled={busy}
              onPress={() => {
                if (asks) setTyping(true);
                else void ask(() => act('vault.unlock', {}));
              }}
            >
              {say(asks === null ? 'vault.unlock' : `vault.type.${asks}`)}
            </Button>
          </div>
        )}
      </section>
    </>
  );
}
