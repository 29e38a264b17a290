/** A holder that is full is alive and refuses what is more: it is named, and never failed over. Pure. */
import { rankCandidates } from './candidates';
import { incident, whyNot, type Decision } from './decision';
import { quorumOf, type ClusterSnapshot, type Holder, type VipState, type VipTopology } from './model';
import { votesOn } from './votes';

/** That a majority sees the holder full, in words; null when it does not. */
export function whyOverloaded(
  snapshot: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): string | null {
  const { topology, observations } = snapshot;
  const full = votesOn(topology, observations, state, holder, nowMs).filter(
    // A paused FreeSWITCH answers 503, too, with room for many.
    ({ observation }) => observation.sip[state.vipId]?.verdict === 'busy' && observation.esl.verdict !== 'paused',
  );
  if (full.length < quorumOf(topology.observers.length)) return null;
  const zones = full.map(({ zone }) => zone).join(', ');
  return `overload: ${holder.nodeId} is at its session limit and refuses what is more, seen from ${zones}`;
}

/** Worth a page where no other node is fit: then nobody could take a part of it, or all of it should it die. */
export function pageForOverload(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  overloaded: string,
  nowMs: number,
): Decision | null {
  const candidates = rankCandidates(snapshot, vip, holder.nodeId, nowMs);
  if (candidates.some((each) => each.eligible)) return null;
  return incident(vip.id, state, 'overload', nowMs, [overloaded, ...whyNot(candidates)], holder.nodeId);
}
