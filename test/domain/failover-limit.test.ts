/** At most so many automatic failovers in the whole cluster within a window: events are counted, not VIPs. */
import { decide } from '../../lib/domain/decide';
import type { Change, Decision } from '../../lib/domain/decision';
import { eventOf } from '../../lib/domain/failover-limit';
import type { ClusterSnapshot, Observation, Policy, Topology, VipState } from '../../lib/domain/model';
import { afterFailover, failoversOf, newVip } from '../../lib/domain/store-rules';
import { decisionWrite } from '../../lib/domain/transition';
import { healthy, look, nodeState, NOW, policy, sip, topologyOf, vipState, ZONES } from '../support/cluster';

const VIPS = ['v1', 'v2', 'v3', 'v4'] as const;
const HOLDERS = { v1: 'fs-a', v2: 'fs-b', v3: 'fs-c', v4: 'fs-a' } as const;
const SPARE = 'fs-d';

/** `v1` and `v4` on fs-a, `v2` on fs-b, `v3` on fs-c; fs-d is the standby of them all. */
function topology(overrides: Partial<Policy>): Topology {
  const base = topologyOf(4, {
    policy: { ...policy, maxVipsPerNode: 4, maxFailoversPerWindow: 1, ...overrides },
  });
  const [vip] = base.vips;
  if (vip === undefined) throw new Error('no VIP');
  return { ...base, vips: VIPS.map((id) => ({ ...vip, id })) };
}

function seen(
  nodeId: string,
  zone: string,
  verdict: 'ok' | 'standby' | 'silent',
  refused = verdict === 'silent',
): Observation {
  const each = <T>(value: T): Record<string, T> => Object.fromEntries(VIPS.map((id) => [id, value]));
  const isSilent = verdict === 'silent';
  return look(nodeId, zone, refused ? 'refused' : isSilent ? 'silent' : 'ok', verdict, {
    sip: Object.fromEntries(
      VIPS.map((id) => [id, sip(verdict === 'ok' && HOLDERS[id] !== nodeId ? 'standby' : verdict)]),
    ),
    sipMisses: each(isSilent ? 10 : 0),
    sipMissingSinceMs: each(isSilent ? NOW - 9_000 : null),
    eslMissingSinceMs: isSilent ? NOW - 9_000 : null,
  });
}

/** These nodes crashed; the others are well. */
function cluster(
  dead: readonly string[],
  {
    vips = {},
    ...overrides
  }: Partial<Policy> & { vips?: Partial<Record<(typeof VIPS)[number], Partial<VipState>>> } = {},
): ClusterSnapshot {
  const nodes = ['fs-a', 'fs-b', 'fs-c', SPARE];
  return healthy({
    topology: topology(overrides),
    nodes: nodes.map((id) => nodeState(id)),
    vips: VIPS.map((vipId) =>
      vipState({ vipId, holder: { nodeId: HOLDERS[vipId], coreUuid: `uuid-${HOLDERS[vipId]}` }, ...vips[vipId] }),
    ),
    observations: nodes.flatMap((id) =>
      ZONES.map((zone) => seen(id, zone, dead.includes(id) ? 'silent' : id === SPARE ? 'standby' : 'ok')),
    ),
  });
}

const failedOver = (agoMs: number, more: Partial<VipState> = {}): Partial<VipState> => ({
  lastAutomaticFailoverAtMs: NOW - agoMs,
  ...more,
});

/** What becomes of the VIPs that are not well. */
const outcomes = (decisions: readonly Decision[]): Record<string, string> =>
  Object.fromEntries(
    decisions
      .filter((each) => each.kind === 'change' || each.kind === 'incident')
      .map((each) => [each.vipId, each.kind === 'incident' ? each.incident.kind : each.kind]),
  );

