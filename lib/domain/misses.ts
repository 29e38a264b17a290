/** "k of n": how often the last looks missed, from the bits of an observation's history. Pure. */

/** Looks that a history holds: as many bits as stay a small positive integer in every JSON reader and shift. */
export const HISTORY_LOOKS = 30;

/**
 * True when the newest look (bit 0) missed, and with it at least `k` of the last `k + slack`. The newest must have missed,
 * because a node that answers now is not dead, whatever it did before.
 */
export function missedOften(history: number, k: number, slack: number): boolean {
  if ((history & 1) === 0) return false;
  let misses = 0;
  for (let look = 0; look < Math.min(k + slack, HISTORY_LOOKS); look += 1) misses += (history >>> look) & 1;
  return misses >= k;
}

/** How many looks more that miss, in a row, make it true; 0 where it is. */
export function missesUntil(history: number, k: number, slack: number): number {
  let more = 0;
  // A row of `k` is enough, whatever was before it.
  for (let seen = history; more < k && !missedOften(seen, k, slack); seen = (seen << 1) | 1) more += 1;
  return more;
}
