/** In which order fit nodes are taken, and which of them the control plane never takes. */
import { candidatesAsListed, firstChoice, rankCandidates, rankForGroup } from '../../lib/domain/candidates';
import { decide } from '../../lib/domain/decide';
import type { ClusterSnapshot, Observation, Policy, VipTopology } from '../../lib/domain/model';
import { healthy, look, looks, nodeState, NOW, policy, sip, topologyOf, vipState, ZONES } from '../support/cluster';

/** fs-a holds `main`; fs-b, fs-c and fs-d are its standbys, in this order. */
function cluster(
  { vip, ...more }: Partial<Policy> & { vip?: Partial<VipTopology> },
  standbys: Partial<Record<'fs-b' | 'fs-c' | 'fs-d', Partial<Observation>>> = {},
  overrides: Partial<ClusterSnapshot> = {},
): ClusterSnapshot {
  const base = topologyOf(4, { policy: { ...policy, ...more } });
  return healthy({
    topology: { ...base, vips: base.vips.map((each) => ({ ...each, ...vip })) },
    nodes: ['fs-a', 'fs-b', 'fs-c', 'fs-d'].map((id) => nodeState(id)),
    observations: [
      ...looks('fs-a', 'refused', 'silent'),
      ...(['fs-b', 'fs-c', 'fs-d'] as const).flatMap((id) => looks(id, 'ok', 'standby', standbys[id])),
    ],
    ...overrides,
  });
}

function mainOf(snapshot: ClusterSnapshot): VipTopology {
  const [vip] = snapshot.topology.vips;
  if (vip === undefined) throw new Error('no VIP');
  return vip;
}

const order = (snapshot: ClusterSnapshot): string[] =>
  rankCandidates(snapshot, mainOf(snapshot), 'fs-a', NOW).map(({ nodeId }) => nodeId);

const wellFor = (ms: number): Partial<Observation> => ({ eslWellSinceMs: NOW - ms });

describe('hold-down', () => {
  it('lets a candidate that came up a moment ago wait behind those that were well for longer', () => {
    const snapshot = cluster({ holdDownMs: 30_000 }, { 'fs-b': wellFor(29_999), 'fs-c': wellFor(30_000) });

    expect(order(snapshot)).toEqual(['fs-c', 'fs-d', 'fs-b']);
  });

  it('takes it all the same where no other is fit: an outage is worse', () => {
    const all = { 'fs-b': wellFor(1), 'fs-c': { muted: true }, 'fs-d': { muted: true } };

    expect(decide(cluster({ holdDownMs: 30_000 }, all), [], NOW)).toMatchObject([{ to: { nodeId: 'fs-b' } }]);
  });

  it('asks what a majority has seen, and not the one who has watched for longest', () => {
    const snapshot = cluster({ holdDownMs: 30_000 });
    const fresh = [ZONES[0], ZONES[1]].map((zone) => look('fs-b', zone, 'ok', 'standby', wellFor(1_000)));
    const others = snapshot.observations.filter((each) => !(each.nodeId === 'fs-b' && each.zone !== ZONES[2]));

    expect(order({ ...snapshot, observations: [...others, ...fresh] })).toEqual(['fs-c', 'fs-d', 'fs-b']);
    expect(order({ ...snapshot, observations: [...fresh.slice(0, 1), ...others, ...fresh.slice(1)] })).toEqual([
      ...['fs-c', 'fs-d', 'fs-b'],
    ]);
  });

  it('does not know an observer of an older version, which never said since when', () => {
    const snapshot = cluster({ holdDownMs: 30_000 }, { 'fs-b': { eslWellSinceMs: null } });

    expect(order(snapshot)).toEqual(['fs-c', 'fs-d', 'fs-b']);
  });

  it('has no say in a first assignment, where all have just booted', () => {
    const snapshot = cluster(
      { holdDownMs: 30_000 },
      { 'fs-b': wellFor(1_000) },
      { vips: [vipState({ status: 'unassigned', holder: null, epoch: 0 })] },
    );

    expect(decide(snapshot, [], NOW)).toMatchObject([{ transition: 'assignment', to: { nodeId: 'fs-b' } }]);
  });
});

describe('the zone of the old holder', () => {
  // fs-d lives in the zone of fs-a.
  const vip = { candidates: ['fs-a', 'fs-d', 'fs-b', 'fs-c'] };

  it('comes last while its own observer has no voice: what took that may take the next node', () => {
    const snapshot = cluster({ vip });
    const withoutZoneA = snapshot.observations.filter((each) => each.zone !== ZONES[0]);

    expect(order(snapshot)).toEqual(['fs-d', 'fs-b', 'fs-c']);
    expect(order({ ...snapshot, observations: withoutZoneA })).toEqual(['fs-b', 'fs-c', 'fs-d']);
  });

  it('matters less than readiness', () => {
    const snapshot = cluster({ vip, holdDownMs: 30_000 }, { 'fs-b': wellFor(1), 'fs-c': wellFor(1) });
    const withoutZoneA = snapshot.observations.filter((each) => each.zone !== ZONES[0]);

    expect(order({ ...snapshot, observations: withoutZoneA })).toEqual(['fs-d', 'fs-b', 'fs-c']);
  });
});