describe('the limit within one judgement', () => {
  it('lets the VIPs of one node go together, as one event', () => {
    expect(outcomes(decide(cluster(['fs-a']), [], NOW))).toEqual({ v1: 'change', v4: 'change' });
  });

  it('refuses what is over it, and nothing is torn down there', () => {
    const decisions = decide(cluster(['fs-a', 'fs-b']), [], NOW);

    expect(outcomes(decisions)).toEqual({ v1: 'change', v2: 'failover-limit', v4: 'change' });
    const refused = decisions.find(({ vipId }) => vipId === 'v2');
    expect(refused).toMatchObject({ incident: { vipId: 'v2', nodeId: 'fs-b', epoch: 1 } });
    expect(refused?.reasons.join('; ')).toMatch(/fs-b: conclusive-death.*maxFailoversPerWindow is 1.*nothing was torn/);
  });

  it('counts all nodes of a silent zone as one', () => {
    // fs-d lives in zone a as fs-a does; fs-b and fs-c are the standbys here.
    const base = cluster([]);
    const gone = ['fs-a', SPARE];
    const vips = base.vips
      .filter(({ vipId }) => vipId === 'v1' || vipId === 'v2')
      .map((each) => ({ ...each, holder: { nodeId: each.vipId === 'v1' ? 'fs-a' : SPARE, coreUuid: null } }));
    const observations = ZONES.slice(1).flatMap((zone) => [
      ...gone.map((id) => seen(id, zone, 'silent', false)),
      ...['fs-b', 'fs-c'].map((id) => seen(id, zone, 'standby')),
    ]);

    const decided = outcomes(decide({ ...base, vips, observations }, [], NOW));

    expect(decided).toMatchObject({ v1: 'change', v2: 'change', 'zone us-east-1a': 'zone-failure' });
  });
});

describe('a zone whose nodes all hold VIPs, and of which the limit allows one', () => {
  const [here, ...elsewhere] = ZONES;
  const NODES = ['fs-a', 'fs-b', 'fs-c'];
  const own = (looks: (nodeId: string) => Observation): Observation[] => NODES.map(looks);
  /** fs-a, fs-b and fs-c stand in one zone, and those outside of it get no answer from any; fs-d is elsewhere, and fit. */
  function fallen(seenInside: Observation[]): ClusterSnapshot {
    const base = cluster([]);
    const nodes = base.topology.nodes.map((node) => ({ ...node, zone: node.id === SPARE ? elsewhere[0] : here }));
    const outside = elsewhere.flatMap((zone) => [
      ...NODES.map((id) => seen(id, zone, 'silent', false)),
      seen(SPARE, zone, 'standby'),
    ]);
    const topology = { ...base.topology, nodes };
    return { ...base, topology, observations: [...outside, ...seenInside] };
  }
  const all = { v1: 'change', v2: 'change', v3: 'change', v4: 'change' };
  const one = { v1: 'change', v2: 'failover-limit', v3: 'failover-limit', v4: 'change' };

  it.each([
    ['is gone, and its observer with it', [], all],
    [
      'is gone, and the last word of its observer still counts',
      own((id) => ({ ...seen(id, here, 'ok'), observedAtMs: NOW - 7_500 })),
      all,
    ],
    ['is cut off, and its observer sees them well', own((id) => seen(id, here, 'ok')), all],
    ['lives, and its observer misses them as well', own((id) => seen(id, here, 'silent', false)), one],
    [
      'lives, and its observer misses one of them as well',
      own((id) => (id === 'fs-c' ? seen(id, here, 'silent', false) : seen(id, here, 'ok'))),
      one,
    ],
  ])('%s', (_words, seenInside, expected) => {
    expect(outcomes(decide(fallen(seenInside), [], NOW))).toMatchObject(expected);
  });
});

describe('the limit over what happened before', () => {
  const hour = policy.failoverWindowMs;

  it.each([
    ['one in the window leaves none', failedOver(hour - 1), 'failover-limit'],
    ['one from before the window does not count', failedOver(hour), 'change'],
    ['one that was acknowledged does not count', failedOver(1_000, { acknowledgedAtMs: NOW - 500 }), 'change'],
    [
      'an older acknowledgement is of an older one',
      failedOver(1_000, { acknowledgedAtMs: NOW - 2_000 }),
      'failover-limit',
    ],
  ])('%s', (_words, v3, outcome) => {
    const decisions = decide(cluster(['fs-b'], { vips: { v3 } }), [], NOW);

    expect(outcomes(decisions)).toEqual({ v2: outcome });
  });

  it('names what it counted, so that a human knows what to acknowledge', () => {
    const [, refused] = decide(cluster(['fs-b'], { vips: { v3: failedOver(60_000) } }), [], NOW);

    expect(refused?.reasons.join('; ')).toContain(`v3 at ${new Date(NOW - 60_000).toISOString()}`);
  });

  it('counts VIPs that failed over at one instant as one event, and others apart', () => {
    const together = { v1: failedOver(700_000), v4: failedOver(700_000) };
    const apart = { v1: failedOver(700_000), v4: failedOver(700_001) };

    expect(outcomes(decide(cluster(['fs-b'], { maxFailoversPerWindow: 2, vips: together }), [], NOW))).toEqual({
      v2: 'change',
    });
    expect(outcomes(decide(cluster(['fs-b'], { maxFailoversPerWindow: 2, vips: apart }), [], NOW))).toEqual({
      v2: 'failover-limit',
    });
  });

  it('lets the rest of an event join the part of it that is in flight', () => {
    const before = decide(cluster(['fs-a']), [], NOW - 1_000)[0];
    if (before?.kind !== 'change') throw new Error('the first failover was not decided');
    const { transition } = decisionWrite(before, topology({}), [], NOW - 1_000, 'test');
    const vips = {
      v1: failedOver(1_000, { status: 'moving', epoch: 2, holder: { nodeId: SPARE, coreUuid: null } }),
    };

    const decided = outcomes(decide(cluster(['fs-a', 'fs-b'], { vips }), [transition], NOW));

    expect(decided).toEqual({ v2: 'failover-limit', v4: 'change' });
    // One that is over is no event that anything could join.
    const over = decide(cluster(['fs-a', 'fs-b'], { vips }), [{ ...transition, status: 'done' }], NOW);
    expect(outcomes(over)).toEqual({ v2: 'failover-limit', v4: 'failover-limit' });
  });
});

