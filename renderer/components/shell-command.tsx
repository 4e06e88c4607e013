import styles from './shell-command.module.css';

/** A word as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command to type elsewhere. A line ends between two words, never inside --as. */
export function ShellCommand({ label, text }: { label: string; text: string }) {
  return (
    <pre tabIndex={0} aria-label={label} className={styles['command']}>
      {text.split(' ').map((word, index) => (
        <span key={index}>
          {index > 0 && ' '}
          <span className={styles['word']}>{word}</span>
        </span>
      ))}
    </pre>
  );
}
