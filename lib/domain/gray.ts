/**
 * Gray failure: for long a majority finds the holder not well, and it never comes to a majority against it, because its
 * signals or its observers contradict each other. A human is told; nothing is torn down on evidence that disagrees.
 */
import { incident, type Decision } from './decision';
import { quorumOf, type ClusterSnapshot, type Holder, type Policy, type VipState, type VipTopology } from './model';
import { unservedForLong } from './unserved';

/** In units of `dissentHoldMs`: silence that everybody agrees on would have been decided long before. */
const HOLDS_UNTIL_GRAY = 3;

/** What contradicts itself, or is taken out of service, for so long is worth a page. */
export const lastingMs = (policy: Policy): number => HOLDS_UNTIL_GRAY * policy.dissentHoldMs;

/** The incident for a holder that stays undecided; null while it has not for long enough. `why`: what each observer says. */
export function pageForGray(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  why: readonly string[],
  nowMs: number,
): Decision | null {
  const { topology } = snapshot;
  const limitMs = lastingMs(topology.policy);
  const troubled = unservedForLong(snapshot, state, holder, limitMs, nowMs);
  if (troubled.length < quorumOf(topology.observers.length)) return null;
  const reasons = [
    `${holder.nodeId} is neither well nor dead for more than ${Math.round(limitMs / 1000)} s: ` +
      'its signals or its observers contradict each other; nothing was torn down',
    ...why,
  ];
  return incident(vip.id, state, 'gray-failure', nowMs, reasons, holder.nodeId);
}
