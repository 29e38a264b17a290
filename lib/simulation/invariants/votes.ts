/** The looks in the table as votes on a decision. Counted without the code that decided. */
import type { Observation, Policy, Transition } from '../../domain/model';
import { EPOCH_MS } from '../kernel/kernel';
import type { World } from '../world/world';

/** A look may be dated so far from the truth and still be a vote. */
const DATED_ASIDE_MS = 2_000;

/** A word against a holder is no older than three looks, and never older than a word for it. */
export function freshAgainstMs({ freshForMs, probeIntervalMs, probeTimeoutMs }: Policy): number {
  return Math.min(freshForMs, 3 * (probeIntervalMs + probeTimeoutMs));
}

/** Of how many configured observers a look at the node says so, that was no older when the decision was made. */
export function votesOn(
  { table, kernel, looksBefore }: World,
  { decidedAtMs }: Pick<Transition, 'decidedAtMs'>,
  { nodeId, maxAgeMs }: { nodeId: string; maxAgeMs: number },
  says: (seen: Observation) => boolean,
): number {
  const nowMs = EPOCH_MS + kernel.nowMs;
  return (table.topology?.observers ?? []).filter((zone) => {
    const key = `${nodeId}#${zone}`;
    // It was read a moment before it was written: either look may have been the one.
    return [table.observations.get(key), looksBefore.get(key)].some((seen) => {
      if (seen === undefined || seen.blind || seen.muted) return false;
      // A decision is under way for some milliseconds; whoever made it may have looked itself, by the same clock.
      if (nowMs - seen.observedAtMs > maxAgeMs + DATED_ASIDE_MS) return false;
      if (seen.observedAtMs - Math.max(nowMs, decidedAtMs) > DATED_ASIDE_MS) return false;
      return says(seen);
    });
  }).length;
}