describe('candidateOrder', () => {
  const busy = { 'fs-b': { lastSessions: 9 }, 'fs-c': { lastSessions: 3 }, 'fs-d': { lastSessions: 5 } };
  const claims = [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c', { claims: ['x'] }), nodeState('fs-d')];

  it('`listed` looks at no load', () => {
    expect(order(cluster({ candidateOrder: 'listed', maxVipsPerNode: 2 }, busy))).toEqual(['fs-b', 'fs-c', 'fs-d']);
  });

  it('`least-loaded` takes the fewest VIPs first, then the fewest sessions', () => {
    const least = { candidateOrder: 'least-loaded' as const, maxVipsPerNode: 2 };

    expect(order(cluster(least, busy))).toEqual(['fs-c', 'fs-d', 'fs-b']);
    expect(order(cluster(least, busy, { nodes: claims }))).toEqual(['fs-d', 'fs-b', 'fs-c']);
    expect(order(cluster(least))).toEqual(['fs-b', 'fs-c', 'fs-d']);
  });

  it('does not count a claim that the VIP itself has on a node', () => {
    const nodes = [nodeState('fs-a'), nodeState('fs-b', { claims: ['main'] }), nodeState('fs-c'), nodeState('fs-d')];

    expect(order(cluster({ candidateOrder: 'least-loaded' }, {}, { nodes }))).toEqual(['fs-b', 'fs-c', 'fs-d']);
  });

  it('takes the sessions that were read last, and a node of which nobody knows them comes last', () => {
    const snapshot = cluster({ candidateOrder: 'least-loaded' }, { ...busy, 'fs-d': { lastSessions: null } });
    const newer = look('fs-b', ZONES[0], 'ok', 'standby', { lastSessions: 1, observedAtMs: NOW - 1 });

    expect(order({ ...snapshot, observations: [...snapshot.observations, newer] })).toEqual(['fs-b', 'fs-c', 'fs-d']);
    const untold = { ...newer, observedAtMs: NOW, lastSessions: null };
    const observations = [...snapshot.observations, newer, untold];
    expect(order({ ...snapshot, observations })).toEqual(['fs-b', 'fs-c', 'fs-d']);
  });
});

describe('a candidate that only an operator may choose', () => {
  const vip = { manualOnly: ['fs-b'] };

  it('is never taken by a failover, and the page says that it is there', () => {
    const alone = cluster({ vip }, { 'fs-c': { muted: true }, 'fs-d': { muted: true } });

    const [decision] = decide(alone, [], NOW);

    expect(decide(cluster({ vip }), [], NOW)).toMatchObject([{ kind: 'change', to: { nodeId: 'fs-c' } }]);
    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'no-candidate' } });
    expect(decision?.reasons.join('; ')).toContain('fs-b is fit, and only an operator may choose it');
  });

  it('is no first holder, unless callers are on it already', () => {
    const vips = [vipState({ status: 'unassigned', holder: null, epoch: 0 })];

    expect(decide(cluster({ vip }, {}, { vips }), [], NOW)).toMatchObject([{ to: { nodeId: 'fs-c' } }]);
    const adopted = cluster({ vip: { ...vip, firstHolder: 'fs-b' } }, {}, { vips });
    expect(decide(adopted, [], NOW)).toMatchObject([{ to: { nodeId: 'fs-b' } }]);
  });

  it('is eligible, and the last in the order: an operator names it', () => {
    const candidates = rankCandidates(cluster({ vip }), mainOf(cluster({ vip })), 'fs-a', NOW);

    expect(candidates.at(-1)).toMatchObject({ nodeId: 'fs-b', eligible: true, manualOnly: true });
    expect(firstChoice(candidates)).toMatchObject({ nodeId: 'fs-c' });
    expect(firstChoice(candidates.slice(-1))).toBeNull();
  });
});

describe('VIPs that come together', () => {
  it('find a node only where it is a candidate of each of them', () => {
    const snapshot = cluster({ maxVipsPerNode: 2 });
    const main = mainOf(snapshot);
    const other = { ...main, id: 'other', candidates: ['fs-a', 'fs-c'] };

    const ranked = rankForGroup(snapshot, [main, other], 'fs-a', NOW);

    expect(ranked.find(({ nodeId }) => nodeId === 'fs-b')).toMatchObject({ why: 'it is no candidate of other' });
  });

  it('take a node for what it is to the VIP that it suits least', () => {
    const snapshot = cluster({ maxVipsPerNode: 2, holdDownMs: 30_000 });
    const main = mainOf(snapshot);
    const forOperators = { ...main, manualOnly: ['fs-b'] };
    const second = { ...main, id: 'second' };
    // Zone a does not find fs-b fit for `second`, and zone c knows it for a second only.
    const observations = snapshot.observations.map((each) => ({
      ...each,
      ...(each.nodeId === 'fs-b' && each.zone === ZONES[2] ? wellFor(1_000) : {}),
      sip: { ...each.sip, second: sip(each.nodeId === 'fs-b' && each.zone === ZONES[0] ? 'silent' : 'standby') },
    }));
    const lastOf = (...members: VipTopology[]) =>
      rankForGroup({ ...snapshot, observations }, members, 'fs-a', NOW).at(-1);

    expect(lastOf(main, forOperators)).toMatchObject({ nodeId: 'fs-b', manualOnly: true });
    expect(lastOf(forOperators, main)).toMatchObject({ nodeId: 'fs-b', manualOnly: true });
    expect(lastOf(main, second)).toMatchObject({ nodeId: 'fs-b', wellForMs: 1_000 });
    expect(lastOf(second, main)).toMatchObject({ nodeId: 'fs-b', wellForMs: 1_000 });
  });

  it('are judged in the order in which the first lists its nodes', () => {
    const snapshot = cluster({ vip: { candidates: ['fs-d', 'fs-a', 'fs-b'] } });

    const listed = candidatesAsListed(snapshot, [mainOf(snapshot)], 'fs-a', NOW);

    expect(listed.map(({ nodeId }) => nodeId)).toEqual(['fs-d', 'fs-b']);
  });
});
