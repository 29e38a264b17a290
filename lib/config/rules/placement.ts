/** What becomes of the VIPs of a node that is lost: redundancy that exists on paper only is refused. */
import { allFit } from '../../domain/matching';
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

/** Every VIP still finds a node when any one is lost. */
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
    const homeless = unplaced(demands, nodes, lost, maxVipsPerNode);
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

/** A planned move takes all VIPs of its node along, and a lost node's wait for nobody: the limit has room for them. */
export const oneNodeMovesAtOnce: ClusterRule = function* (cluster, at) {
  const { maxVipsPerNode, maxTransitionsInFlight } = effectivePolicy(cluster.policy);
  const mostOnOne = Math.min(maxVipsPerNode, cluster.vips?.length ?? 0);
  if (mostOnOne <= maxTransitionsInFlight) return;
  yield refuse(
    [...at, 'policy', 'maxTransitionsInFlight'],
    `must be at least ${mostOnOne}, the VIPs that a node may hold: a planned move takes all of them along at once, and ` +
      `could never begin; here is ${maxTransitionsInFlight}. Write more, or a lower maxVipsPerNode`,
  );
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
  // What needs the most places goes first: the one that is named as homeless is the easiest to find a place for.
  return [...[...groups.values()].sort((a, b) => b.places - a.places), ...alone];
}

/** Before a search for room for groups of several sizes ends: a tight fit that no failover would find either. */
const STEPS = 10_000;

/** The first demand for which there is no place without `lost`; null when all fit. */
function unplaced(demands: readonly Demand[], nodes: readonly string[], lost: string, capacity: number): string | null {
  const room = new Map(nodes.map((node) => [node, node === lost ? 0 : capacity]));
  const wanted = demands.map(({ places, candidates }) => ({ placesOn: new Map(candidates.map((id) => [id, places])) }));
  const fit = (count: number): boolean => allFit(wanted.slice(0, count), room, { steps: STEPS });
  if (fit(demands.length)) return null;
  return demands.find((_, index) => !fit(index + 1))?.name ?? null;
}
