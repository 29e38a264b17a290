/** Whether every VIP still finds a node when any one node is lost: redundancy that exists on paper only is refused. */
import { present } from '../draft';
import { effectivePolicy } from '../effective-policy';
import { refuse, type ClusterRule } from '../finding';

interface Demand {
  vip: string;
  candidates: string[];
}

export const everyNodeCanBeLost: ClusterRule = function* (cluster, at) {
  const { maxVipsPerNode } = effectivePolicy(cluster.policy);
  const nodes = [...present(cluster.nodes)].flatMap(([node]) => node.id ?? []);
  const demands = [...present(cluster.vips)].map(([vip]) => ({
    vip: vip.id ?? '',
    candidates: vip.candidates?.flatMap((id) => id ?? []) ?? nodes,
  }));
  // Half-understood lists would make complaints that vanish with the real mistake.
  if (nodes.length < 2 || nodes.length !== cluster.nodes?.length || demands.length !== cluster.vips?.length) return;
  if (demands.some(({ candidates }) => candidates.some((id) => !nodes.includes(id)) || candidates.length < 2)) return;
  for (const lost of nodes) {
    const homeless = unplaced(demands, lost, maxVipsPerNode);
    if (homeless === null) continue;
    yield refuse(
      [...at, 'vips'],
      `when node ${lost} is lost, VIP ${homeless} finds no place: ${demands.length} VIPs, ${nodes.length} nodes, at ` +
        `most ${maxVipsPerNode} VIPs a node. Add a node or a candidate, or raise policy.maxVipsPerNode if the nodes ` +
        'can carry it',
    );
    return; // one example says it: the others have the same remedy
  }
};

/** The first VIP for which there is no place without `lost`; null when all fit. Augmenting paths (Kuhn). */
function unplaced(demands: readonly Demand[], lost: string, capacity: number): string | null {
  const guests = new Map<string, Demand[]>();
  const place = (demand: Demand, tried: Set<string>): boolean => {
    for (const node of demand.candidates) {
      if (node === lost || tried.has(node)) continue;
      tried.add(node);
      const here = guests.get(node) ?? [];
      if (here.length < capacity) {
        guests.set(node, [...here, demand]);
        return true;
      }
      const movable = here.find((guest) => place(guest, tried));
      if (movable === undefined) continue;
      guests.set(node, [...(guests.get(node) ?? []).filter((guest) => guest !== movable), demand]);
      return true;
    }
    return false;
  };
  return demands.find((demand) => !place(demand, new Set()))?.vip ?? null;
}
