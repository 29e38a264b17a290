/**
 * A blocked VIP waits for a human, or for its own process to come back, which the block does not keep from it. Where
 * another VIP of that process fails over, its node is locked out of the database until it was restored, and no process
 * comes up there: whoever is paged has to know that waiting is in vain. Pure.
 */
import type { Change, Decision } from './decision';
import { transitionId, type ClusterSnapshot, type Transition } from './model';

/** @param journals of the VIPs that are moving */
export function nameHeldUp(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  decisions: readonly Decision[],
): Decision[] {
  return decisions.map((decision) => {
    if (decision.kind !== 'incident' || decision.incident.kind !== 'blocked') return decision;
    const nodeId = snapshot.vips.find(({ vipId }) => vipId === decision.vipId)?.holder?.nodeId;
    const by = nodeId === undefined ? null : takenOutBy(snapshot, journals, decisions, nodeId);
    if (nodeId === undefined || by === null) return decision;
    const reasons = [
      ...decision.reasons,
      `${nodeId} is out of service by ${by}: no FreeSWITCH comes back there before that change has restored it, and ` +
        `until then nothing but an acknowledgement brings ${decision.vipId} back`,
    ];
    return { ...decision, reasons, incident: { ...decision.incident, reasons } };
  });
}

/** The incident is told once, and mostly before the node is marked: what is about to do that counts, too. */
function takenOutBy(
  { topology, nodes }: ClusterSnapshot,
  journals: readonly Transition[],
  decisions: readonly Decision[],
  nodeId: string,
): string | null {
  const lockedBy = nodes.find((node) => node.nodeId === nodeId)?.lockedBy ?? null;
  if (lockedBy !== null || topology.database === null) return lockedBy;
  const decided = decisions.find(
    (each): each is Change => each.kind === 'change' && each.transition === 'failover' && each.from?.nodeId === nodeId,
  );
  if (decided !== undefined) return transitionId(decided.vipId, decided.expectedEpoch + 1);
  const leaving = journals.find(
    ({ status, kind, from }) => status === 'open' && kind === 'failover' && from?.nodeId === nodeId,
  );
  return leaving?.id ?? null;
}
