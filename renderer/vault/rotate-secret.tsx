import { useEffect, useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import type { Category, SecretView } from '../../core/contract/vault.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { type Approved, ApprovedRequest } from './approved-request.tsx';
import { identityOf, placeOf } from './place.ts';
import { type Who, act, look } from './told.ts';

type Rotated = CommandOutput<'vault.rotateSecret'>;
/** `back`: to the value before. */
type Props = { who: Who; secret: SecretView; category: Category; back: boolean };

/** What it would do, asked once: of what two people guard as soon as it is said what they approved, which the look leaves for the act. */
function useForeseen({ secret, back }: Props, guarded: boolean, approved: Approved | null): Outcome<Rotated> | null {
  const [foreseen, setForeseen] = useState<Outcome<Rotated> | null>(null);
  const { owner, environment, name } = secret;
  useEffect(() => {
    if (guarded && !approved) return;
    let left = false;
    void look('vault.rotateSecret', { owner, environment, name, ...(approved ?? {}), back, dryRun: true }).then(
      (outcome) => {
        if (!left) setForeseen(outcome);
      },
    );
    return () => {
      left = true;
    };
  }, [owner, environment, name, back, guarded, approved]);
  return foreseen;
}

function Form({ close, ...props }: Props & { close: () => void }) {
  const { who, secret, category, back } = props;
  const guarded = category.access === 'two-person';
  const asksPurpose = category.purpose && !guarded;
  const [approved, setApproved] = useState<Approved | null>(null);
  const [purpose, setPurpose] = useState('');
  const foreseen = useForeseen(props, guarded, approved);
  const { busy, outcome, ask } = useAsked<Rotated>();
  if (outcome?.ok) {
    return (
      <>
        <p role="status">{say(back ? 'rotate.wentBack' : 'rotate.done', { version: outcome.value.version })}</p>
        <div className={dialog['buttons']}>
          <Button onPress={close}>{say('person.close')}</Button>
        </div>
      </>
    );
  }
  const plan = foreseen?.ok ? foreseen.value.foreseen : null;
  const why = approved ?? (asksPurpose ? { purpose: purpose.trim() } : {});
  return (
    <>
      <p className={dialog['lead']}>
        {say(back ? 'rotate.backLead' : 'rotate.lead', { secret: placeOf(secret), version: secret.version })}
      </p>
      {guarded && <ApprovedRequest who={who} secret={secret} action="rotate" value={approved} onChange={setApproved} />}
      {plan && (
        <Rows
          rows={[
            { label: say('rotate.makes'), value: back ? null : say('rotate.version', { version: plan.version }) },
            { label: say('rotate.by'), value: plan.rotator, mono: true },
            { label: say('rotate.outside'), value: plan.does ?? say('rotate.nothingOutside') },
          ]}
        />
      )}
      {asksPurpose && (
        <Field
          label={say('vault.purpose')}
          hint={say('history.purposeHint')}
          value={purpose}
          onChange={setPurpose}
          maxLength={400}
        />
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : foreseen?.ok === false ? foreseen.error : null} />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look="primary"
          isDeliberate
          isDisabled={busy || plan === null || (asksPurpose && purpose.trim() === '')}
          onPress={() => void ask(() => act('vault.rotateSecret', { ...identityOf(secret), ...why, back }))}
        >
          {say(back ? 'rotate.backDo' : 'rotate.do')}
        </Button>
      </div>
    </>
  );
}

/** A new value of a secret now, or the one before again: what it will do stands there before it is done. */
export function RotateSecret(props: Props) {
  return (
    <ActDialog
      open={say(props.back ? 'rotate.backOpen' : 'rotate.open')}
      title={say(props.back ? 'rotate.backTitle' : 'rotate.title')}
    >
      {(close) => <Form {...props} close={close} />}
    </ActDialog>
  );
}
