/** VIPs whose calls bridge into each other move together. */
import type { Change, Decision } from './decision';
import { isPaused } from './maintenance';
import type { ClusterSnapshot, Holder, VipState, VipTopology } from './model';

/**
 * A call that crosses two VIPs comes back silent when their profiles are recovered on two nodes, or seconds apart
 * (FACTS 8.2): where one of a group leaves its holder, the others that the same node holds go with it.
 */
export function followGroup(
  snapshot: ClusterSnapshot,
  decisions: readonly Decision[],
  own: Decision,
  nowMs: number,
): Decision {
  // What is only told of it keeps it from nothing.
  const isOnlyGray = own.kind === 'incident' && own.incident.kind === 'gray-failure';
  if (own.kind !== 'none' && !isOnlyGray) return own;
  const vip = snapshot.topology.vips.find((each) => each.id === own.vipId);
  const state = snapshot.vips.find((each) => each.vipId === own.vipId);
  if (vip === undefined || vip.group === null || state?.status !== 'held' || isPaused(state, nowMs)) return own;
  const leader = decisions.find((decision): decision is Change => {
    if (decision.kind !== 'change' || decision.transition !== 'failover' || decision.follows !== null) return false;
    const other = snapshot.topology.vips.find((each) => each.id === decision.vipId);
    return other?.group === vip.group && decision.from?.nodeId === state.holder?.nodeId;
  });
  if (leader === undefined) return own;
  return {
    ...leader,
    vipId: vip.id,
    from: state.holder,
    expectedEpoch: state.epoch,
    reasons: [`${vip.id} is of one group with ${leader.vipId}: they move together`, ...leader.reasons],
  };
}

/** The VIPs of the same group that the same node holds, itself first; alone where there is no group. */
export function movingTogether(snapshot: ClusterSnapshot, vip: VipTopology, holder: Holder): VipTopology[] {
  if (vip.group === null) return [vip];
  const others = snapshot.topology.vips.filter((other) => {
    const state = snapshot.vips.find((each) => each.vipId === other.id);
    return other.id !== vip.id && other.group === vip.group && state?.holder?.nodeId === holder.nodeId;
  });
  return [vip, ...others];
}

/** Those that follow the VIP in an automatic failover: held where it is, and not paused by a human. */
export function followers(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  leaving: readonly VipTopology[],
  nowMs: number,
): VipState[] {
  return leaving
    .filter((other) => other.id !== vip.id)
    .flatMap((other) => snapshot.vips.find((each) => each.vipId === other.id) ?? [])
    .filter((state) => state.status === 'held' && !isPaused(state, nowMs));
}
