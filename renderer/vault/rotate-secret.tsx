import { useCallback } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import type { SecretView } from '../../core/contract/vault.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { identityOf, placeOf } from './place.ts';
import { act, look } from './told.ts';

/** `back`: to the value before. */
type Props = { secret: SecretView; back: boolean };

function Form({ secret, back, close }: Props & { close: () => void }) {
  const { owner, environment, name } = secret;
  const foreseen = useTold(
    useCallback(
      () => look('vault.rotateSecret', { owner, environment, name, back, dryRun: true }),
      [owner, environment, name, back],
    ),
  );
  const { busy, outcome, ask } = useAsked<CommandOutput<'vault.rotateSecret'>>();
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
  return (
    <>
      <p className={dialog['lead']}>
        {say(back ? 'rotate.backLead' : 'rotate.lead', { secret: placeOf(secret), version: secret.version })}
      </p>
      {plan && (
        <Rows
          rows={[
            { label: say('rotate.makes'), value: back ? null : say('rotate.version', { version: plan.version }) },
            { label: say('rotate.by'), value: plan.rotator, mono: true },
            { label: say('rotate.outside'), value: plan.does ?? say('rotate.nothingOutside') },
          ]}
        />
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : foreseen?.ok === false ? foreseen.error : null} />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look="primary"
          isDeliberate
          isDisabled={busy || plan === null}
          onPress={() => void ask(() => act('vault.rotateSecret', { ...identityOf(secret), back }))}
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
