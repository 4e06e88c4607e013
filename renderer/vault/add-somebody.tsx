import { useState } from 'react';
import { principalName } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

const KINDS = ['person', 'service', 'system'] as const;

/** Somebody whom the vault does not know yet. What they come in by, and what they may, is given to them afterwards. */
export function AddSomebody({ onAdded, onClose }: { onAdded: (name: string) => void; onClose: () => void }) {
  const heading = useHeading();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]>('person');
  const { busy, outcome, ask } = useAsked<unknown>();
  const given = name.trim();
  const add = async () => {
    const added = await act('vault.addPrincipal', {
      name: given,
      kind: kind === 'person' ? 'person' : 'service',
      system: kind === 'system',
    });
    if (added.ok) onAdded(given);
    return added;
  };
  return (
    <article className={panel['panel']} aria-labelledby="add">
      <header className={panel['head']}>
        <h2 id="add" ref={heading} tabIndex={-1}>
          {say('people.addTitle')}
        </h2>
        <Button onPress={onClose}>{say('people.back')}</Button>
      </header>
      <div className={panel['form']}>
        <Choice
          label={say('vault.kind')}
          value={kind}
          onChange={setKind}
          options={KINDS.map((id) => ({ id, text: say(`people.kind.${id}`) }))}
        />
        <Field
          label={say('vault.name')}
          hint={say('people.nameHint')}
          value={name}
          onChange={setName}
          maxLength={63}
          mono
        />
        <p className={panel['soft']}>{say('people.addLead')}</p>
        <Trouble error={outcome?.ok === false ? outcome.error : null} />
        <EnterHint />
        <div>
          <Button
            look="primary"
            isDeliberate
            isDisabled={busy || !principalName.safeParse(given).success}
            onPress={() => void ask(add)}
          >
            {say('people.addDo')}
          </Button>
        </div>
      </div>
    </article>
  );
}
