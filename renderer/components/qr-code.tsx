import styles from './qr-code.module.css';

/** ISO/IEC 18004 asks for four light modules around a code. */
const QUIET = 4;

/** A QR code from core's modules, black on white in both themes: scanners read no other. */
export function QrCode({ modules, label }: { modules: string[]; label: string }) {
  const size = modules.length + 2 * QUIET;
  // One path, so that no hairline shows between modules.
  const path = modules.flatMap((row, y) =>
    [...row.matchAll(/1+/g)].map(
      ({ index, 0: run }) => `M${index + QUIET} ${y + QUIET}h${run.length}v1h-${run.length}z`,
    ),
  );
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      className={styles['code']}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} className={styles['light']} />
      <path d={path.join('')} className={styles['dark']} />
    </svg>
  );
}
