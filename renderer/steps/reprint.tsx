import { useState } from 'react';
import type { CeremonyView, CurrentStep } from '../../core/contract/ceremony.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { Pick } from '../components/pick.tsx';
import { say } from '../messages/say.ts';
import { reprint } from '../store/acts.ts';

type Props = { view: CeremonyView; step: CurrentStep };

function ReprintForm({ view, step, close }: Props & { close: () => void }) {
  const [sheet, setSheet] = useState('');
  const [person, setPerson] = useState('');
  const [seenBy, setSeenBy] = useState('');
  const [reason, setReason] = useState('');
  const people = view.participants.map(({ name, role }) => ({ id: name, text: name, detail: say(`role.${role}`) }));
  return (
    <>
      <p className={dialog['lead']}>{say('reprint.lead')}</p>
      <Pick
        label={say('reprint.sheet')}
        placeholder={say('reprint.chooseSheet')}
        value={sheet}
        onChange={setSheet}
        options={step.reprintable.map(({ sheet: number, label }) => ({ id: String(number), text: label, detail: '' }))}
      />
      <Field label={say('reprint.reason')} multiline maxLength={400} value={reason} onChange={setReason} />
      <Pick
        label={say('dialog.person')}
        placeholder={say('dialog.choose')}
        value={person}
        onChange={setPerson}
        options={people}
      />
      <Pick
        label={say('reprint.seenBy')}
        placeholder={say('dialog.choose')}
        value={seenBy}
        onChange={setSeenBy}
        options={people.filter(({ id }) => id !== person)}
      />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look="primary"
          isDeliberate
          isDisabled={sheet === '' || person === '' || seenBy === '' || seenBy === person || reason.trim() === ''}
          onPress={() => {
            close();
            void reprint({ sheet: Number(sheet), person, reason: reason.trim(), seenBy });
          }}
        >
          {say('reprint.do')}
        </Button>
      </div>
    </>
  );
}

/** A sheet that jammed or smudged is printed again: for a reason, and after somebody saw the copy before destroyed. */
export function Reprint(props: Props) {
  return (
    <div>
      <ActDialog open={say('reprint.open')} title={say('reprint.title')}>
        {(close) => <ReprintForm {...props} close={close} />}
      </ActDialog>
    </div>
  );
}
