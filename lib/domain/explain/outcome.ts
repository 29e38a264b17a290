/**
 * What would come of a snapshot: `decide`, and of several changes at once those that the store's transaction would let
 * through. VIPs that run for the same spare do not all get it. Pure.
 */
import { decide } from '../decide';
import type { Change, Decision } from '../decision';
import { eventOf } from '../failover-limit';
import type { ClusterSnapshot, Transition } from '../model';
import { afterFailover, failoversOf } from '../store-rules';
import { decisionWrite, maxVipsOnHolder } from '../transition';

export type Outcome =
  | { kind: 'decided'; decision: Decision }
  /** The transaction would be refused, and the next tick would bring the same again. */
  | { kind: 'refused'; change: Change; why: string };

/** By VIP id. Where several run for one place, the VIP that the topology names first gets it. */
export function settle(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  nowMs: number,
): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  const decided = new Set<string>();
  let world: World = { snapshot, journals };
  for (;;) {
    let refused = false;
    let accepted = false;
    const before = world.snapshot;
    const decisions = decide(before, world.journals, nowMs);
    for (const decision of decisions.filter(({ vipId }) => !decided.has(vipId))) {
      const why = decision.kind === 'change' ? whyRefused(world.snapshot, decision) : null;
      if (decision.kind === 'change' && why !== null) {
        refused = true;
        outcomes.set(decision.vipId, { kind: 'refused', change: decision, why });
        continue;
      }
      outcomes.set(decision.vipId, { kind: 'decided', decision });
      if (decision.kind !== 'change') continue;
      accepted = true;
      decided.add(decision.vipId);
      world = withChange(world, decision, eventOf(before, decision, nowMs), nowMs);
    }
    // Each round decides one VIP more or is the last.
    if (!refused || !accepted) return outcomes;
  }
}

interface World {
  snapshot: ClusterSnapshot;
  journals: readonly Transition[];
}

/** The clauses of the decision's transaction that depend on the other VIPs. */
function whyRefused({ topology, nodes, control }: ClusterSnapshot, change: Change): string | null {
  const { maxTransitionsInFlight } = topology.policy;
  const claims = nodes.find((node) => node.nodeId === change.to.nodeId)?.claims ?? [];
  const others = claims.filter((vipId) => vipId !== change.vipId);
  if (others.length >= maxVipsOnHolder(topology, { ...change, kind: change.transition }))
    return `${change.to.nodeId} is taken by ${others.join(', ')}`;
  const goesOn = change.follows?.status === 'open';
  if (!goesOn && control.transitionsInFlight >= maxTransitionsInFlight) {
    return `${control.transitionsInFlight} changes of holder are under way (maxTransitionsInFlight)`;
  }
  return null;
}

/** As the transaction would leave the items. */
function withChange({ snapshot, journals }: World, change: Change, event: string | null, atMs: number): World {
  const { control, topology, observations } = snapshot;
  const goesOn = change.follows?.status === 'open';
  const { transition } = decisionWrite(change, topology, observations, atMs, 'explain');
  const after: ClusterSnapshot = {
    ...snapshot,
    control: { ...control, transitionsInFlight: control.transitionsInFlight + (goesOn ? 0 : 1) },
    nodes: snapshot.nodes.map((node) =>
      node.nodeId === change.to.nodeId && !node.claims.includes(change.vipId)
        ? { ...node, claims: [...node.claims, change.vipId] }
        : node,
    ),
    vips: snapshot.vips.map((vip) =>
      vip.vipId === change.vipId
        ? {
            ...vip,
            epoch: transition.epoch,
            holder: change.to,
            status: 'moving' as const,
            changedAtMs: atMs,
            ...(change.startsBlock ? afterFailover(failoversOf(vip), { atMs, event }) : {}),
          }
        : vip,
    ),
  };
  return { snapshot: after, journals: [...journals.filter(({ vipId }) => vipId !== change.vipId), transition] };
}
