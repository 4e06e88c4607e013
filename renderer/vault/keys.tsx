import { useCallback, useState } from 'react';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import type { RotationView } from '../../core/contract/vault-rotation.ts';
import type { VaultPolicy } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { RotateKey } from './rotate-key.tsx';
import { RenewDataKeys } from './rotation-ends.tsx';
import { RotationUnderWay, begunBy } from './rotation-under-way.tsx';
import { type Who, vaultPolicy } from './told.ts';
import { useRotation } from './use-rotation.ts';

type Props = { who: Who; status: VaultStatus };

/** When the keys rotate by themselves. What needs a passphrase does not. */
function dueOf({ kekDays, dekDays }: VaultPolicy['keyRotation'], { provider }: VaultStatus) {
  const every = provider === 'local' ? 'keys.everyPassphrase' : 'keys.every';
  return {
    kek: kekDays === null ? say('keys.byHand') : say(every, { count: kekDays }),
    dek: dekDays === null ? say('keys.dekByHand') : say('keys.dekEvery', { count: dekDays }),
  };
}

function KeyNow({ status }: { status: VaultStatus }) {
  const policy = useTold(vaultPolicy);
  const due = policy?.ok ? dueOf(policy.value.policy.keyRotation, status) : null;
  return (
    <section className={panel['part']}>
      <h2>{say('keys.now')}</h2>
      <Rows
        rows={[
          { label: say('keys.nowOf'), value: status.keyId, mono: true },
          {
            label: say('vault.keyPlace'),
            value: say(status.provider === 'local' ? 'vault.keystore' : 'vault.token'),
          },
          { label: say('keys.due'), value: due && due.kek },
          { label: say('keys.dataKeys'), value: due && due.dek },
        ]}
      />
    </section>
  );
}

function howOf({ what, phase }: RotationView): string {
  if (phase === 'rolled-back') return say('keys.rolledBack');
  return say(what === 'kek' ? 'keys.finishedKek' : 'keys.finished');
}

/** How the last rotation ended. */
function Last({ rotation }: { rotation: RotationView | null }) {
  return (
    <section className={panel['part']}>
      <h2>{say('keys.last')}</h2>
      {rotation ? (
        <Rows
          rows={[
            { label: say('keys.what'), value: say(`keys.${rotation.what}`) },
            { label: say('keys.how'), value: howOf(rotation) },
            { label: say('keys.startedBy'), value: begunBy(rotation.startedAt, rotation.startedBy) },
            { label: say('keys.ended'), value: rotation.finishedAt && timeOf(rotation.finishedAt) },
            {
              label: say(rotation.what === 'dek' ? 'keys.under' : 'keys.from'),
              value: rotation.from,
              mono: true,
            },
            { label: say('keys.to'), value: rotation.what === 'dek' ? null : rotation.to, mono: true },
          ]}
        />
      ) : (
        <Empty>{say('keys.lastNone')}</Empty>
      )}
    </section>
  );
}

function AtRest({ status, last, onRotate }: { status: VaultStatus; last: RotationView | null; onRotate: () => void }) {
  const heading = useHeading();
  return (
    <>
      <section className={panel['part']}>
        <h2 ref={heading} tabIndex={-1}>
          {say('keys.none')}
        </h2>
        <p className={panel['soft']}>{say('keys.lead')}</p>
        <div className={panel['buttons']}>
          <Button look="primary" onPress={onRotate}>
            {say('keys.rotate')}
          </Button>
          <RenewDataKeys />
        </div>
      </section>
      <KeyNow status={status} />
      <Last rotation={last} />
    </>
  );
}

function Rotation({ who, status }: Props) {
  const told = useRotation();
  const [starting, setStarting] = useState(false);
  const close = useCallback(() => {
    setStarting(false);
  }, []);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { rotation } = told.value;
  // It stays until its private entry is done, however soon core tells of what that has begun.
  if (starting) return <RotateKey who={who} status={status} onClose={close} />;
  if (rotation?.finishedAt === null) return <RotationUnderWay rotation={rotation} who={who} status={status} />;
  return (
    <AtRest
      status={status}
      last={rotation}
      onRotate={() => {
        setStarting(true);
      }}
    />
  );
}

/** The vault's own keys: the rotation that is under way, a new one, and the last. For whoever administers everything. */
export function Keys({ who, status }: Props) {
  // Whoever may not would be refused, and that is recorded.
  return who.administers ? <Rotation who={who} status={status} /> : <Empty>{say('keys.notYours')}</Empty>;
}
