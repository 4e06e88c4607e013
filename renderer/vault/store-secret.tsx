import { useCallback, useState } from 'react';
import { ENVIRONMENTS, type Environment, type SecretIdentity, identitySchema } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { placeOf } from './place.ts';
import { type Who, vaultPolicy } from './told.ts';
import { VaultEntry } from './vault-entry.tsx';

type New = {
  owner: string;
  environment: Environment;
  name: string;
  category: string;
  description: string;
  tags: string;
};
const EMPTY: New = { owner: '', environment: 'development', name: '', category: '', description: '', tags: '' };

function Form({ wanted, onWanted }: { wanted: New; onWanted: (wanted: New) => void }) {
  const policy = useTold(vaultPolicy);
  const categories = policy?.ok ? Object.entries(policy.value.policy.categories) : [];
  const set = (name: keyof New) => (value: string) => {
    onWanted({ ...wanted, [name]: value });
  };
  return (
    <>
      <Trouble error={policy?.ok === false ? policy.error : null} />
      <div className={panel['two']}>
        <Field
          label={say('vault.owner')}
          hint={say('vault.ownerHint')}
          value={wanted.owner}
          onChange={set('owner')}
          maxLength={63}
          mono
        />
        <Pick
          label={say('vault.environment')}
          value={wanted.environment}
          onChange={set('environment')}
          options={ENVIRONMENTS.map((id) => ({ id, text: say(`vault.environment.${id}`) }))}
        />
      </div>
      <div className={panel['two']}>
        <Field
          label={say('vault.secretName')}
          hint={say('vault.nameHint')}
          value={wanted.name}
          onChange={set('name')}
          maxLength={200}
          mono
        />
        <Pick
          label={say('vault.category')}
          hint={say('vault.categoryHint')}
          placeholder={say('vault.choose')}
          value={wanted.category}
          onChange={set('category')}
          options={categories.map(([id, { access }]) => ({ id, text: id, detail: say(`vault.access.${access}`) }))}
        />
      </div>
      <div className={panel['two']}>
        <Field
          label={say('vault.description')}
          hint={say('vault.descriptionHint')}
          value={wanted.description}
          onChange={set('description')}
          maxLength={1000}
        />
        <Field label={say('vault.tags')} hint={say('vault.tagsHint')} value={wanted.tags} onChange={set('tags')} />
      </div>
    </>
  );
}

/** A secret that is not there yet: what the window may know of it here, its value in private. */
export function StoreSecret({
  who,
  onClose,
  onStored,
}: {
  who: Who;
  onClose: () => void;
  onStored: (identity: SecretIdentity) => void;
}) {
  const heading = useHeading();
  const [wanted, setWanted] = useState(EMPTY);
  const [typing, setTyping] = useState<SecretIdentity | null>(null);
  const { owner, environment, name, category, description } = wanted;
  const identity = identitySchema.safeParse({ owner: owner.trim(), environment, name: name.trim() });
  const tags = wanted.tags.split(/[\s,]+/).filter(Boolean);
  const done = useCallback(() => {
    if (typing) onStored(typing);
  }, [typing, onStored]);
  return (
    <article className={panel['panel']} aria-labelledby="store">
      <header className={panel['head']}>
        <h2 id="store" ref={heading} tabIndex={-1}>
          {say('vault.storeTitle')}
        </h2>
        <Button onPress={onClose}>{say('vault.backToSecrets')}</Button>
      </header>
      <div className={panel['form']}>
        {typing ? (
          <VaultEntry
            person={who.name}
            title={say('vault.valueOf', { secret: placeOf(typing) })}
            label={say('vault.value')}
            what="value"
            command="vault.put"
            input={{ ...typing, category, ...(tags.length > 0 ? { tags } : {}), description: description.trim() }}
            onDone={done}
            onClose={() => {
              setTyping(null);
            }}
          />
        ) : (
          <>
            <Form wanted={wanted} onWanted={setWanted} />
            <p className={panel['soft']}>{say('vault.storeLead')}</p>
            <div>
              <Button
                look="primary"
                isDisabled={!identity.success || category === ''}
                onPress={() => {
                  if (identity.success) setTyping(identity.data);
                }}
              >
                {say('vault.typeValue')}
              </Button>
            </div>
          </>
        )}
      </div>
    </article>
  );
}
