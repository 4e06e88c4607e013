import { useState } from 'react';
import type { Category, SecretView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import panel from '../components/panel.module.css';
import { say } from '../messages/say.ts';
import { type Approved, ApprovedRequest } from './approved-request.tsx';
import { identityOf, placeOf } from './place.ts';
import type { Who } from './told.ts';
import { VaultEntry } from './vault-entry.tsx';

type Props = { who: Who; secret: SecretView; category: Category; onClose: () => void };

/** A new version of a secret, typed in private; where two people guard it, with what they approved. */
export function StoreVersion({ who, secret, category, onClose }: Props) {
  const guarded = category.access === 'two-person';
  const [approved, setApproved] = useState<Approved | null>(null);
  const [typing, setTyping] = useState(!guarded);
  if (typing) {
    return (
      <VaultEntry
        person={who.name}
        title={say('vault.valueOf', { secret: placeOf(secret) })}
        label={say('vault.value')}
        what="value"
        command="vault.put"
        input={{ ...identityOf(secret), ...(approved ?? {}) }}
        onDone={onClose}
        onClose={onClose}
      />
    );
  }
  return (
    <div className={panel['form']}>
      <ApprovedRequest who={who} secret={secret} action="put" value={approved} onChange={setApproved} />
      <div className={panel['buttons']}>
        <Button
          look="primary"
          isDisabled={approved === null}
          onPress={() => {
            setTyping(true);
          }}
        >
          {say('vault.typeValue')}
        </Button>
        <Button onPress={onClose}>{say('dialog.back')}</Button>
      </div>
    </div>
  );
}
