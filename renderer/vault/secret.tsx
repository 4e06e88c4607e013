import { useCallback, useState } from 'react';
import type { AppInfo } from '../../core/contract/commands.ts';
import type { Category, SecretIdentity, SecretView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { ShellCommand, shellWord } from '../components/shell-command.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { AskTwo } from './ask-two.tsx';
import { DeleteSecret } from './delete-secret.tsx';
import { DescribeSecret } from './describe-secret.tsx';
import { History } from './history.tsx';
import { placeOf } from './place.ts';
import { StoreVersion } from './store-version.tsx';
import { type Who, look, vaultPolicy } from './told.ts';

/** Why there is no value here, and which command brings it. */
function NoValue({ info, who, secret, category }: { info: AppInfo; who: Who; secret: SecretView; category: Category }) {
  const reads = category.protection === 'envelope';
  const words = [
    ...['npx claviger vault', reads ? 'get' : 'verify', placeOf(secret), '--data', shellWord(info.data)],
    ...['--as', who.name],
    ...(category.purpose || category.access === 'two-person' ? ['--purpose PURPOSE'] : []),
    ...(category.access === 'two-person' ? ['--request NUMBER'] : []),
    ...(reads ? ['-o FILE'] : []),
  ];
  return (
    <section className={panel['finding']}>
      <h3>{say('vault.noValue')}</h3>
      <p>{say(reads ? 'vault.noValueGet' : 'vault.noValueVerify')}</p>
      <ShellCommand label={say('vault.command')} text={words.join(' ')} />
    </section>
  );
}

function Facts({ secret, category }: { secret: SecretView; category: Category | null }) {
  return (
    <Rows
      rows={[
        { label: say('vault.description'), value: secret.description },
        { label: say('vault.category'), value: secret.category, mono: true },
        { label: say('vault.access'), value: category && say(`vault.access.${category.access}`) },
        { label: say('vault.tags'), value: secret.tags.join(', ') },
        { label: say('vault.version'), value: String(secret.version) },
        { label: say('vault.created'), value: timeOf(secret.createdAt) },
        { label: say('vault.updated'), value: timeOf(secret.updatedAt) },
        {
          label: say('vault.accessed'),
          value: secret.accessedAt === null ? say('vault.notYet') : timeOf(secret.accessedAt),
        },
        {
          label: say('vault.due'),
          value: secret.rotationDue === null ? say('vault.never') : timeOf(secret.rotationDue),
        },
        { label: say('vault.id'), value: secret.id, mono: true },
      ]}
    />
  );
}

type Props = { info: AppInfo; who: Who; identity: SecretIdentity; onClose: () => void };

/** One secret: what there is to say of it, its versions, a new one, its end. */
export function Secret({ info, who, identity, onClose }: Props) {
  const heading = useHeading();
  const [doing, setDoing] = useState<'store' | 'describe' | null>(null);
  const { owner, environment, name } = identity;
  const told = useTold(
    useCallback(() => look('vault.list', { owner, environment, name, limit: 1 }), [owner, environment, name]),
  );
  const policy = useTold(vaultPolicy);
  const secret = told?.ok ? (told.value.secrets[0] ?? null) : null;
  const category = (policy?.ok && secret && policy.value.policy.categories[secret.category]) || null;
  const done = useCallback(() => {
    setDoing(null);
  }, []);
  return (
    <article className={panel['panel']} aria-labelledby="secret">
      <header className={panel['head']}>
        <h2 id="secret" ref={heading} tabIndex={-1}>
          {placeOf(identity)}
        </h2>
        <Button onPress={onClose}>{say('vault.backToSecrets')}</Button>
      </header>
      <Trouble error={told?.ok === false ? told.error : policy?.ok === false ? policy.error : null} />
      {told?.ok && !secret && <p role="status">{say('vault.erased')}</p>}
      {secret && category && (
        <>
          {doing === 'store' && <StoreVersion who={who} secret={secret} category={category} onClose={done} />}
          {doing === 'describe' && <DescribeSecret secret={secret} onClose={done} />}
          {doing === null && (
            <div className={panel['buttons']}>
              <Button
                look="primary"
                onPress={() => {
                  setDoing('store');
                }}
              >
                {say('vault.storeVersion')}
              </Button>
              {category.access !== 'two-person' && (
                <Button
                  onPress={() => {
                    setDoing('describe');
                  }}
                >
                  {say('describe.open')}
                </Button>
              )}
              {category.access === 'two-person' && <AskTwo secret={secret} />}
              <DeleteSecret who={who} secret={secret} category={category} />
            </div>
          )}
          <Facts secret={secret} category={category} />
          <NoValue info={info} who={who} secret={secret} category={category} />
          <History who={who} secret={secret} category={category} />
        </>
      )}
    </article>
  );
}
