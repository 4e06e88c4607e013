/** A ledger time as people read it: 2026-11-21 14:07 UTC. */
export function timeOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
