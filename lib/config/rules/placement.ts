/** Whether every VIP still finds a node when any one node is lost: redundancy that exists on paper only is refused. */
import { present } from '../draft';
import { effectivePolicy } from '../effective-policy';
import { refuse, type ClusterRule } from '../finding';

/** What one node takes or does not take: a VIP, or the VIPs of a group, which move together. */
interface Demand {
  /** For messages: `VIP main`, `group lobby`. */
  name: string;
  places: number;
  candidates: string[];
}

export const everyNodeCanBeLost: ClusterRule = function* (cluster, at) {
  const { maxVipsPerNode } = effectivePolicy(cluster.policy);
  const nodes = [...present(cluster.nodes)].flatMap(([node]) => node.id ?? []);
  const vips = [...present(cluster.vips)].map(([vip]) => ({
    id: vip.id ?? '',
    group: vip.group,
    candidates: vip.candidates?.flatMap((id) => id ?? []) ?? nodes,
    manualOnly: vip.manualOnly?.flatMap((id) => id ?? []) ?? [],
  }));
  // Half-understood lists would make complaints that vanish with the real mistake.
  if (nodes.length < 2 || nodes.length !== cluster.nodes?.length || vips.length !== cluster.vips?.length) return;
  if (vips.some(({ candidates }) => candidates.some((id) => !nodes.includes(id)) || candidates.length < 2)) return;
  // A node that only a human may choose is no place in the middle of the night.
  const demands = demandsOf(
    vips.map((vip) => ({ ...vip, candidates: vip.candidates.filter((id) => !vip.manualOnly.includes(id)) })),
  );
  if (demands.some(({ places }) => places > maxVipsPerNode)) return; // `groupsMoveTogether` refuses that
  for (const lost of nodes) {
    const homeless = unplaced(demands, lost, maxVipsPerNode);
    if (homeless === null) continue;
    yield refuse(
      [...at, 'vips'],
      `when node ${lost} is lost, ${homeless} finds no place: ${vips.length} VIPs, ${nodes.length} nodes, at ` +
        `most ${maxVipsPerNode} VIPs a node. Add a node or a candidate, or raise policy.maxVipsPerNode if the nodes ` +
        'can carry it',
    );
    return; // one example says it: the others have the same remedy
  }
};

function demandsOf(vips: readonly { id: string; group: string | undefined; candidates: string[] }[]): Demand[] {
  const groups = new Map<string, Demand>();
  const alone: Demand[] = [];
  for (const { id, group, candidates } of vips) {
    const demand = group === undefined ? undefined : groups.get(group);
    if (demand !== undefined) demand.places += 1;
    else if (group === undefined) alone.push({ name: `VIP ${id}`, places: 1, candidates });
    else groups.set(group, { name: `group ${group}`, places: 1, candidates });
  }
  // What needs the most places goes first: single VIPs fill the gaps, and can still be moved.
  return [...[...groups.values()].sort((a, b) => b.places - a.places), ...alone];
}

/**
 * The first demand for which there is no place without `lost`; null when all fit. Augmenting paths (Kuhn): exact for
 * VIPs that stand alone. With groups of different sizes it may miss a very tight fit, which no failover would find.
 */
function unplaced(demands: readonly Demand[], lost: string, capacity: number): string | null {
  const guests = new Map<string, Demand[]>();
  const place = (demand: Demand, tried: Set<string>): boolean => {
    for (const node of demand.candidates) {
      if (node === lost || tried.has(node)) continue;
      tried.add(node);
      const here = (): Demand[] => guests.get(node) ?? [];
      const fits = (without?: Demand): boolean => {
        const others = here().filter((guest) => guest !== without);
        return others.reduce((sum, guest) => sum + guest.places, demand.places) <= capacity;
      };
      const movable = fits() ? undefined : here().find((guest) => fits(guest) && place(guest, tried));
      if (movable === undefined && !fits()) continue;
      guests.set(node, [...here().filter((guest) => guest !== movable), demand]);
      return true;
    }
    return false;
  };
  return demands.find((demand) => !place(demand, new Set()))?.name ?? null;
}
