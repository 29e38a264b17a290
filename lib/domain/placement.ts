/** A node for each of several VIPs that leave one node at once. Pure. */
import { rankForGroup, type FitCandidate } from './candidates';
import { whyNot } from './decision';
import type { ClusterSnapshot, VipTopology } from './model';

/** VIPs that go to one node. */
export interface Unit {
  vips: readonly VipTopology[];
  /** The node that it has to be; null: the most preferred that is fit. */
  toNodeId: string | null;
}

export type Placement =
  /** By VIP id. */
  { kind: 'placed'; to: ReadonlyMap<string, FitCandidate> } | { kind: 'nowhere'; why: string[] };

export interface Departure {
  nodeId: string;
  /** The control plane never takes a node that is `manualOnly`. */
  by: 'operator' | 'control-plane';
}

/** Those of one group are one unit, in the order in which the first of each comes. */
export function unitsOf(vips: readonly VipTopology[]): Unit[] {
  const firstOf = (vip: VipTopology): VipTopology | undefined =>
    vip.group === null ? vip : vips.find(({ group }) => group === vip.group);
  return vips
    .filter((vip) => firstOf(vip) === vip)
    .map((first) => ({ vips: vips.filter((vip) => firstOf(vip) === first), toNodeId: null }));
}

/**
 * A node for each unit, most preferred first; a unit that finds none makes the one before it look further. A node
 * holds at most `maxVipsPerNode`, so there are few units, and each has few candidates.
 */
export function place(snapshot: ClusterSnapshot, units: readonly Unit[], from: Departure, nowMs: number): Placement {
  const [unit, ...rest] = units;
  if (unit === undefined) return { kind: 'placed', to: new Map() };
  const names = unit.vips.map((vip) => vip.id).join(', ');
  const candidates = rankForGroup(snapshot, unit.vips, from.nodeId, nowMs).filter(
    ({ nodeId }) => unit.toNodeId === null || nodeId === unit.toNodeId,
  );
  const why: string[] = [];
  for (const candidate of candidates) {
    if (!candidate.eligible || (candidate.manualOnly && from.by === 'control-plane')) {
      why.push(...whyNot([candidate]).map((reason) => `${names}: ${reason}`));
      continue;
    }
    const others = place(withClaims(snapshot, candidate.nodeId, unit.vips), rest, from, nowMs);
    if (others.kind === 'placed') {
      return { kind: 'placed', to: new Map([...unit.vips.map((vip) => [vip.id, candidate] as const), ...others.to]) };
    }
    why.push(...others.why);
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
