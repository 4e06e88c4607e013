import { useState } from 'react';
import type { Category, SecretView } from '../../core/contract/vault.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import dialog from '../components/act-dialog.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { type Approved, ApprovedRequest } from './approved-request.tsx';
import { identityOf, placeOf } from './place.ts';
import { type Who, act } from './told.ts';

type Props = { who: Who; secret: SecretView; category: Category };

function Form({ who, secret, category, close }: Props & { close: () => void }) {
  const guarded = category.access === 'two-person';
  const [approved, setApproved] = useState<Approved | null>(null);
  const { busy, outcome, ask } = useAsked<unknown>();
  return (
    <>
      <p className={dialog['lead']}>{say('vault.deleteLead', { secret: placeOf(secret) })}</p>
      {guarded && <ApprovedRequest who={who} secret={secret} action="delete" value={approved} onChange={setApproved} />}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look="danger"
          isDeliberate
          isDisabled={busy || (guarded && approved === null)}
          onPress={() => void ask(() => act('vault.delete', { ...identityOf(secret), ...(approved ?? {}) }))}
        >
          {say('vault.deleteDo')}
        </Button>
      </div>
    </>
  );
}

/** Erases a secret, after a second thought. */
export function DeleteSecret(props: Props) {
  return (
    <ActDialog open={say('vault.delete')} title={say('vault.deleteTitle')} look="danger">
      {(close) => <Form {...props} close={close} />}
    </ActDialog>
  );
}
