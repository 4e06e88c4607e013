import { useState } from 'react';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import { ActDialog } from './act-dialog.tsx';
import { Button } from './button.tsx';
import { EnterHint } from './enter-hint.tsx';
import { Field } from './field.tsx';
import { Pick } from './pick.tsx';
import styles from './act-dialog.module.css';

type PersonProps = {
  participants: CeremonyView['participants'];
  person: string;
  onChange: (person: string) => void;
};

/** Who says so: one of the participants, or, before roles are taken, a typed name. */
function Person({ participants, person, onChange }: PersonProps) {
  if (participants.length === 0) {
    return <Field label={say('dialog.person')} value={person} onChange={onChange} maxLength={80} />;
  }
  const options = participants.map(({ name, role }) => ({ id: name, text: name, detail: say(`role.${role}`) }));
  const words = { label: say('dialog.person'), placeholder: say('dialog.choose') };
  return <Pick {...words} value={person} onChange={onChange} options={options} />;
}

type Props = {
  /** The button that opens it. */
  open: string;
  danger?: boolean;
  /** It is the one primary action of the view. */
  primary?: boolean;
  title: string;
  lead: string;
  /** Left out where a name is enough. */
  reasonLabel?: string;
  act: string;
  participants: CeremonyView['participants'];
  onAct: (person: string, reason: string) => void;
};

type FormProps = Pick<Props, 'danger' | 'lead' | 'reasonLabel' | 'act' | 'participants' | 'onAct'> & {
  close: () => void;
};

function ReasonForm({ danger, lead, reasonLabel, act, participants, onAct, close }: FormProps) {
  const [person, setPerson] = useState('');
  const [reason, setReason] = useState('');
  return (
    <>
      <p className={styles['lead']}>{lead}</p>
      <Person participants={participants} person={person} onChange={setPerson} />
      {reasonLabel !== undefined && (
        <Field label={reasonLabel} multiline maxLength={2000} value={reason} onChange={setReason} />
      )}
      <EnterHint />
      <div className={styles['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look={danger ? 'danger' : 'primary'}
          isDeliberate
          isDisabled={person.trim() === '' || (reasonLabel !== undefined && reason.trim() === '')}
          onPress={() => {
            close();
            onAct(person.trim(), reason.trim());
          }}
        >
          {act}
        </Button>
      </div>
    </>
  );
}

/** A button and the dialog behind it, which takes a name and a typed reason: abort, deviation, pause; to go on, a name. */
export function ReasonDialog({ open, title, primary, ...form }: Props) {
  return (
    <ActDialog open={open} title={title} look={form.danger ? 'danger' : primary ? 'primary' : 'secondary'}>
      {(close) => <ReasonForm {...form} close={close} />}
    </ActDialog>
  );
}
