import { useEffect, useState } from 'react';
import type { LedgerVerification, VerificationProgress } from '../../core/contract/ledger.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon, WarningIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { UnderWay } from '../components/under-way.tsx';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';

type Told = Outcome<VerificationProgress> | null;

const isUnderWay = (told: Told) => told?.ok === true && ['running', 'paused'].includes(told.value.state);

/** What core tells of its verification, asked again for as long as one is under way. */
function useVerification(): [Told, (told: Told) => void] {
  const [told, setTold] = useState<Told>(null);
  const after = told?.ok ? told.value.version : -1;
  const waiting = told === null || isUnderWay(told);
  useEffect(() => {
    if (!waiting) return;
    let left = false;
    void call('ledger.verifying', { after }).then((next) => {
      if (!left) setTold(next);
    });
    return () => {
      left = true;
    };
  }, [after, waiting]);
  return [told, setTold];
}

function Verified({ verified, at }: { verified: LedgerVerification; at: string }) {
  const { origin, size, root, signed, notYetSigned, checkpoints, signer, segments, paper, warnings } = verified;
  return (
    <section aria-label={say('verify.result')} className={panel['good']}>
      <p className={panel['verdict']} role="status">
        <TickIcon /> {size === 0 ? say('verify.empty') : say('verify.whole', { size })}
      </p>
      {notYetSigned > 0 && (
        <p className={panel['warning']}>
          <WarningIcon />
          <span>{signer ? say('verify.notYet', { count: notYetSigned }) : say('verify.nobody')}</span>
        </p>
      )}
      {warnings.map(({ seq, detail }) => (
        <p key={`${seq} ${detail}`} className={panel['warning']}>
          <WarningIcon /> {say('verify.warning', { seq, detail })}
        </p>
      ))}
      <Rows
        rows={[
          { label: say('verify.paper'), value: paper === null ? null : say('verify.contained', { paper }) },
          { label: say('verify.signed'), value: say('verify.signedBy', { signed, checkpoints }) },
          { label: say('verify.signer'), value: signer && signer.subject },
          { label: say('verify.issuer'), value: signer && signer.issuer },
          { label: say('verify.key'), value: signer && grouped(signer.sha256), mono: true },
          { label: say('verify.segments'), value: segments === 0 ? null : String(segments) },
          { label: say('verify.ledger'), value: origin, mono: true },
          { label: say('verify.root'), value: root, mono: true },
          { label: say('verify.at'), value: timeOf(at) },
        ]}
      />
    </section>
  );
}

/** The whole ledger from the rows up, with how far it has come, and what was found. */
export function LedgerVerify() {
  const [told, setTold] = useVerification();
  const [paper, setPaper] = useState('');
  const progress = told?.ok ? told.value : null;
  const underWay = isUnderWay(told);
  const begin = async () => {
    setTold(await call('ledger.verifyOwn', paper.trim() === '' ? {} : { checkpoint: paper.trim() }));
  };
  const turn = async (to: 'pause' | 'continue' | 'cancel') => {
    setTold(await call('ledger.verifyTurn', { turn: to }));
  };
  const error = told?.ok === false ? told.error : (progress?.error ?? null);
  return (
    <div className={panel['panel']}>
      <p className={panel['soft']}>{say('verify.lead')}</p>
      <div className={panel['form']}>
        <Field
          label={say('verify.checkpoint')}
          hint={say('verify.checkpointHint')}
          value={paper}
          onChange={setPaper}
          multiline
          mono
        />
      </div>
      <UnderWay
        under={underWay ? say(progress?.state === 'paused' ? 'verify.paused' : 'verify.progress') : null}
        parts={progress}
      />
      {progress?.state === 'cancelled' && <p role="status">{say('verify.cancelled', { done: progress.done })}</p>}
      {progress?.verified && <Verified verified={progress.verified} at={progress.at ?? ''} />}
      <Trouble error={error} />
      <div className={panel['buttons']}>
        {underWay ? (
          <>
            <Button onPress={() => void turn(progress?.state === 'paused' ? 'continue' : 'pause')}>
              {say(progress?.state === 'paused' ? 'verify.continue' : 'verify.pause')}
            </Button>
            <Button onPress={() => void turn('cancel')}>{say('verify.cancel')}</Button>
          </>
        ) : (
          <Button look="primary" onPress={() => void begin()}>
            {say('verify.do')}
          </Button>
        )}
      </div>
    </div>
  );
}
