import type { CheckedScript } from '../../core/contract/commands.ts';
import { useSpoken } from '../components/spoken.ts';
import { say } from '../messages/say.ts';
import styles from './script-outline.module.css';

/** A script at a glance: its sections and steps as the paper numbers them, and its hash in words to compare with the paper. */
export function ScriptOutline({ script }: { script: CheckedScript }) {
  const spoken = useSpoken(script.language);
  const sections = Map.groupBy(script.steps, ({ section }) => section);
  return (
    <section aria-labelledby="outline">
      <h2 id="outline">{say('start.paper')}</h2>
      <ol className={styles['sections']}>
        {[...sections].map(([section, steps]) => (
          <li key={section}>
            <span className={styles['bars']} aria-hidden="true">
              {steps.map(({ number }) => (
                <i key={number} />
              ))}
            </span>
            <h3 {...spoken}>{section}</h3>
            <p {...spoken}>{steps.map(({ number, title }) => `${number}\u00a0${title}`).join(' · ')}</p>
          </li>
        ))}
      </ol>
      <h3 className={styles['hash']}>{say('start.hash')}</h3>
      <p className={styles['words']}>{script.words.join(' ')}</p>
    </section>
  );
}
