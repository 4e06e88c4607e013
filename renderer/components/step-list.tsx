import { useEffect, useRef } from 'react';
import type { StepView } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import { TickIcon } from './icons.tsx';
import { useScriptSpoken } from './spoken.ts';
import styles from './step-list.module.css';

function sectionsOf(steps: StepView[]): { section: string; steps: StepView[] }[] {
  const sections: { section: string; steps: StepView[] }[] = [];
  for (const step of steps) {
    const last = sections.at(-1);
    if (last?.section === step.section) last.steps.push(step);
    else sections.push({ section: step.section, steps: [step] });
  }
  return sections;
}

type Props = { steps: StepView[]; current: string | null; shown: boolean };

/** All steps with the paper script's numbers. In a narrow window it is folded away until asked for (`shown`). */
export function StepList({ steps, current, shown }: Props) {
  const here = useRef<HTMLLIElement>(null);
  const spoken = useScriptSpoken();
  useEffect(() => {
    here.current?.scrollIntoView({ block: 'nearest' });
  }, [current, shown]);
  return (
    <nav tabIndex={0} aria-label={say('steps.label')} className={styles['list']} data-shown={shown || undefined}>
      {sectionsOf(steps).map(({ section, steps: part }) => (
        <section key={part[0]?.id}>
          <h2 className={styles['section']} {...spoken}>
            {section}
          </h2>
          <ol>
            {part.map((step) => (
              <li
                key={step.id}
                ref={step.state === 'current' ? here : null}
                className={styles['step']}
                data-state={step.state}
                aria-current={step.state === 'current' ? 'step' : undefined}
              >
                <span className={styles['number']}>{step.number}</span>
                <span {...spoken}>{step.title}</span>
                {step.state === 'done' && (
                  <span role="img" aria-label={say('steps.done')} className={styles['done']}>
                    <TickIcon />
                  </span>
                )}
              </li>
            ))}
          </ol>
        </section>
      ))}
    </nav>
  );
}
