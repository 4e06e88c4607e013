import { useSyncExternalStore } from 'react';

/** One clock for all that ticks in this window. It goes while somebody looks at it. */

const SECOND_MS = 1000;
const lookers = new Set<() => void>();
let now = Date.now();
let ticking: ReturnType<typeof setInterval> | undefined;

function look(tell: () => void): () => void {
  if (lookers.size === 0) {
    now = Date.now();
    ticking = setInterval(() => {
      now = Date.now();
      for (const one of lookers) one();
    }, SECOND_MS);
  }
  lookers.add(tell);
  return () => {
    lookers.delete(tell);
    if (lookers.size === 0) clearInterval(ticking);
  };
}

const stand = () => () => undefined;

/** The time (milliseconds of the epoch), anew with each second; 0 for whoever does not need it now. */
export function useSecond(isNeeded = true): number {
  return useSyncExternalStore(isNeeded ? look : stand, () => (isNeeded ? now : 0));
}
