/** A node for each of several VIPs that leave one node, or begin, at once. Pure. */
import type { Candidate, FitCandidate } from './candidate';
import { candidatesAsListed, rankForGroup } from './candidates';
import { whyNot } from './decision';
import { allFit, type Budget, type Demand, type Room } from './matching';
import type { ClusterSnapshot, VipTopology } from './model';

/** VIPs that go to one node. */
export interface Unit {
  vips: readonly VipTopology[];
  /** The node that it has to be; null: the most preferred that is fit. */
  toNodeId: string | null;
}

export type Placement =
  | {
      kind: 'placed';
      /** By VIP id. */
      to: ReadonlyMap<string, FitCandidate>;
      /** What speaks against it where no node was fit: that some are behind with their clocks. */
      despite?: string[];
    }
  | { kind: 'nowhere'; why: string[] };

export interface Departure {
  /** null: nobody held them, and nodes are taken as they are listed. */
  nodeId: string | null;
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

/** How many places for units of several VIPs one call of `place` tries in looking ahead: a few milliseconds. */
const LOOK_AHEAD_STEPS = 1_000;

/**
 * A node for each unit, most preferred first; one that would leave another unit without a node is passed over. Where
 * groups of several sizes make that too long a search, nobody looks ahead any more.
 */
export function place(snapshot: ClusterSnapshot, units: readonly Unit[], from: Departure, nowMs: number): Placement {
  const demands = units.map((unit) => demandOf(snapshot, unit, from, nowMs));
  const budget: Budget = { steps: LOOK_AHEAD_STEPS };
  const looksAhead = allFit(demands, roomOf(snapshot), budget);
  const to = new Map<string, FitCandidate>();
  const why: string[] = [];
  let placed = snapshot;
  for (const [index, unit] of units.entries()) {
    const candidates = candidatesOf(placed, unit, from, nowMs);
    const allowed = candidates.filter((each) => mayTake(each, from));
    const leavesRoom = ({ nodeId }: FitCandidate): boolean =>
      allFit(demands.slice(index + 1), roomOf(withClaims(placed, nodeId, unit.vips)), budget);
    const chosen = (looksAhead ? allowed.find(leavesRoom) : undefined) ?? allowed[0];
    const names = unit.vips.map((vip) => vip.id).join(', ');
    const refused = candidates.filter((each) => !mayTake(each, from));
    if (chosen === undefined || refused.length > 0) why.push(...whyNot(refused).map((reason) => `${names}: ${reason}`));
    if (chosen === undefined) return { kind: 'nowhere', why };
    for (const vip of unit.vips) to.set(vip.id, chosen);
    placed = withClaims(placed, chosen.nodeId, unit.vips);
  }
  return { kind: 'placed', to };
}

/** A node, by VIP id, for as many units as find one; who comes first is left out last. */
export function placeMost(
  snapshot: ClusterSnapshot,
  units: readonly Unit[],
  from: Departure,
  nowMs: number,
): ReadonlyMap<string, FitCandidate> {
  const room = roomOf(snapshot);
  const budget: Budget = { steps: LOOK_AHEAD_STEPS };
  const found: { unit: Unit; demand: Demand }[] = [];
  for (const unit of units) {
    const demand = demandOf(snapshot, unit, from, nowMs);
    if (allFit([...found.map((each) => each.demand), demand], room, budget)) found.push({ unit, demand });
  }
  const fitting = found.map(({ unit }) => unit);
  const placed = place(snapshot, fitting, from, nowMs);
  if (placed.kind === 'placed') return placed.to;
  // The search was too long: the fewer there are, the shorter it is.
  return placeMost(snapshot, fitting.slice(0, -1), from, nowMs);
}

function candidatesOf(snapshot: ClusterSnapshot, unit: Unit, from: Departure, nowMs: number): Candidate[] {
  const inOrder = from.nodeId === null ? candidatesAsListed : rankForGroup;
  return inOrder(snapshot, unit.vips, from.nodeId, nowMs).filter(
    ({ nodeId }) => unit.toNodeId === null || nodeId === unit.toNodeId,
  );
}

const mayTake = (candidate: Candidate, { by }: Departure): candidate is FitCandidate =>
  candidate.eligible && !(candidate.manualOnly && by === 'control-plane');

/** Where a unit may go as things are: what is placed later leaves it less room, and changes nothing else. */
function demandOf(snapshot: ClusterSnapshot, unit: Unit, from: Departure, nowMs: number): Demand {
  const allowed = candidatesOf(snapshot, unit, from, nowMs).filter((each) => mayTake(each, from));
  const placesOn = (nodeId: string): number =>
    unit.vips.filter(({ id }) => !claimsOf(snapshot, nodeId).includes(id)).length;
  return { placesOn: new Map(allowed.map(({ nodeId }) => [nodeId, placesOn(nodeId)])) };
}

function roomOf(snapshot: ClusterSnapshot): Room {
  const { nodes, policy } = snapshot.topology;
  return new Map(nodes.map(({ id }) => [id, policy.maxVipsPerNode - claimsOf(snapshot, id).length]));
}

const claimsOf = ({ nodes }: ClusterSnapshot, nodeId: string): readonly string[] =>
  nodes.find((node) => node.nodeId === nodeId)?.claims ?? [];

/** As the node will be once these VIPs were decided. @param nodeId null: they were not */
export function withClaims(
  snapshot: ClusterSnapshot,
  nodeId: string | null,
  vips: readonly VipTopology[],
): ClusterSnapshot {
  const nodes = snapshot.nodes.map((node) =>
    node.nodeId === nodeId ? { ...node, claims: [...new Set([...node.claims, ...vips.map((vip) => vip.id)])] } : node,
  );
  return { ...snapshot, nodes };
}