describe('what is one event', () => {
  it('nothing joins: a planned move from the same node is no failover', () => {
    const before = decide(cluster(['fs-a']), [], NOW - 1_000)[0];
    if (before?.kind !== 'change') throw new Error('the first failover was not decided');
    const { transition } = decisionWrite(before, topology({}), [], NOW - 1_000, 'test');
    const vips = { v1: failedOver(1_000, { status: 'moving', epoch: 2, holder: { nodeId: SPARE, coreUuid: null } }) };
    const planned = { ...transition, kind: 'switchover' as const, cause: 'operator' as const };

    const decided = outcomes(decide(cluster(['fs-a', 'fs-b'], { vips }), [planned], NOW));

    expect(decided).toEqual({ v2: 'failover-limit', v4: 'failover-limit' });
  });

  it('are not two dead nodes of a zone that lives', () => {
    const snapshot = cluster(['fs-a', 'fs-b']);
    const nodes = snapshot.topology.nodes.map((node) => (node.id === 'fs-b' ? { ...node, zone: ZONES[0] } : node));

    const decided = outcomes(decide({ ...snapshot, topology: { ...snapshot.topology, nodes } }, [], NOW));

    expect(decided).toEqual({ v1: 'change', v2: 'failover-limit', v4: 'change' });
  });
});

describe('one VIP that fails over again and again, longer apart than its block', () => {
  const minute = 60_000;
  const limit = { maxFailoversPerWindow: 3, failoverWindowMs: 60 * minute, blockPeriodMs: 10 * minute };
  /** As the store leaves `v2` after failovers so long ago, oldest first. */
  const after = (...minutesAgo: number[]): Partial<VipState> =>
    minutesAgo.reduce(
      (vip, ago) => ({ ...vip, ...afterFailover(failoversOf(vip), { atMs: NOW - ago * minute, event: 'node fs-b' }) }),
      newVip('v2', 1, 0),
    );
  const fellAgain = (had: Partial<VipState>): Decision[] => {
    const { epoch: _newOnes, holder: _nobody, status: _unassigned, changedAtMs: _then, ...v2 } = had;
    return decide(cluster(['fs-b'], { ...limit, vips: { v2 } }), [], NOW);
  };

  it.each([
    ['the third within the window goes', after(22, 11), 'change'],
    ['the fourth within the window waits for a human', after(33, 22, 11), 'failover-limit'],
    ['the oldest has left the window', after(60, 22, 11), 'change'],
    ['a human acknowledged them', { ...after(33, 22, 11), acknowledgedAtMs: NOW - minute }, 'change'],
    [
      'those after the acknowledgement count',
      { ...after(44, 33, 22, 11), acknowledgedAtMs: NOW - 40 * minute },
      'failover-limit',
    ],
    [
      'the last alone counts where an older version wrote the item',
      { ...after(33, 22, 11), recentFailoversAtMs: [] },
      'change',
    ],
  ])('%s', (_words, had, outcome) => {
    expect(outcomes(fellAgain(had))).toEqual({ v2: outcome });
  });

  it('names each of them', () => {
    const reasons = fellAgain(after(33, 22, 11))[1]?.reasons.join('; ');

    for (const ago of [33, 22, 11]) expect(reasons).toContain(`v2 at ${new Date(NOW - ago * minute).toISOString()}`);
  });

  it('is remembered by no more than the highest limit asks for', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ atMs: NOW - 200 + index, event: `node fs-${index}` }));

    const left = afterFailover(many, { atMs: NOW, event: 'node fs-b' });

    expect(left.recentFailoversAtMs).toEqual([...many.slice(-99).map(({ atMs }) => atMs), NOW]);
    expect(Object.keys(left.failoverEvents)).toHaveLength(100);
    expect(left.failoverEvents).toMatchObject({ [NOW - 1]: 'node fs-199', [NOW]: 'node fs-b' });
  });

  it('is remembered after those that were before it, and counts once', () => {
    const before = [NOW - 2, NOW, NOW + 1].map((atMs) => ({ atMs, event: 'node fs-b' }));
    const left = afterFailover(before, { atMs: NOW, event: 'node fs-c' });
    expect(left.recentFailoversAtMs).toEqual([NOW - 2, NOW]);
    expect(failoversOf(left)).toEqual([
      { atMs: NOW - 2, event: 'node fs-b' },
      { atMs: NOW, event: 'node fs-c' },
    ]);
  });
});

