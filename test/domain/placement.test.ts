/** A node for each of several units that leave one node at once. */
import fc from 'fast-check';
import type { FitCandidate } from '../../lib/domain/candidate';
import { rankForGroup } from '../../lib/domain/candidates';
import type { ClusterSnapshot, VipTopology } from '../../lib/domain/model';
import { place, unitsOf, type Departure, type Unit } from '../../lib/domain/placement';
import { healthy, looks, nodeState, NOW, policy, sip, topologyOf, vipState } from '../support/cluster';

interface Cluster {
  maxVipsPerNode: number;
  order?: 'listed' | 'least-loaded';
  /** Claims of each node beside the old holder `n0`; null: it is not fit. */
  nodes: (string[] | null)[];
  /** The VIPs that `n0` holds. `on`: candidates by number. */
  vips: { on: number[]; group?: number; byHand?: number[] }[];
}

const nodeIdsOf = ({ nodes }: Cluster): string[] => ['n0', ...nodes.map((_, index) => `n${index + 1}`)];

function clusterOf(cluster: Cluster): ClusterSnapshot {
  const ids = nodeIdsOf(cluster);
  const base = topologyOf(2);
  const [node] = base.nodes;
  const [vip] = base.vips;
  if (node === undefined || vip === undefined) throw new Error('no node, or no VIP');
  const vips: VipTopology[] = cluster.vips.map(({ on, group, byHand = [] }, index) => ({
    ...vip,
    id: `v${index}`,
    candidates: ['n0', ...on.map((number) => `n${number}`)],
    manualOnly: byHand.map((number) => `n${number}`),
    group: group === undefined ? null : `g${group}`,
  }));
  const seen = (id: string, fit: boolean) =>
    looks(id, fit ? 'ok' : 'silent', fit ? 'standby' : 'silent', {
      sip: Object.fromEntries(vips.map((each) => [each.id, sip(fit ? 'standby' : 'silent')])),
    });
  const topology = {
    ...base,
    policy: { ...policy, maxVipsPerNode: cluster.maxVipsPerNode, candidateOrder: cluster.order ?? 'listed' },
    nodes: ids.map((id) => ({ ...node, id })),
    vips,
  };
  return healthy({
    topology,
    nodes: ids.map((id, index) => nodeState(id, { claims: cluster.nodes[index - 1] ?? [] })),
    vips: vips.map(({ id }) => vipState({ vipId: id, holder: { nodeId: 'n0', coreUuid: 'uuid-n0' } })),
    observations: ids.flatMap((id, index) => seen(id, index > 0 && cluster.nodes[index - 1] !== null)),
  });
}

const FROM: Departure = { nodeId: 'n0', by: 'control-plane' };
const unitsIn = ({ topology }: ClusterSnapshot): Unit[] => unitsOf(topology.vips);

function placesIn(cluster: Cluster): Record<string, string> | 'nowhere' {
  const snapshot = clusterOf(cluster);
  const placement = place(snapshot, unitsIn(snapshot), FROM, NOW);
  if (placement.kind === 'nowhere') return 'nowhere';
  return Object.fromEntries([...placement.to].map(([vipId, { nodeId }]) => [vipId, nodeId]));
}

/** Every combination, most preferred first: what there is to be found. */
function everyCombination(snapshot: ClusterSnapshot, units: readonly Unit[], from: Departure): string {
  const [unit, ...rest] = units;
  if (unit === undefined) return '';
  const ids = unit.vips.map((vip) => vip.id);
  const fit = rankForGroup(snapshot, unit.vips, from.nodeId, NOW).filter(
    (each): each is FitCandidate => each.eligible && !(each.manualOnly && from.by === 'control-plane'),
  );
  for (const { nodeId } of fit) {
    const nodes = snapshot.nodes.map((node) =>
      node.nodeId === nodeId ? { ...node, claims: [...new Set([...node.claims, ...ids])] } : node,
    );
    const others = everyCombination({ ...snapshot, nodes }, rest, from);
    if (others !== 'nowhere') return `${ids.map((id) => `${id}:${nodeId} `).join('')}${others}`;
  }
  return 'nowhere';
}

