import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

function Form({ name, close }: { name: string; close: () => void }) {
  const { busy, outcome, ask } = useAsked<unknown>();
  const disable = async () => {
    const done = await act('vault.disable', { name, disabled: true });
    if (done.ok) close();
    return done;
  };
  return (
    <>
      <p className={dialog['lead']}>{say('people.disableLead', { name })}</p>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button look="danger" isDeliberate isDisabled={busy} onPress={() => void ask(disable)}>
          {say('people.disableDo')}
        </Button>
      </div>
    </>
  );
}

/** Ends every way in of somebody, after a second thought. */
export function DisablePerson({ name }: { name: string }) {
  return (
    <ActDialog open={say('people.disable')} title={say('people.disableTitle', { name })} look="danger">
      {(close) => <Form name={name} close={close} />}
    </ActDialog>
  );
}
