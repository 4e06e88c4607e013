import { useCallback, useState } from 'react';
import type { ErrorCode } from '../../core/contract/errors.ts';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import type { RotationView } from '../../core/contract/vault-rotation.ts';
import { Button } from '../components/button.tsx';
import { WarningIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { explain, say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { FinishRotation, RollBackRotation } from './rotation-ends.tsx';
import { RotationPhases } from './rotation-phases.tsx';
import styles from './keys.module.css';
import { spanOf } from './span.ts';
import { type Who, act } from './told.ts';
import { isMoving } from './use-rotation.ts';
import { VaultEntry } from './vault-entry.tsx';

function standingOf(rotation: RotationView): { says: string; standing: string } {
  if (rotation.stopped !== null) return { says: say('keys.stopped'), standing: 'bad' };
  if (rotation.paused) return { says: say('keys.paused'), standing: 'open' };
  if (rotation.phase === 'grace') return { says: say('keys.grace'), standing: 'good' };
  return { says: say(isMoving(rotation) ? 'keys.running' : 'keys.resting'), standing: 'moving' };
}

/** What it does now, in a sentence: read out when the phase changes, and not with each number. */
function saysOf({ what, phase, graceUntil }: RotationView): string {
  if (what === 'dek') return say('keys.says.renewal');
  if (phase === 'grace') return say('keys.says.grace', { until: timeOf(graceUntil ?? '') });
  return phase === 'finished' || phase === 'rolled-back' ? '' : say(`keys.says.${phase}`);
}

/** How far the phase has come, how fast, and how long it will take. Only the bar is for screen readers: numbers that change each second would not let them speak. */
function Progress({
  rotation: { done, total, perSecond, secondsLeft },
  label,
}: {
  rotation: RotationView;
  label: string;
}) {
  if (total === 0) return null;
  return (
    <div className={styles['progress']}>
      <progress value={Math.min(done, total)} max={total} aria-label={label} />
      <p className={styles['numbers']}>
        <b>{say('keys.versions', { done: Math.min(done, total), total })}</b>
        {perSecond !== null && <span>{say('keys.rate', { rate: perSecond })}</span>}
        {secondsLeft !== null && <span>{say('keys.left', { left: spanOf(secondsLeft) })}</span>}
      </p>
    </div>
  );
}

/** Why it stopped. The code alone is kept, so what a sentence would name stands elsewhere. */
function Stopped({ code }: { code: string }) {
  const own: Record<string, { says: string; next: string }> = {
    ROTATION_DAMAGED: { says: say('keys.damaged'), next: say('keys.damagedNext') },
    ROTATION_KEY_AWAY: { says: say('keys.keyAway'), next: say('keys.keyAwayNext') },
  };
  const { says, next } = own[code] ?? explain({ code: code as ErrorCode, params: {}, recovery: 'retry' });
  return (
    <p className={styles['why']}>
      <WarningIcon />
      <span>
        <b>{says}</b> {next}
      </span>
    </p>
  );
}

/** Whether the new keystore has to be made or opened first, which its passphrase does. */
function asksForPassphrase({ what, to, stopped }: RotationView, { provider }: VaultStatus): boolean {
  if (provider !== 'local' || what === 'dek') return false;
  return to === null || stopped === 'ROTATION_KEY_AWAY' || stopped?.startsWith('KEYSTORE_') === true;
}

type Props = { rotation: RotationView; who: Who; status: VaultStatus };

function Turns({ rotation, who, status }: Props) {
  const [typing, setTyping] = useState(false);
  const { busy, outcome, ask } = useAsked<unknown>();
  const close = useCallback(() => {
    setTyping(false);
  }, []);
  const { what, phase } = rotation;
  const halted = rotation.paused || rotation.stopped !== null;
  const goOn = () => {
    if (asksForPassphrase(rotation, status)) setTyping(true);
    else void ask(() => act('vault.continueRotation', {}));
  };
  if (typing) {
    return (
      <VaultEntry
        person={who.name}
        title={say('keys.continueTitle')}
        label={say('vault.field.passphrase')}
        what="passphrase"
        command="vault.continueRotation"
        input={{}}
        onDone={close}
        onClose={close}
      />
    );
  }
  return (
    <>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div className={panel['buttons']}>
        {halted ? (
          <Button look="primary" isDisabled={busy} onPress={goOn}>
            {say('keys.continue')}
          </Button>
        ) : (
          <Button isDisabled={busy} onPress={() => void ask(() => act('vault.pauseRotation', {}))}>
            {say('keys.pause')}
          </Button>
        )}
        {what === 'kek' && !['clean-up', 'roll-back'].includes(phase) && <RollBackRotation rotation={rotation} />}
        {phase === 'grace' && <FinishRotation rotation={rotation} />}
      </div>
    </>
  );
}

/** A rotation that has not ended: where it stands, and what can be done with it. */
export function RotationUnderWay({ rotation, who, status }: Props) {
  const heading = useHeading();
  const { says, standing } = standingOf(rotation);
  const { what, phase, from, to, backup, startedAt, startedBy } = rotation;
  const title = say(`keys.${what}`);
  return (
    <article className={panel['panel']} aria-labelledby="rotation">
      <section className={styles['card']} data-standing={standing}>
        <header className={styles['head']}>
          <h2 id="rotation" ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <p className={styles['standing']}>{says}</p>
        </header>
        {what === 'kek' && <RotationPhases phase={phase} />}
        <p role="status" className={styles['says']}>
          {saysOf(rotation)}
        </p>
        <Progress rotation={rotation} label={title} />
        {rotation.stopped !== null && <Stopped code={rotation.stopped} />}
        <Turns rotation={rotation} who={who} status={status} />
      </section>
      <Rows
        rows={[
          { label: say('keys.startedBy'), value: begunBy(startedAt, startedBy) },
          { label: say(what === 'dek' ? 'keys.under' : 'keys.from'), value: from, mono: true },
          { label: say('keys.to'), value: what === 'dek' ? null : (to ?? say('keys.notMade')), mono: true },
          {
            label: say('keys.backup'),
            value: backup && say('keys.backupOf', { file: backup.file, masterKey: backup.masterKey }),
          },
          { label: say('keys.backupSha'), value: backup && backup.sha256, mono: true },
        ]}
      />
    </article>
  );
}

/** What the vault does by itself it does under a name that nobody can have. */
export function begunBy(at: string, by: string): string {
  return by.startsWith('.') ? say('keys.policy', { at: timeOf(at) }) : say('keys.by', { at: timeOf(at), by });
}
