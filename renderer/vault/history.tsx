import { useCallback, useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import type { Category, SecretView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { type Approved, ApprovedRequest } from './approved-request.tsx';
import { identityOf } from './place.ts';
import { Renewal } from './renewal.tsx';
import { RotateSecret } from './rotate-secret.tsx';
import { SetPlan } from './set-plan.tsx';
import { type Who, act, look } from './told.ts';
import { Versions } from './versions.tsx';

type Props = { who: Who; secret: SecretView; category: Category };

function OpenPlan({ onOpen }: { onOpen: (open: boolean) => void }) {
  return (
    <Button
      onPress={() => {
        onOpen(true);
      }}
    >
      {say('plan.open')}
    </Button>
  );
}

/** Of what nobody guards besides: each look is a row of the ledger. */
function Open({ who, secret, category }: Props) {
  const { owner, environment, name } = secret;
  const [setting, setSetting] = useState(false);
  const told = useTold(
    useCallback(() => look('vault.renewal', { owner, environment, name }), [owner, environment, name]),
  );
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  return (
    <>
      <section className={panel['part']}>
        <h3>{say('renewal.title')}</h3>
        {setting && (
          <SetPlan
            secret={secret}
            category={category}
            told={told.value}
            onClose={() => {
              setSetting(false);
            }}
          />
        )}
        <Renewal told={told.value} />
        <div className={panel['buttons']}>
          {who.administers && !setting && <OpenPlan onOpen={setSetting} />}
          {told.value.plan && <RotateSecret who={who} secret={secret} category={category} back={false} />}
          {secret.version > 1 && <RotateSecret who={who} secret={secret} category={category} back />}
        </div>
      </section>
      <Versions versions={told.value.versions} />
    </>
  );
}

/** Of what two people guard: one look, which they approved, at the version that the secret has now. */
function Look({ who, secret, category }: Props) {
  const [approved, setApproved] = useState<Approved | null>(null);
  const [setting, setSetting] = useState(false);
  const [isSet, setSet] = useState(false);
  const { busy, outcome, ask, forget } = useAsked<CommandOutput<'vault.renewal'>>();
  if (outcome?.ok) {
    return (
      <>
        {setting ? (
          <SetPlan
            secret={secret}
            category={category}
            told={outcome.value}
            onClose={(changed) => {
              setSetting(false);
              setSet(changed);
              if (!changed) return;
              // What was looked at is no more so, and another look is for them to approve.
              setApproved(null);
              forget();
            }}
          />
        ) : (
          who.administers && (
            <div className={panel['buttons']}>
              <OpenPlan onOpen={setSetting} />
            </div>
          )
        )}
        <Renewal told={outcome.value} />
        <Versions versions={outcome.value.versions} />
      </>
    );
  }
  return (
    <div className={panel['form']}>
      {isSet && <p role="status">{say('plan.set')}</p>}
      <p className={panel['soft']}>{say('history.guarded')}</p>
      <ApprovedRequest who={who} secret={secret} action="versions" value={approved} onChange={setApproved} />
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div>
        <Button
          isDisabled={busy || approved === null}
          onPress={() => void ask(() => act('vault.renewal', { ...identityOf(secret), ...(approved ?? {}) }))}
        >
          {say('history.show')}
        </Button>
      </div>
    </div>
  );
}

/** What a secret was until now, and how it comes to its next value. */
export function History({ who, secret, category }: Props) {
  if (category.access !== 'two-person') return <Open who={who} secret={secret} category={category} />;
  return (
    <section className={panel['panel']}>
      <h3>{say('history.title')}</h3>
      <Look key={secret.version} who={who} secret={secret} category={category} />
      <div className={panel['buttons']}>
        <RotateSecret who={who} secret={secret} category={category} back={false} />
        {secret.version > 1 && <RotateSecret who={who} secret={secret} category={category} back />}
      </div>
    </section>
  );
}
