/** Where VIPs begin that nobody holds: all of a group on one node, and none in the way of another. Pure. */
import type { Candidate, FitCandidate } from './candidate';
import { candidatesAsListed } from './candidates';
import { isPaused } from './maintenance';
import type { ClusterSnapshot, VipState, VipTopology } from './model';
import { placeMost, unitsOf, withClaims, type Departure, type Unit } from './placement';

export interface FirstPlace {
  /** In the order in which they are listed, with what the other VIPs leave of them. */
  candidates: Candidate[];
  best: FitCandidate | null;
  /** The VIP of its group that begins before it, so that no two of them are decided for two nodes at once. */
  after: string | null;
}

// As listed: all have just booted, so who was up first says nothing of who is the better one.
const FROM_NOWHERE: Departure = { nodeId: null, by: 'control-plane' };

/**
 * By VIP id, of all that have no holder and stay on no carrier. One that comes after others of its group goes where they
 * are, or waits: a group that begins apart is never brought together again.
 * @param carriers the node by VIP id, of those that stay where their callers are
 */
export function firstPlaces(
  snapshot: ClusterSnapshot,
  carriers: ReadonlyMap<string, string>,
  nowMs: number,
): ReadonlyMap<string, FirstPlace> {
  const { vips } = snapshot.topology;
  const settled = vips.reduce((known, vip) => withClaims(known, carriers.get(vip.id) ?? null, [vip]), snapshot);
  const waiting = waitingForHolder(snapshot).filter(({ id }) => !carriers.has(id));
  const units = unitsOf(waiting).map((unit) => ({ ...unit, toNodeId: whereItsGroupIs(snapshot, unit, carriers) }));
  const to = placeMost(settled, units, FROM_NOWHERE, nowMs);
  return new Map(
    units.flatMap((unit) => {
      const left = units
        .filter((other) => other !== unit)
        .reduce((known, { vips: [first], vips: all }) => withClaims(known, nodeOf(to, first?.id), all), settled);
      const candidates = candidatesAsListed(left, unit.vips, null, nowMs).filter(
        ({ nodeId }) => unit.toNodeId === null || nodeId === unit.toNodeId,
      );
      const leader = unit.toNodeId === null ? unit.vips.find(({ id }) => mayBegin(snapshot, id, nowMs)) : undefined;
      return unit.vips.map(({ id }): [string, FirstPlace] => {
        const after = leader === undefined || leader.id === id ? null : leader.id;
        return [id, { candidates, best: to.get(id) ?? null, after }];
      });
    }),
  );
}

/** The VIPs that nobody holds. */
export function waitingForHolder(snapshot: ClusterSnapshot): VipTopology[] {
  return snapshot.topology.vips.filter(({ id }) => {
    const state = stateOf(snapshot, id);
    return state?.status === 'unassigned' || state?.holder === null;
  });
}

function whereItsGroupIs(
  snapshot: ClusterSnapshot,
  { vips: [first] }: Unit,
  carriers: ReadonlyMap<string, string>,
): string | null {
  if (first === undefined || first.group === null) return null;
  const nodeIds = snapshot.topology.vips
    .filter(({ group }) => group === first.group)
    .flatMap(({ id }) => stateOf(snapshot, id)?.holder?.nodeId ?? carriers.get(id) ?? []);
  // A node that is a candidate no more keeps what it has, and gets nothing new.
  return nodeIds.find((nodeId) => first.candidates.includes(nodeId)) ?? null;
}

function mayBegin(snapshot: ClusterSnapshot, vipId: string, nowMs: number): boolean {
  const state = stateOf(snapshot, vipId);
  return state !== undefined && !isPaused(state, nowMs);
}

const nodeOf = (to: ReadonlyMap<string, FitCandidate>, vipId = ''): string | null => to.get(vipId)?.nodeId ?? null;

const stateOf = ({ vips }: ClusterSnapshot, vipId: string): VipState | undefined =>
  vips.find((each) => each.vipId === vipId);
