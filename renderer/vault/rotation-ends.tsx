import type { RotationView } from '../../core/contract/vault-rotation.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

type FormProps = {
  lead: string;
  doing: string;
  danger?: boolean;
  command: () => ReturnType<typeof act>;
  close: () => void;
};

/** A second thought before what is not taken back. */
function Certain({ lead, doing, danger = false, command, close }: FormProps) {
  const { busy, outcome, ask } = useAsked<unknown>();
  const decide = async () => {
    await ask(async () => {
      const answered = await command();
      if (answered.ok) close();
      return answered;
    });
  };
  return (
    <>
      <p className={dialog['lead']}>{lead}</p>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button look={danger ? 'danger' : 'primary'} isDeliberate isDisabled={busy} onPress={() => void decide()}>
          {doing}
        </Button>
      </div>
    </>
  );
}

/** The way back, as long as there is one. */
export function RollBackRotation({ rotation: { from } }: { rotation: RotationView }) {
  return (
    <ActDialog isAlert open={say('keys.rollBack')} title={say('keys.rollBackTitle')}>
      {(close) => (
        <Certain
          lead={say('keys.rollBackLead', { from: from.slice(0, 8) })}
          doing={say('keys.rollBackDo')}
          command={() => act('vault.rollBackRotation', {})}
          close={close}
        />
      )}
    </ActDialog>
  );
}

/** The end before its time: the old key is gone, and the way back with it. */
export function FinishRotation({ rotation: { from, graceUntil } }: { rotation: RotationView }) {
  return (
    <ActDialog look="danger" open={say('keys.finish')} title={say('keys.finishTitle')}>
      {(close) => (
        <Certain
          danger
          lead={say('keys.finishLead', { from: from.slice(0, 8), until: timeOf(graceUntil ?? '') })}
          doing={say('keys.finishDo')}
          command={() => act('vault.finishRotation', { now: true })}
          close={close}
        />
      )}
    </ActDialog>
  );
}

/** Fresh data keys for all. */
export function RenewDataKeys() {
  return (
    <ActDialog open={say('keys.renew')} title={say('keys.renewTitle')}>
      {(close) => (
        <Certain
          lead={say('keys.renewLead')}
          doing={say('keys.renewDo')}
          command={() => act('vault.rotateDataKeys', {})}
          close={close}
        />
      )}
    </ActDialog>
  );
}
