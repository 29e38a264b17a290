/** What would become of a VIP's rows if its holder died now, as an operator asks it: a dry run, read-only throughout. */
import { rankForGroup } from '../domain/candidates';
import { lastKnownClockOffsetMs } from '../domain/clocks';
import { describeError } from '../domain/errors';
import { transitionId, type ClusterSnapshot, type NodeTopology } from '../domain/model';
import type { NodeControl, PreviewResult, RecoveryOrder } from '../domain/ports';
import { findHeld, heldBy, type HeldVip } from './switchover-readiness';

/** A look at ESL and a few queries, in two zones' functions, each with a cold start in front of it. */
const PREVIEW_TIMEOUT_MS = 12_000;

export interface PreviewRequest {
  vipId: string;
  /** null: the node that a failover would take now. */
  toNodeId: string | null;
}

export interface RecoveryPreview {
  kind: 'previewed';
  vipId: string;
  fromNodeId: string;
  toNodeId: string;
  /** Why a failover would not take that node now; null: it is fit. */
  unfit: string | null;
  result: PreviewResult;
}

export type PreviewOutcome = { kind: 'refused'; reasons: string[] } | RecoveryPreview;

/** Never throws. @param nowMs epoch milliseconds, against which the age of what observers saw is judged */
export async function previewRecovery(
  nodeControl: NodeControl,
  snapshot: ClusterSnapshot,
  request: PreviewRequest,
  nowMs: number,
): Promise<PreviewOutcome> {
  const held = findHeld(snapshot, request.vipId);
  if ('why' in held) return refused(held.why);
  const order = orderFor(snapshot, held);
  if ('why' in order) return refused(order.why);
  const chosen = choose(snapshot, held, request.toNodeId, nowMs);
  if ('reasons' in chosen) return refused(...chosen.reasons);
  const { node, unfit } = chosen;
  const result = await ask(nodeControl, node, held, order);
  return { kind: 'previewed', vipId: held.vip.id, fromNodeId: held.holder.nodeId, toNodeId: node.id, unfit, result };
}

/** As the failover of the next epoch would give it. */
function orderFor(
  { topology, observations }: ClusterSnapshot,
  { vip, state, holder }: HeldVip,
): RecoveryOrder | { why: string } {
  if (topology.database === null) {
    return { why: 'the cluster has no database: there are no rows, and no call is ever recovered' };
  }
  if (state.status === 'moving') {
    return { why: `${vip.id} is on its way to ${holder.nodeId}: its rows are being recovered; \`understudy status\`` };
  }
  if (holder.coreUuid === null) {
    return { why: `nobody has read the core_uuid of ${holder.nodeId} yet: its rows cannot be told from others` };
  }
  const oldClockAheadMs = lastKnownClockOffsetMs(observations, holder.nodeId);
  return {
    transitionId: transitionId(vip.id, state.epoch + 1),
    deadCoreUuids: [holder.coreUuid],
    deadNodeIds: [holder.nodeId],
    maxClockBehindMs: topology.policy.maxClockBehindMs,
    ...(oldClockAheadMs === null ? {} : { oldClockAheadMs }),
  };
}

/** The same ranking as a failover's. A node that is asked for by name need not be fit: what is not so is said. */
function choose(
  snapshot: ClusterSnapshot,
  held: HeldVip,
  toNodeId: string | null,
  nowMs: number,
): { node: NodeTopology; unfit: string | null } | { reasons: string[] } {
  const { vip, holder } = held;
  const together = heldBy(snapshot, held).filter(
    (each) => each.vip.id === vip.id || (vip.group !== null && each.vip.group === vip.group),
  );
  const members = together.map((each) => each.vip);
  const ranked = rankForGroup(snapshot, members, holder.nodeId, nowMs);
  const candidate = ranked.find((each) => (toNodeId === null ? each.eligible : each.nodeId === toNodeId));
  const node = snapshot.topology.nodes.find((each) => each.id === candidate?.nodeId);
  if (candidate !== undefined && node !== undefined) return { node, unfit: candidate.eligible ? null : candidate.why };
  const names = ranked.map((each) => each.nodeId).join(', ');
  if (toNodeId !== null)
    return { reasons: [`${toNodeId} cannot take ${vip.id} from ${holder.nodeId}; who can: ${names}`] };
  return {
    reasons: [
      ...ranked.flatMap((each) => (each.eligible ? [] : [`${each.nodeId} is not fit: ${each.why}`])),
      `no node would take ${vip.id} now; name one with --to to see what its recovery would do there`,
    ],
  };
}

async function ask(
  nodeControl: NodeControl,
  node: NodeTopology,
  { vip }: HeldVip,
  order: RecoveryOrder,
): Promise<PreviewResult> {
  try {
    return await nodeControl.previewRecovery(node, vip, order, PREVIEW_TIMEOUT_MS);
  } catch (error) {
    return { known: false, reason: describeError(error) };
  }
}

const refused = (...reasons: string[]): PreviewOutcome => ({ kind: 'refused', reasons });