describe('what it does not limit', () => {
  it('a reinstatement, which tears nothing down', () => {
    const snapshot = cluster([], { vips: { v3: failedOver(1_000) } });
    const observations = snapshot.observations.map((each) =>
      each.nodeId === 'fs-b' ? { ...each, esl: { ...each.esl, coreUuid: 'uuid-new' } } : each,
    );

    expect(decide({ ...snapshot, observations }, [], NOW)[1]).toMatchObject({ transition: 'reinstatement' });
  });
});

describe('what fell, which its failover is written with', () => {
  it('is the node of the holder', () => {
    const snapshot = cluster(['fs-a', 'fs-b'], { maxFailoversPerWindow: 2 });
    const changes = decide(snapshot, [], NOW).filter((each): each is Change => each.kind === 'change');

    expect(changes.map((change) => [change.vipId, eventOf(snapshot, change, NOW)])).toEqual([
      ['v1', 'node fs-a'],
      ['v2', 'node fs-b'],
      ['v4', 'node fs-a'],
    ]);
  });

  it('is nothing where nothing is torn down', () => {
    const snapshot = healthy({ vips: [vipState({ status: 'unassigned', holder: null, epoch: 0 })] });
    const [assignment] = decide(snapshot, [], NOW);
    if (assignment?.kind !== 'change') throw new Error('no assignment was decided');

    expect(eventOf(snapshot, assignment, NOW)).toBeNull();
  });
});

describe('failovers whose VIPs remember what fell', () => {
  const of = (event: string, agoMs: number): Partial<VipState> => afterFailover([], { atMs: NOW - agoMs, event });
  /** fs-b falls now; two events are allowed. */
  const afterThat = (vips: Partial<Record<'v1' | 'v3' | 'v4', Partial<VipState>>>) =>
    outcomes(decide(cluster(['fs-b'], { maxFailoversPerWindow: 2, vips }), [], NOW));
  const minute = 60_000;

  it.each([
    ['of one zone seconds apart are one', of('zone a', 10 * minute), of('zone a', 10 * minute - 9_000), 'change'],
    ['of one node seconds apart are one', of('node x', 10 * minute), of('node x', 10 * minute - 9_000), 'change'],
    [
      'of one zone half a minute apart are two',
      of('zone a', 10 * minute),
      of('zone a', 9.5 * minute),
      'failover-limit',
    ],
    ['of two nodes at one instant are two', of('node x', 10 * minute), of('node y', 10 * minute), 'failover-limit'],
    ['one of which an older version wrote are two', of('zone a', minute), failedOver(minute), 'failover-limit'],
  ])('%s', (_words, v1, v3, outcome) => {
    expect(afterThat({ v1, v3 })).toEqual({ v2: outcome });
  });

  it('are one where each follows the one before, however long all of them took', () => {
    const vips = { v1: of('zone a', 10 * minute), v3: of('zone a', 9.6 * minute), v4: of('zone a', 9.2 * minute) };

    expect(afterThat(vips)).toEqual({ v2: 'change' });
  });

  it.each([
    ['joins its event, whose journals are closed', 'node fs-b', 29_999, 'change'],
    ['joins no older one', 'node fs-b', 30_000, 'failover-limit'],
    ['joins none of another', 'node fs-a', 1_000, 'failover-limit'],
  ])('the next one %s', (_words, event, agoMs, outcome) => {
    const decisions = decide(cluster(['fs-b'], { maxFailoversPerWindow: 1, vips: { v3: of(event, agoMs) } }), [], NOW);

    expect(outcomes(decisions)).toEqual({ v2: outcome });
  });
});
