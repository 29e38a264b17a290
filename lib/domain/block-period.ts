/** The block period: what felled two nodes may fell the third, so a human looks before the second automatic failover. */
import { followers } from './groups';
import type { ClusterSnapshot, VipState, VipTopology } from './model';

/** The end of the period in which no second automatic failover may happen; 0 when none runs. */
export function blockEndsAtMs(snapshot: ClusterSnapshot, state: VipState): number {
  if (state.lastAutomaticFailoverAtMs === null) return 0;
  const acknowledged = (state.acknowledgedAtMs ?? 0) >= state.lastAutomaticFailoverAtMs;
  return acknowledged ? 0 : state.lastAutomaticFailoverAtMs + snapshot.topology.policy.blockPeriodMs;
}

/**
 * Why a failover of this VIP has to wait: its own block period, or that of a VIP that would move with it; null when it
 * need not. Every VIP that blocks is named at once: the incident is told once, and each wants its acknowledgement.
 * @param leaving all that would move, the VIP itself among them
 */
export function whyBlocked(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  leaving: readonly VipTopology[],
  nowMs: number,
): string[] | null {
  const blocking = [state, ...followers(snapshot, vip, leaving, nowMs)]
    .map((each) => ({ id: each.vipId, endsAtMs: blockEndsAtMs(snapshot, each) }))
    .filter(({ endsAtMs }) => nowMs < endsAtMs);
  if (blocking.length === 0) return null;
  const periodS = Math.round(snapshot.topology.policy.blockPeriodMs / 1000);
  const last = new Date(Math.max(...blocking.map(({ endsAtMs }) => endsAtMs)));
  return [
    ...blocking.map(({ id }) => {
      const who = id === vip.id ? id : `${id}, which would move with ${vip.id},`;
      return `${who} failed over less than ${periodS} s ago and nobody acknowledged it`;
    }),
    `blocked until ${last.toISOString()}, or until a human acknowledges ${blocking.map(({ id }) => id).join(' and ')}`,
  ];
}
