import styles from './progress.module.css';

/** How far something long has come; the sentence beside it says the same. */
export function Progress({ label, value, max }: { label: string; value: number; max: number }) {
  return (
    <div className={styles['progress']}>
      <progress value={value} max={Math.max(max, 1)} aria-label={label} />
      <p role="status">{label}</p>
    </div>
  );
}
