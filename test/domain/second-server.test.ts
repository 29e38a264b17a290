/** A node that answers for a VIP which it does not hold: told to a human, and nothing is torn down for it. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation, VipState } from '../../lib/domain/model';
import { nodeState, NOW, ZONES } from '../support/cluster';
import { healthyPair, heldVip, seen, twoVips } from '../support/two-vips';

const ON_B = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };

/** Nodes that the deployment made, or that it found. */
const topologyWith = (fingerprint: string | null): ClusterSnapshot['topology'] => {
  const topology = twoVips();
  return { ...topology, nodes: topology.nodes.map((node) => ({ ...node, fingerprint })) };
};

/** fs-a holds and serves `main`, fs-b `second`; fs-c is the standby of both. */
function cluster({
  fsC = seen('fs-c', 'standby'),
  main = {},
  ...more
}: Partial<ClusterSnapshot> & { fsC?: Observation[]; main?: Partial<VipState> } = {}): ClusterSnapshot {
  return healthyPair({
    topology: topologyWith('created by the deployment'),
    vips: [heldVip('main', main), heldVip('second', { holder: ON_B })],
    observations: [...seen('fs-a', 'ok', 'standby'), ...seen('fs-b', 'standby', 'ok'), ...fsC],
    ...more,
  });
}

const named = (snapshot: ClusterSnapshot): Decision[] =>
  decide(snapshot, [], NOW).filter((each) => each.kind === 'incident' && each.incident.kind === 'second-server');

/** In the first zones as one promoted it, in the others as it should be. */
const seenFrom = (zones: number): Observation[] =>
  ZONES.flatMap((zone, index) =>
    seen('fs-c', index < zones ? 'ok' : 'standby', 'standby').filter((each) => each.zone === zone),
  );

describe('a node that answers for a VIP which another holds', () => {
  it('is told of, with what to do, and the VIP is well all the same', () => {
    const decisions = decide(cluster({ fsC: seen('fs-c', 'ok', 'standby') }), [], NOW);

    expect(decisions).toMatchObject([
      { kind: 'none', vipId: 'main', well: true },
      { kind: 'none', vipId: 'second', well: true },
      {
        ...{ kind: 'incident', vipId: 'node fs-c' },
        incident: { kind: 'second-server', vipId: null, nodeId: 'fs-c', epoch: null },
      },
    ]);
    const [seenAs, remedy] = decisions[2]?.reasons ?? [];
    expect(seenAs).toBe('fs-c answers callers of main, which fs-a holds');
    expect(remedy).toContain('`fsctl shutdown now`');
  });

  it('is told of once, for all of them, and holders of others are told of, too', () => {
    expect(named(cluster({ fsC: seen('fs-c', 'ok', 'ok') })).map(({ reasons }) => reasons[0])).toEqual([
      'fs-c answers callers of main, which fs-a holds; second, which fs-b holds',
    ]);
    const observations = [...seen('fs-a', 'ok', 'ok'), ...seen('fs-b', 'standby', 'ok'), ...seen('fs-c', 'standby')];

    expect(named(cluster({ observations })).map(({ reasons }) => reasons[0])).toEqual([
      'fs-a answers callers of second, which fs-b holds',
    ]);
  });

  it('is seen by a majority, or not at all', () => {
    expect(named(cluster({ fsC: seenFrom(2) }))).toHaveLength(1);
    expect(named(cluster({ fsC: seenFrom(1) }))).toEqual([]);
  });

  it.each<[string, Parameters<typeof cluster>[0]]>([
    ['right after the VIP has left it', { main: { changedAtMs: NOW - 89_999 } }],
    ['whose VIP is on its way', { main: { status: 'moving' } }],
    ['whose VIP a human has paused', { main: { paused: true } }],
    [
      'that is out of service',
      { nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c', { lockedBy: 'main#3' })] },
    ],
    ['that was adopted, and may never have been in standby', { topology: topologyWith(null) }],
    ['that a human has paused', { nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c', { paused: true })] }],
  ])('%s, is not', (_, change) => {
    expect(named(cluster({ fsC: seen('fs-c', 'ok', 'standby'), ...change }))).toEqual([]);
  });

  it('is told of a minute and a half after the VIP changed hands', () => {
    const change = { fsC: seen('fs-c', 'ok', 'standby'), main: { changedAtMs: NOW - 90_000 } };

    expect(named(cluster(change))).toHaveLength(1);
  });

  it('says nothing where all is as it should be', () => {
    expect(named(cluster())).toEqual([]);
  });
});
