import type { Fact } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import styles from './facts.module.css';
import { grouped } from './hex.ts';
import { CrossIcon, TickIcon, WarningIcon } from './icons.tsx';

type Of<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

function Rows({ rows }: { rows: Of<'row'>[] }) {
  return (
    <dl className={styles['rows']}>
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

function Checks({ checks }: { checks: Of<'check'>[] }) {
  return (
    <ul className={styles['checks']}>
      {checks.map((check, index) => {
        const { icon: Icon, text } = VERDICTS[check.verdict];
        return (
          <li key={`${index} ${check.label}`} data-verdict={check.verdict}>
            <span className={styles['verdict']}>
              <Icon /> {say(text)}
            </span>
            <b>{check.label}</b>
            <span className={styles['detail']}>{check.detail}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Words({ fact }: { fact: Of<'words'> }) {
  return (
    <figure className={styles['words']}>
      <figcaption>{fact.label}</figcaption>
      <ol>
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
export function Facts({ facts }: { facts: Fact[] }) {
  const checks = of(facts, 'check');
  const rows = of(facts, 'row');
  const files = of(facts, 'file');
  return (
    <div className={styles['facts']}>
      {checks.length > 0 && <Checks checks={checks} />}
      {rows.length > 0 && <Rows rows={rows} />}
      {of(facts, 'words').map((fact, index) => (
        <Words key={`${index} ${fact.label}`} fact={fact} />
      ))}
      {files.length > 0 && <Files files={files} />}
    </div>
  );
}
