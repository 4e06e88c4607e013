import { useState } from 'react';
import { type SecretView, descriptionSchema, tagsSchema } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { identityOf } from './place.ts';
import { act } from './told.ts';

/** What is said of a secret, and by what it is found again. Neither is secret. */
export function DescribeSecret({ secret, onClose }: { secret: SecretView; onClose: () => void }) {
  const [description, setDescription] = useState(secret.description);
  const [text, setText] = useState(secret.tags.join(' '));
  const { busy, outcome, ask } = useAsked<unknown>();
  const tags = text.split(/[\s,]+/).filter(Boolean);
  const fits = tagsSchema.safeParse(tags).success;
  const save = async () => {
    const saved = await act('vault.describe', { ...identityOf(secret), description: description.trim(), tags });
    if (saved.ok) onClose();
    return saved;
  };
  return (
    <section aria-labelledby="describe" className={panel['finding']}>
      <header className={panel['head']}>
        <h3 id="describe">{say('describe.title')}</h3>
        <Button onPress={onClose}>{say('dialog.back')}</Button>
      </header>
      <div className={panel['two']}>
        <Field
          label={say('vault.description')}
          hint={say('vault.descriptionHint')}
          value={description}
          onChange={setDescription}
          maxLength={1000}
          multiline
        />
        <Field
          label={say('vault.tags')}
          hint={say('vault.tagsHint')}
          error={fits ? undefined : say('describe.tagsWrong')}
          value={text}
          onChange={setText}
        />
      </div>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div>
        <Button
          look="primary"
          isDisabled={busy || !fits || !descriptionSchema.safeParse(description.trim()).success}
          onPress={() => void ask(save)}
        >
          {say('describe.do')}
        </Button>
      </div>
    </section>
  );
}
