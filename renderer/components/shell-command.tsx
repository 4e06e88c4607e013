import styles from './shell-command.module.css';

/** A word as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command to type elsewhere. */
export function ShellCommand({ label, text }: { label: string; text: string }) {
  return (
    <pre tabIndex={0} aria-label={label} className={styles['command']}>
      {text}
    </pre>
  );
}
