import { firstChoice, rankForGroup } from '../candidates';
import { placesByPreference } from '../evacuation';
import { movingTogether } from '../groups';
import type { ClusterSnapshot, Holder, VipTopology } from '../model';

/** Whom a failover would take; of a VIP that nobody holds, where it would begin. */
export function standbyOf(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  holder: Holder | null,
  nowMs: number,
): string | null {
  if (holder === null) return firstChoice(rankForGroup(snapshot, [vip], null, nowMs))?.nodeId ?? null;
  const places = placesByPreference(snapshot, movingTogether(snapshot, vip, holder), holder, nowMs);
  return places.kind === 'placed' ? (places.to.get(vip.id)?.nodeId ?? null) : null;
}
