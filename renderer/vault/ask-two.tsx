import { useState } from 'react';
import {
  APPROVABLE,
  APPROVALS,
  type Approvable,
  type ApprovalRequestView,
  type SecretView,
} from '../../core/contract/vault.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { identityOf } from './place.ts';
import { act } from './told.ts';

function Form({ secret, close }: { secret: SecretView; close: () => void }) {
  const [action, setAction] = useState<Approvable>('get');
  const [purpose, setPurpose] = useState('');
  const { busy, outcome, ask } = useAsked<ApprovalRequestView>();
  if (outcome?.ok) {
    return (
      <>
        <p role="status">{say('vault.asked', { count: APPROVALS, at: timeOf(outcome.value.expiresAt) })}</p>
        <div className={dialog['buttons']}>
          <Button onPress={close}>{say('person.close')}</Button>
        </div>
      </>
    );
  }
  return (
    <>
      <p className={dialog['lead']}>{say('vault.askLead', { count: APPROVALS })}</p>
      <Choice
        label={say('vault.action')}
        value={action}
        onChange={setAction}
        options={APPROVABLE.map((id) => ({ id, text: say(`vault.action.${id}`) }))}
      />
      <Field label={say('vault.purpose')} value={purpose} onChange={setPurpose} maxLength={400} />
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look="primary"
          isDisabled={busy || purpose.trim() === ''}
          onPress={() =>
            void ask(() => act('vault.request', { ...identityOf(secret), action, purpose: purpose.trim() }))
          }
        >
          {say('vault.askDo')}
        </Button>
      </div>
    </>
  );
}

/** Asks two people for one act at the version that a secret has now. */
export function AskTwo({ secret }: { secret: SecretView }) {
  return (
    <ActDialog open={say('vault.ask', { count: APPROVALS })} title={say('vault.askTitle')}>
      {(close) => <Form secret={secret} close={close} />}
    </ActDialog>
  );
}
