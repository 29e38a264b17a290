/** Is everything as it should be before a fault? Pure: a snapshot in, what is missing out. */
import { rankCandidates } from '../../lib/domain/candidates';
import type { ClusterSnapshot, VipTopology } from '../../lib/domain/model';
import { votersOn } from '../../lib/domain/votes';

/**
 * What still keeps the VIP from a healthy start, in words; empty when nothing does: held, its holder seen serving by
 * every configured observer, and every other candidate fit to take it, but for those that have their hands full.
 */
export function missingForHealth(snapshot: ClusterSnapshot, vip: VipTopology, nowMs: number): string[] {
  const state = snapshot.vips.find((each) => each.vipId === vip.id);
  if (state === undefined || state.holder === null || state.status !== 'held')
    return [`the VIP is ${state?.status ?? 'unknown'}`];
  const { nodeId, coreUuid } = state.holder;
  const { topology, observations } = snapshot;
  const voters = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs);
  const seeing = voters.filter(
    ({ observation }) =>
      observation.esl.verdict === 'ok' &&
      observation.sip[vip.id]?.verdict === 'ok' &&
      observation.coreUuid === coreUuid,
  );
  const isTaken = (candidateId: string): boolean => {
    const claims = snapshot.nodes.find((each) => each.nodeId === candidateId)?.claims ?? [];
    return claims.filter((vipId) => vipId !== vip.id).length >= topology.policy.maxVipsPerNode;
  };
  const unfit = rankCandidates(snapshot, vip, nodeId, nowMs).filter(
    (candidate) => !candidate.eligible && !isTaken(candidate.nodeId),
  );
  return [
    ...(coreUuid === null ? [`the core_uuid of ${nodeId} is not known yet`] : []),
    ...(seeing.length < topology.observers.length
      ? [`${seeing.length} of ${topology.observers.length} observers see ${nodeId} serving`]
      : []),
    ...unfit.map((candidate) => `${candidate.nodeId}: ${candidate.eligible ? 'fit' : candidate.why}`),
  ];
}

/** Which of these nodes a majority still sees as possible candidates. */
export function stillFit(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  nodeIds: readonly string[],
  nowMs: number,
): string[] {
  const fit = rankCandidates(snapshot, vip, null, nowMs).filter((candidate) => candidate.eligible);
  return fit.map((candidate) => candidate.nodeId).filter((nodeId) => nodeIds.includes(nodeId));
}
