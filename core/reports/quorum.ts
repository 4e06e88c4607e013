/** Which losses a share set survives. A share is lost when its sheet or its card is: it needs both. */

export type Lying = { sheet: string; card: string };

/** The fewest places whose loss takes `count` shares; 0 for none, null if there are not so many. */
export function fewestPlacesToLose(shares: Lying[], count: number): number | null {
  if (count <= 0) return 0;
  if (count > shares.length) return null;
  let best = Infinity;
  // Each share in turn is already lost, is spared, or is lost by its sheet's place or by its card's.
  const choose = (index: number, needed: number, gone: ReadonlySet<string>): void => {
    if (gone.size >= best) return;
    if (needed === 0) {
      best = gone.size;
      return;
    }
    const share = shares[index];
    if (!share || shares.length - index < needed) return;
    if (isLost(share, gone)) {
      choose(index + 1, needed - 1, gone);
      return;
    }
    choose(index + 1, needed - 1, new Set([...gone, share.sheet]));
    choose(index + 1, needed - 1, new Set([...gone, share.card]));
    choose(index + 1, needed, gone);
  };
  choose(0, count, new Set());
  return best;
}

/** The fewest places in which `threshold` shares lie whole; null if there are not so many shares. */
export function fewestPlacesForQuorum(shares: Lying[], threshold: number): string[] | null {
  let best: string[] | null = null;
  const choose = (index: number, needed: number, places: ReadonlySet<string>): void => {
    if (best !== null && places.size >= best.length) return;
    if (needed === 0) {
      best = [...places];
      return;
    }
    const share = shares[index];
    if (!share || shares.length - index < needed) return;
    choose(index + 1, needed - 1, new Set([...places, share.sheet, share.card]));
    choose(index + 1, needed, places);
  };
  choose(0, threshold, new Set());
  return best;
}

export function isLost({ sheet, card }: Lying, gone: ReadonlySet<string>): boolean {
  return gone.has(sheet) || gone.has(card);
}
