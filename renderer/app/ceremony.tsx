import { useEffect, useRef, useState } from 'react';
import type { CeremonyView, CurrentStep } from '../../core/contract/ceremony.ts';
import { ActionBar } from '../components/action-bar.tsx';
import { Confirmations } from '../components/confirmations.tsx';
import { Deviations } from '../components/deviations.tsx';
import { Facts } from '../components/facts.tsx';
import { Frame } from '../components/frame.tsx';
import { Header } from '../components/header.tsx';
import { grouped } from '../components/hex.ts';
import { VoiceIcon, WarningIcon } from '../components/icons.tsx';
import { useCeremonySpoken, useScriptSpoken } from '../components/spoken.ts';
import { Recorded } from '../components/recorded.tsx';
import { timeOf } from '../components/time.ts';
import { StepList } from '../components/step-list.tsx';
import { Strip } from '../components/strip.tsx';
import { say } from '../messages/say.ts';
import { Asks } from '../steps/asks.tsx';
import { Reprint } from '../steps/reprint.tsx';
import { useWindow } from '../store/store.ts';
import styles from './ceremony.module.css';

/** The eight hex digits by which a script is called. */
export function scriptDetail(view: CeremonyView): string {
  return say('header.script', { hash: grouped(view.scriptSha256.slice(0, 8)), organisation: view.organisation });
}

function Step({ view, step }: { view: CeremonyView; step: CurrentStep }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const spoken = useScriptSpoken();
  const core = useCeremonySpoken();
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const last = view.records.at(-1);
  const interrupted = view.status === 'interrupted';
  // What somebody is asked to accept is seen before it is asked.
  const checks = step.facts.filter(({ kind }) => kind === 'check');
  const shown = step.facts.filter(({ kind }) => kind !== 'check');
  const deviations = view.deviations.filter((deviation) => deviation.step === step.number);
  return (
    <article className={styles['step']}>
      <header className={styles['head']}>
        <h1
          ref={heading}
          tabIndex={-1}
          {...spoken}
          aria-description={say('step.position', { number: step.number, count: view.steps.length })}
        >
          {step.title}
        </h1>
        <p className={styles['instruction']} {...spoken}>
          {step.instruction}
        </p>
      </header>
      {interrupted && (
        <div role="status" className={styles['interrupted']}>
          <WarningIcon />
          <p>
            <b>{say('step.interrupted')}</b> {say('step.interruptedNext')}
          </p>
        </div>
      )}
      {view.paused && (
        <div role="status" className={styles['interrupted']}>
          <WarningIcon />
          <p>
            <b>{say('paused.by', { person: view.paused.person, at: timeOf(view.paused.at) })}</b>{' '}
            {say('paused.reason', { reason: view.paused.reason })}
          </p>
        </div>
      )}
      {step.readAloud && (
        <figure className={styles['aloud']}>
          <figcaption>
            <VoiceIcon /> {say('step.readAloud')}
          </figcaption>
          <blockquote {...spoken}>{step.readAloud}</blockquote>
        </figure>
      )}
      {checks.length > 0 && (
        <section aria-label={say('step.checks')}>
          <Facts facts={checks} spoken={core} />
        </section>
      )}
      <Asks view={view} asks={step.asks} />
      {step.reprintable.length > 0 && <Reprint view={view} step={step} />}
      {shown.length > 0 && (
        <section aria-label={say('step.shows')}>
          <Facts facts={shown} spoken={core} />
        </section>
      )}
      {!interrupted && !view.paused && <Confirmations step={step} />}
      {deviations.length > 0 && <Deviations deviations={deviations} />}
      {last && last.facts.length > 0 && <Recorded record={last} />}
    </article>
  );
}

/** One step of a ceremony, under the constant header and beside all the others. */
export function Ceremony({ view, step }: { view: CeremonyView; step: CurrentStep }) {
  const { trouble, busy } = useWindow();
  const [stepsShown, setStepsShown] = useState(false);
  const spoken = useScriptSpoken();
  const error = trouble ? (trouble.ask === null ? trouble.error : null) : step.failure;
  return (
    <Frame
      header={<Header title={view.title} detail={scriptDetail(view)} mode={view.mode} spoken={spoken} />}
      strip={
        <Strip
          view={view}
          stepsShown={stepsShown}
          onSteps={() => {
            setStepsShown(!stepsShown);
          }}
        />
      }
      side={<StepList steps={view.steps} current={step.id} shown={stepsShown} />}
      foot={<ActionBar view={view} step={step} busy={busy} error={error} />}
      shows={step.id}
    >
      <Step key={step.id} view={view} step={step} />
    </Frame>
  );
}
