import type { Fact } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import styles from './facts.module.css';
import { grouped } from './hex.ts';
import type { Spoken } from './spoken.ts';
import { CrossIcon, TickIcon, WarningIcon } from './icons.tsx';

type Of<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

function Rows({ rows, spoken }: { rows: Of<'row'>[]; spoken: Spoken }) {
  return (
    <dl className={styles['rows']} {...spoken}>
      {rows.map((row, index) => (
        <div key={`${index} ${row.label}`}>
          <dt>{row.label}</dt>
          <dd className={row.mono ? styles['mono'] : ''}>{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}

const VERDICTS = {
  go: { icon: TickIcon, text: 'fact.go' },
  warning: { icon: WarningIcon, text: 'fact.warning' },
  'no-go': { icon: CrossIcon, text: 'fact.noGo' },
} as const;

function Checks({ checks, spoken }: { checks: Of<'check'>[]; spoken: Spoken }) {
  return (
    <ul className={styles['checks']}>
      {checks.map((check, index) => {
        const { icon: Icon, text } = VERDICTS[check.verdict];
        return (
          <li key={`${index} ${check.label}`} data-verdict={check.verdict}>
            <span className={styles['verdict']}>
              <Icon /> {say(text)}
            </span>
            <b {...spoken}>{check.label}</b>
            <span className={styles['detail']} {...spoken}>
              {check.detail}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Words({ fact, spoken }: { fact: Of<'words'>; spoken: Spoken }) {
  return (
    <figure className={styles['words']}>
      <figcaption {...spoken}>{fact.label}</figcaption>
      {/* The words of the PGP word list are English. */}
      <ol lang="en">
        {fact.words.map((word, index) => (
          <li key={`${index} ${word}`}>
            <span>{index + 1}</span> <b>{word}</b>
          </li>
        ))}
      </ol>
      <p className={styles['hex']}>{grouped(fact.hex)}</p>
    </figure>
  );
}

function Files({ files }: { files: Of<'file'>[] }) {
  return (
    <table className={styles['files']}>
      <thead>
        <tr>
          <th scope="col">{say('fact.file')}</th>
          <th scope="col">{say('fact.sha256')}</th>
        </tr>
      </thead>
      <tbody>
        {files.map((file, index) => (
          <tr key={`${index} ${file.path}`}>
            <th scope="row">{file.path}</th>
            <td>{grouped(file.sha256)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const of = <Kind extends Fact['kind']>(facts: Fact[], kind: Kind) =>
  facts.filter((fact): fact is Of<Kind> => fact.kind === kind);

/** What a step shows or recorded: checks, rows, words, files, in this order. */
export function Facts({ facts, spoken = {} }: { facts: Fact[]; spoken?: Spoken }) {
  const checks = of(facts, 'check');
  const rows = of(facts, 'row');
  const files = of(facts, 'file');
  return (
    <div className={styles['facts']}>
      {checks.length > 0 && <Checks checks={checks} spoken={spoken} />}
      {rows.length > 0 && <Rows rows={rows} spoken={spoken} />}
      {of(facts, 'words').map((fact, index) => (
        <Words key={`${index} ${fact.label}`} fact={fact} spoken={spoken} />
      ))}
      {files.length > 0 && <Files files={files} />}
    </div>
  );
}
