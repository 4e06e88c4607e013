const DAY_SECONDS = 86_400;

/** A span of time as a clock shows it: 04:59, 1:04:59. */
export function spanOf(seconds: number): string {
  const days = Math.floor(seconds / DAY_SECONDS);
  const [hours = '', minutes = '', rest = ''] = new Date(seconds * 1000).toISOString().slice(11, 19).split(':');
  const wholeHours = days * 24 + Number(hours);
  return wholeHours === 0 ? `${minutes}:${rest}` : `${wholeHours}:${minutes}:${rest}`;
}
