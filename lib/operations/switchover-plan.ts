/**
 * What an operator's switchover would change: pure, and the same for the forecast, for the question and for the write.
 * `fsctl shutdown now` takes every VIP of a node with it (FACTS 8.3), so all of them move; a drained VIP moves alone.
 */
import { rankForGroup } from '../domain/candidates';
import type { Change } from '../domain/decision';
import type { ClusterSnapshot, Holder, VipTopology } from '../domain/model';
import { findHeld, heldBy, whyNot, type HeldVip } from './switchover-readiness';

export interface SwitchoverRequest {
  vipId: string;
  /** null: the most preferred node that is fit. */
  toNodeId: string | null;
  /** The VIP was drained: it moves alone, without calls, and its old holder goes on. */
  drained: boolean;
}

export type SwitchoverPlan =
  { kind: 'refused'; reasons: string[] } | { kind: 'planned'; holder: Holder; changes: Change[] };

/** @param nowMs epoch milliseconds, against which the age of what observers saw is judged */
export function planSwitchover(snapshot: ClusterSnapshot, request: SwitchoverRequest, nowMs: number): SwitchoverPlan {
  const found = findHeld(snapshot, request.vipId);
  if (!('holder' in found)) return { kind: 'refused', reasons: [found.why] };
  const moving = request.drained ? [found] : heldBy(snapshot, found);
  const reasons = whyNot(snapshot, moving, request, nowMs);
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const units = unitsOf(moving, request.toNodeId);
  const placed = place(snapshot, units, found.holder.nodeId, nowMs);
  if (placed.kind === 'nowhere') return { kind: 'refused', reasons: placed.why };
  const changes = placed.targets.map(({ held, to }) => changeOf(held, to, request.drained, nowMs));
  return { kind: 'planned', holder: found.holder, changes };
}

/** VIPs that go to one node. */
interface Unit {
  members: HeldVip[];
  toNodeId: string | null;
}

/** The named VIP's group first: it may have been sent to a node, and the others take what is left. */
function unitsOf(moving: readonly HeldVip[], toNodeId: string | null): Unit[] {
  const units: Unit[] = [];
  for (const held of moving) {
    const group = held.vip.group;
    const unit = units.find(({ members }) => group !== null && members.some(({ vip }) => vip.group === group));
    if (unit === undefined) units.push({ members: [held], toNodeId: units.length === 0 ? toNodeId : null });
    else unit.members.push(held);
  }
  return units;
}

interface Target {
  held: HeldVip;
  to: Holder;
}
type Placement = { kind: 'placed'; targets: Target[] } | { kind: 'nowhere'; why: string[] };

/**
 * A node for each unit, most preferred first; a unit that finds none makes the one before it look further. A node
 * holds at most `maxVipsPerNode`, so there are few units, and each has few candidates.
 */
function place(snapshot: ClusterSnapshot, units: readonly Unit[], oldNodeId: string, nowMs: number): Placement {
  const [unit, ...rest] = units;
  if (unit === undefined) return { kind: 'placed', targets: [] };
  const vips = unit.members.map(({ vip }) => vip);
  const names = vips.map((vip) => vip.id).join(', ');
  const candidates = rankForGroup(snapshot, vips, oldNodeId, nowMs).filter(
    ({ nodeId }) => unit.toNodeId === null || nodeId === unit.toNodeId,
  );
  const why: string[] = [];
  for (const candidate of candidates) {
    if (!candidate.eligible) {
      why.push(`${names}: ${candidate.nodeId} is not fit: ${candidate.why}`);
      continue;
    }
    const { nodeId, coreUuid } = candidate;
    const others = place(withClaims(snapshot, nodeId, vips), rest, oldNodeId, nowMs);
    if (others.kind === 'nowhere') {
      why.push(...others.why);
      continue;
    }
    return {
      kind: 'placed',
      targets: [...unit.members.map((held) => ({ held, to: { nodeId, coreUuid } })), ...others.targets],
    };
  }
  return { kind: 'nowhere', why: why.length === 0 ? [`${names}: there is no other candidate`] : [...new Set(why)] };
}

/** As the node will be once these VIPs were decided. */
function withClaims(snapshot: ClusterSnapshot, nodeId: string, vips: readonly VipTopology[]): ClusterSnapshot {
  const nodes = snapshot.nodes.map((node) =>
    node.nodeId === nodeId ? { ...node, claims: [...new Set([...node.claims, ...vips.map((vip) => vip.id)])] } : node,
  );
  return { ...snapshot, nodes };
}

function changeOf({ vip, state, holder }: HeldVip, to: Holder, drained: boolean, nowMs: number): Change {
  const isHome = vip.candidates[0] === to.nodeId;
  return {
    kind: 'change',
    vipId: vip.id,
    transition: isHome ? 'failback' : 'switchover',
    cause: drained ? 'operator-drained' : 'operator',
    from: holder,
    to,
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    // A human watches: the next failure is a new one.
    startsBlock: false,
    follows: null,
    reasons: [
      drained
        ? `an operator moves ${vip.id}, drained before, from ${holder.nodeId}`
        : `an operator moves ${vip.id} with its calls from ${holder.nodeId}, whose process ends by order`,
      `${to.nodeId} is ${isHome ? 'its most preferred node, and fit' : 'fit to take it'}`,
    ],
  };
}
