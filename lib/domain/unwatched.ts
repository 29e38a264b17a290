/**
 * No majority is there to judge a holder, for so long that somebody must hear of it. An observer that hands over, starts
 * cold or lost a burst of packets is back in a moment, and the schedule sends another one each minute. Pure.
 */
import { quorumOf, type ClusterSnapshot, type Holder, type VipState } from './model';
import { unservedForLong } from './unserved';
import { ABSENT_AFTER_MS, absentZones } from './voters';

/**
 * Why it is worth waking somebody; null while it is not. Either so many observers have had no vote for long, or those who
 * have one have found the holder unserved for as long: clocks that are seconds apart make a vote too old or too young
 * for ever, and no observer is away.
 */
export function unwatchedForLong(
  snapshot: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): string | null {
  const { topology, observations } = snapshot;
  const absent = absentZones(topology, observations, holder.nodeId, nowMs);
  if (topology.observers.length - absent.length < quorumOf(topology.observers.length))
    return `without a vote for long: ${absent.join(', ')}`;
  const unserved = unservedForLong(snapshot, state, holder, ABSENT_AFTER_MS, nowMs);
  if (unserved.length === 0) return null;
  return `not served for long, as seen from ${unserved.map(({ zone }) => zone).join(', ')}`;
}
