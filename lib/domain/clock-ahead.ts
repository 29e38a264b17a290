/** A holder whose clock runs ahead: its calls are numbered by it, and no node with the right time can recover them at once. Pure. */
import type { Decision } from './decision';
import { quorumOf, type ClusterSnapshot, type VipState } from './model';
import { votesOn } from './votes';

/**
 * One incident for each node that serves and whose clock a majority sees too far ahead, beside what was decided of its
 * VIPs: they are well. Its decision bears the node in place of a VIP (`node X`, which no VIP can be called).
 */
export function nameClocksAhead(snapshot: ClusterSnapshot, decisions: readonly Decision[], nowMs: number): Decision[] {
  const served = snapshot.vips.filter(({ vipId }) =>
    decisions.some((each) => each.kind === 'none' && each.well && each.vipId === vipId),
  );
  const nodeIds = [...new Set(served.flatMap(({ holder }) => holder?.nodeId ?? []))];
  return nodeIds.flatMap((nodeId) => {
    const held = served.filter(({ holder }) => holder?.nodeId === nodeId);
    return clockAhead(snapshot, nodeId, held, nowMs);
  });
}

function clockAhead(
  { topology, observations }: ClusterSnapshot,
  nodeId: string,
  held: readonly VipState[],
  nowMs: number,
): Decision[] {
  const [first] = held;
  if (first === undefined || first.holder === null) return [];
  const limitMs = topology.policy.maxClockBehindMs;
  const ahead = votesOn(topology, observations, first, first.holder, nowMs)
    .map(({ zone, observation }) => ({ zone, aheadMs: observation.esl.clockOffsetMs ?? 0 }))
    .filter(({ aheadMs }) => aheadMs > limitMs);
  if (ahead.length < quorumOf(topology.observers.length)) return [];
  const aheadMs = Math.round(Math.min(...ahead.map((each) => each.aheadMs)));
  const vips = held.map(({ vipId }) => vipId).join(', ');
  const reasons = [
    `the clock of ${nodeId} is ${aheadMs} ms ahead (maxClockBehind is ${limitMs} ms), seen from ` +
      ahead.map(({ zone }) => zone).join(', '),
    `were it to fail, the calls of ${vips} would wait ${Math.ceil(aheadMs / 1000)} s for the clock of the next holder: ` +
      'mend its time source (`chronyc tracking` on it), then `fsctl sync_clock` in its FreeSWITCH',
  ];
  const incident = { vipId: null, nodeId, epoch: null, reasons, atMs: nowMs, notifiedAtMs: null };
  return [{ kind: 'incident', vipId: `node ${nodeId}`, incident: { kind: 'clock-ahead', ...incident }, reasons }];
}
