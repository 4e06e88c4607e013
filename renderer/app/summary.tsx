import { useEffect, useRef, useState } from 'react';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { Button } from '../components/button.tsx';
import { Deviations } from '../components/deviations.tsx';
import { Facts } from '../components/facts.tsx';
import { Frame } from '../components/frame.tsx';
import { Header } from '../components/header.tsx';
import { FolderIcon } from '../components/icons.tsx';
import { useCeremonySpoken, useScriptSpoken } from '../components/spoken.ts';
import { Recorded } from '../components/recorded.tsx';
import { StepList } from '../components/step-list.tsx';
import { Strip } from '../components/strip.tsx';
import { say } from '../messages/say.ts';
import { leave } from '../store/acts.ts';
import { scriptDetail } from './ceremony.tsx';
import { timeOf } from '../components/time.ts';
import styles from './summary.module.css';

/** A ceremony that is over: what it made, where that is, and what every step recorded. */
export function Summary({ view }: { view: CeremonyView }) {
  const [stepsShown, setStepsShown] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const spoken = useScriptSpoken();
  const core = useCeremonySpoken();
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const { aborted, records } = view;
  const withFacts = records.filter(({ facts }) => facts.length > 0);
  const facts = records.flatMap((record) => record.facts);
  const files = facts.filter((fact) => fact.kind === 'file');
  // The same fingerprint is recorded where it was made and where it was read back.
  const words = facts.filter(
    (fact, index) =>
      fact.kind === 'words' && index === facts.findIndex((other) => other.kind === 'words' && other.hex === fact.hex),
  );
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
      side={<StepList steps={view.steps} current={null} shown={stepsShown} />}
      foot={
        <div className={styles['foot']}>
          <Button look="primary" onPress={leave}>
            {say('summary.done')}
          </Button>
        </div>
      }
    >
      <article className={styles['summary']}>
        <header className={styles['head']}>
          <h1 ref={heading} tabIndex={-1}>
            {say(aborted ? 'summary.aborted' : 'summary.complete')}
          </h1>
          <p className={styles['lead']}>{say(aborted ? 'summary.abortedLead' : 'summary.completeLead')}</p>
        </header>
        {aborted && (
          <blockquote className={styles['aborted']}>
            <p>{aborted.reason}</p>
            <footer>{say('summary.abortedBy', { person: aborted.person, at: timeOf(aborted.at) })}</footer>
          </blockquote>
        )}
        <section className={styles['out']}>
          <FolderIcon />
          <div>
            <h2>{say('summary.out')}</h2>
            <p>{view.out}</p>
            {view.copy !== null && (
              <>
                <h2>{say('summary.copy')}</h2>
                <p>{view.copy}</p>
              </>
            )}
          </div>
        </section>
        {words.length > 0 && <Facts facts={words} spoken={core} />}
        {files.length > 0 && (
          <section>
            <h2>{say('summary.files')}</h2>
            <Facts facts={files} />
          </section>
        )}
        {view.deviations.length > 0 && <Deviations deviations={view.deviations} />}
        {withFacts.length > 0 && (
          <section>
            <h2>{say('summary.records')}</h2>
            {withFacts.map((record) => (
              <Recorded key={record.step} record={record} />
            ))}
          </section>
        )}
      </article>
    </Frame>
  );
}
