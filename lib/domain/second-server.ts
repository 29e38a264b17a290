/**
 * A node that answers callers of a VIP which another one holds: somebody promoted it by hand, or a restored table has
 * forgotten that it was. Nothing leads callers there, but its gateways are registered beside the holder's. Pure.
 */
import type { Decision } from './decision';
import { isPaused } from './maintenance';
import { quorumOf, type ClusterSnapshot, type NodeState, type VipState } from './model';
import { votersOn } from './voters';

/** After a change of holder: by then the old one is ended, or out of service, which is another's affair. */
const SETTLED_AFTER_MS = 90_000;

/**
 * One incident for each such node, beside what was decided of the VIPs: they are well. Its decision bears the node in
 * place of a VIP, as that of a clock that is ahead.
 */
export function nameSecondServers(
  snapshot: ClusterSnapshot,
  decisions: readonly Decision[],
  nowMs: number,
): Decision[] {
  const settled = snapshot.vips.filter(
    ({ vipId, changedAtMs }) =>
      nowMs - changedAtMs >= SETTLED_AFTER_MS &&
      decisions.some((each) => each.kind === 'none' && each.well && each.vipId === vipId),
  );
  return snapshot.nodes
    .filter((node) => node.lockedBy === null && !isPaused(node, nowMs))
    .flatMap((node) => secondServer(snapshot, node, settled, nowMs));
}

/** Whether a majority is answered there as by the node that serves the VIP. */
export function isServedOn(
  { topology, observations }: Pick<ClusterSnapshot, 'topology' | 'observations'>,
  nodeId: string,
  vipId: string,
  nowMs: number,
): boolean {
  // An adopted node may never have been in standby (level 0 of docs/operations.md): there it says nothing.
  const isOurs = topology.nodes.some(({ id, fingerprint }) => id === nodeId && fingerprint !== null);
  const serving = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs).filter(
    ({ observation }) => observation.sip[vipId]?.verdict === 'ok',
  );
  return isOurs && serving.length >= quorumOf(topology.observers.length);
}

function secondServer(
  snapshot: ClusterSnapshot,
  { nodeId }: NodeState,
  settled: readonly VipState[],
  nowMs: number,
): Decision[] {
  const served = settled.filter(
    ({ vipId, holder }) => holder?.nodeId !== nodeId && isServedOn(snapshot, nodeId, vipId, nowMs),
  );
  if (served.length === 0) return [];
  const vips = served.map(({ vipId, holder }) => `${vipId}, which ${holder?.nodeId ?? 'nobody'} holds`).join('; ');
  const reasons = [
    `${nodeId} answers callers of ${vips}`,
    `if nobody meant it: \`fsctl shutdown now\` in its FreeSWITCH, and its supervisor starts it again, in standby`,
  ];
  const incident = { vipId: null, nodeId, epoch: null, reasons, atMs: nowMs, notifiedAtMs: null };
  return [{ kind: 'incident', vipId: `node ${nodeId}`, incident: { kind: 'second-server', ...incident }, reasons }];
}
