/** A node that was to take over and came back as another process: whether what is on it goes elsewhere. Pure. */
import { firstChoice, rankForGroup } from './candidates';
import { movingTogether } from './groups';
import { isPaused } from './maintenance';
import type { ClusterSnapshot, Holder, Transition, VipState, VipTopology } from './model';
import { isBlocked, isExhausted } from './sent-elsewhere';
import { judgeHolder } from './votes';

/**
 * What binds VIPs to the new process, in words that follow its node; null: all that are on it can leave. They leave it
 * together or not at all: a node that is left is fenced and locked out of the database with all that stays there, and
 * one of a group that stays would be apart from the others.
 */
export function whyTakenAgain(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  target: Holder,
  nowMs: number,
): string | null {
  for (const vip of snapshot.topology.vips) {
    const state = snapshot.vips.find(({ vipId }) => vipId === vip.id);
    if (state?.holder?.nodeId !== target.nodeId) continue;
    const stays = whyItStays(snapshot, journals, vip, state, target, nowMs);
    if (stays !== null) return stays;
  }
  return null;
}

function whyItStays(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  target: Holder,
  nowMs: number,
): string | null {
  if (state.status === 'held') return `${vip.id} is held there`;
  if (isPaused(state, nowMs)) return `${vip.id} is paused`;
  const journal = journals.find((each) => each.vipId === vip.id && each.epoch === state.epoch);
  if (journal?.status !== 'open' || isExhausted(snapshot, journal, state)) return `${vip.id} waits there for a human`;
  const seen = judgeHolder(snapshot.topology, snapshot.observations, state, state.holder ?? target, nowMs);
  if (seen.kind !== 'restarted') return `${vip.id} is on its way to the new process`;
  const together = movingTogether(snapshot, vip, target);
  const best = firstChoice(rankForGroup(snapshot, together, target.nodeId, nowMs));
  if (best === null) return `no other node is fit to take ${vip.id}`;
  return isBlocked(snapshot, journal, state, best.nodeId, nowMs) ? `the block period of ${vip.id} runs` : null;
}