describe('a place for each', () => {
  it('is the most preferred one, where that leaves room for the others', () => {
    expect(placesIn({ maxVipsPerNode: 1, nodes: [[], []], vips: [{ on: [1, 2] }, { on: [1, 2] }] })).toEqual({
      ...{ v0: 'n1', v1: 'n2' },
    });
  });

  it('is another one, where the most preferred one is the only one of a VIP that comes later', () => {
    expect(placesIn({ maxVipsPerNode: 1, nodes: [[], []], vips: [{ on: [1, 2] }, { on: [1] }] })).toEqual({
      ...{ v0: 'n2', v1: 'n1' },
    });
  });

  it('is another one, where a VIP has its place there already, and the most preferred one is needed', () => {
    expect(placesIn({ maxVipsPerNode: 1, nodes: [[], ['v0']], vips: [{ on: [1, 2] }, { on: [1] }] })).toEqual({
      ...{ v0: 'n2', v1: 'n1' },
    });
  });

  it('is another one, where a group has to find room on one node', () => {
    const vips = [{ on: [1, 2] }, { on: [1, 2] }, { on: [1, 2], group: 1 }, { on: [1, 2], group: 1 }];

    expect(placesIn({ maxVipsPerNode: 2, nodes: [[], []], vips })).toEqual({ v0: 'n1', v1: 'n1', v2: 'n2', v3: 'n2' });
    expect(placesIn({ maxVipsPerNode: 2, nodes: [['x'], []], vips })).toBe('nowhere');
  });

  it('is none for any where one has none, and the reasons name that one', () => {
    const snapshot = clusterOf({
      maxVipsPerNode: 9,
      nodes: [[], null],
      vips: [{ on: [1, 2] }, { on: [2] }, { on: [] }],
    });
    const placement = place(snapshot, unitsIn(snapshot), FROM, NOW);

    expect(placement).toMatchObject({ kind: 'nowhere' });
    expect(placement.kind === 'nowhere' && placement.why.join('; ')).toMatch(/v1: n2 is not fit/);
    expect(place(snapshot, unitsIn(snapshot).slice(2), FROM, NOW)).toEqual({
      ...{ kind: 'nowhere', why: ['v2: there is no other candidate'] },
    });
  });

  it('is, for every small cluster, what a search through all combinations finds first', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    const claims = fc.uniqueArray(fc.constantFrom('x', 'y', 'v0', 'v1', 'v2'), { maxLength: 2 });
    const anyCluster: fc.Arbitrary<Cluster> = fc.record({
      maxVipsPerNode: fc.integer({ min: 1, max: 4 }),
      order: fc.constantFrom('listed', 'least-loaded'),
      nodes: fc.array(fc.option(claims, { freq: 8 }), { minLength: 4, maxLength: 4 }),
      vips: fc.array(
        fc.record(
          { on: numbers, group: fc.integer({ min: 0, max: 1 }), byHand: fc.subarray([1, 2], { maxLength: 1 }) },
          { requiredKeys: ['on'] },
        ),
        { minLength: 1, maxLength: 5 },
      ),
    });
    fc.assert(
      fc.property(anyCluster, fc.constantFrom('operator', 'control-plane'), (cluster, by) => {
        const snapshot = clusterOf(cluster);
        const units = unitsIn(snapshot);
        const from: Departure = { nodeId: 'n0', by };

        const placement = place(snapshot, units, from, NOW);

        const found =
          placement.kind === 'nowhere'
            ? 'nowhere'
            : [...placement.to].map(([vipId, { nodeId }]) => `${vipId}:${nodeId} `).join('');
        expect(found).toBe(everyCombination(snapshot, units, from));
      }),
      { numRuns: 1_500 },
    );
  });
});
