import { useState } from 'react';
import type { AppInfo } from '../../core/contract/commands.ts';
import { principalName } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Fold } from '../components/fold.tsx';
import panel from '../components/panel.module.css';
import { ShellCommand, shellWord } from '../components/shell-command.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { VaultEntry } from './vault-entry.tsx';

/** A live vault's key is made by a ceremony, and what it is made with is named on the command line. */
function Live({ data }: { data: string }) {
  const init = `npx claviger vault init --data ${shellWord(data)} --administrator NAME -o NAME.otpauth --token TOKEN.yaml --label LABEL`;
  return (
    <div className={panel['part']}>
      <p>{say('vault.noneLive')}</p>
      <ShellCommand label={say('vault.initLive')} text={init} />
    </div>
  );
}

type Props = {
  info: AppInfo;
  /** While passphrase and password are typed, and until the authenticator has its key: the vault is there before that, and this stays in sight. */
  isMaking: boolean;
  onMaking: (is: boolean) => void;
};

/** How one comes to a vault: in training here, with its first administrator. */
export function MakeVault({ info, isMaking, onMaking }: Props) {
  const heading = useHeading();
  const [name, setName] = useState('');
  const given = name.trim();
  const end = () => {
    onMaking(false);
  };
  return (
    <section className={panel['form']}>
      <div className={panel['part']}>
        <h2 ref={heading} tabIndex={-1}>
          {say(isMaking ? 'make.heading' : 'vault.none')}
        </h2>
        {!isMaking && info.ceremonies[0]?.mode !== 'live' && <p className={panel['soft']}>{say('make.lead')}</p>}
      </div>
      {info.ceremonies[0]?.mode === 'live' ? (
        <Live data={info.data} />
      ) : isMaking ? (
        <VaultEntry
          person={given}
          title={say('make.title', { name: given })}
          label={say('make.passphrase')}
          nextLabel={say('make.password', { name: given })}
          what="vault"
          command="vault.initialise"
          input={{ key: { keystore: true }, administrator: given }}
          onDone={end}
          onClose={end}
        />
      ) : (
        <>
          <Field
            label={say('make.administrator')}
            hint={say('people.nameHint')}
            value={name}
            onChange={setName}
            maxLength={63}
            mono
          />
          <div>
            <Button
              look="primary"
              isDisabled={!principalName.safeParse(given).success}
              onPress={() => {
                onMaking(true);
              }}
            >
              {say('make.do')}
            </Button>
          </div>
          <Fold title={say('make.live')}>
            <Live data={info.data} />
          </Fold>
        </>
      )}
    </section>
  );
}
