/**
 * A change of holder that `maxTransitionsInFlight` does not let begin. Mostly it has its turn within seconds; but one that
 * waits for a human (it is paused, or its name cannot be written) keeps its place for as long, and somebody must hear of
 * those who are not served meanwhile. Pure.
 */
import { NO_HOLDER_PATIENCE_MS } from './assign';
import { incident, type Change, type Decision } from './decision';
import { lastingMs } from './gray';
import { isPaused, untilItGoesOn } from './maintenance';
import { quorumOf, type ClusterSnapshot, type Transition, type VipState } from './model';
import { unservedForLong } from './unserved';

/**
 * The incident for a change that the limit refused; null while its VIP is served, or has not been waiting for long.
 * @param journals of the VIPs that are moving
 */
export function pageForTransitionLimit(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  change: Change,
  nowMs: number,
): Extract<Decision, { kind: 'incident' }> | null {
  const { topology, vips } = snapshot;
  const state = vips.find(({ vipId }) => vipId === change.vipId);
  if (state === undefined || !hasWaitedLong(snapshot, state, change, nowMs)) return null;
  const underWay = journals
    .filter(({ status }) => status === 'open')
    .map(({ id, vipId }) => {
      const moving = vips.find((each) => each.vipId === vipId);
      const isHeldUp = moving !== undefined && isPaused(moving, nowMs);
      return isHeldUp ? `${id} (${vipId} is paused, ${untilItGoesOn(moving)})` : id;
    });
  return incident(
    change.vipId,
    state,
    'transition-limit',
    nowMs,
    [
      ...change.reasons,
      `maxTransitionsInFlight is ${topology.policy.maxTransitionsInFlight}; under way are ${underWay.join(', ') || 'some whose journals are not to be read'}`,
      'nothing was torn down; it is decided as soon as one of them ends',
    ],
    change.from?.nodeId ?? null,
  );
}

function hasWaitedLong(snapshot: ClusterSnapshot, state: VipState, { from }: Change, nowMs: number): boolean {
  if (from === null) return nowMs - state.changedAtMs > NO_HOLDER_PATIENCE_MS;
  const { policy, observers } = snapshot.topology;
  return unservedForLong(snapshot, state, from, lastingMs(policy), nowMs).length >= quorumOf(observers.length);
}
