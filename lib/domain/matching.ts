/**
 * Whether several things that need places find them all on nodes with so much room. Pure, and bounded: units of one
 * place are matched exactly (augmenting paths); those of several are a bin packing, which is tried for a while.
 */

/** What goes to one node. */
export interface Demand {
  /** The nodes that it may go to, and how many places it takes on each; 0: it has them there already. */
  placesOn: ReadonlyMap<string, number>;
}

/** How many places a node has left, by node id. */
export type Room = ReadonlyMap<string, number>;

/** What a search may still try; it is counted down, and may be shared by several searches. */
export interface Budget {
  steps: number;
}

/**
 * Whether all find a place. `false` is also the answer where the budget ended before any was found; it cannot where every
 * demand takes one place.
 */
export function allFit(demands: readonly Demand[], room: Room, budget: Budget): boolean {
  // Whoever takes nothing where it has its places is in nobody's way.
  const needy = demands.filter((demand) => smallest(demand) > 0);
  if (!singlesFit(needy.flatMap(inSingles), room)) return false;
  const large = needy.filter((demand) => !isSingle(demand)).sort((one, other) => smallest(other) - smallest(one));
  return largeFit(large, needy.filter(isSingle), room, budget);
}

const isSingle = ({ placesOn }: Demand): boolean => [...placesOn.values()].every((places) => places === 1);

const smallest = ({ placesOn }: Demand): number => Math.min(...placesOn.values());

/** Without the need to go together: what does not fit like this does not fit at all. */
function inSingles(demand: Demand): Demand[] {
  if (demand.placesOn.size === 0) return [demand];
  const single: Demand = { placesOn: new Map([...demand.placesOn.keys()].map((id) => [id, 1])) };
  return Array.from({ length: smallest(demand) }, () => single);
}

/** One after the other on every node with room for it; the singles fill what is left. */
function largeFit(large: readonly Demand[], singles: readonly Demand[], room: Room, budget: Budget): boolean {
  const [first, ...others] = large;
  if (first === undefined) return singlesFit(singles, room);
  for (const [nodeId, places] of first.placesOn) {
    const left = (room.get(nodeId) ?? 0) - places;
    if (left < 0) continue;
    budget.steps -= 1;
    if (budget.steps < 0) return false;
    if (largeFit(others, singles, new Map([...room, [nodeId, left]]), budget)) return true;
  }
  return false;
}

/** Augmenting paths (Kuhn), with several places a node. */
function singlesFit(singles: readonly Demand[], room: Room): boolean {
  const guests = new Map<string, Demand[]>();
  const settle = (demand: Demand, tried: Set<string>): boolean => {
    for (const nodeId of demand.placesOn.keys()) {
      if (tried.has(nodeId)) continue;
      tried.add(nodeId);
      const here = guests.get(nodeId) ?? [];
      const isFull = here.length >= (room.get(nodeId) ?? 0);
      const moved = isFull ? here.findIndex((guest) => settle(guest, tried)) : here.length;
      if (moved < 0) continue;
      guests.set(nodeId, [...here.filter((_, at) => at !== moved), demand]);
      return true;
    }
    return false;
  };
  return singles.every((single) => settle(single, new Set()));
}
