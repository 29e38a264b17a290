/** A zone that fails is one event, however many nodes and VIPs it had. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation, Topology } from '../../lib/domain/model';
import { isZoneFailureOver } from '../../lib/domain/zones';
import { healthy, look, nodeState, NOW, policy, sip, topologyOf, vipState, ZONES } from '../support/cluster';

const [ZONE_A, ...OTHER_ZONES] = ZONES;
const VIPS = ['main', 'second'];

/** Nodes fs-a and fs-d live in zone a and hold `main` and `second`; fs-b and fs-c are standbys elsewhere. */
function topology(): Topology {
  const base = topologyOf(4, { policy });
  const [vip] = base.vips;
  if (vip === undefined) throw new Error('no VIP');
  return { ...base, vips: VIPS.map((id) => ({ ...vip, id, candidates: ['fs-a', 'fs-d', 'fs-b', 'fs-c'] })) };
}

function seen(nodeId: string, zone: string, verdict: 'ok' | 'standby' | 'silent', forMs = 9_000): Observation {
  const isSilent = verdict === 'silent';
  const each = <T>(value: T): Record<string, T> => Object.fromEntries(VIPS.map((id) => [id, value]));
  return look(nodeId, zone, isSilent ? 'silent' : 'ok', verdict, {
    sip: each(sip(verdict)),
    sipMisses: each(isSilent ? 10 : 0),
    sipMissingSinceMs: each(isSilent ? NOW - forMs : null),
    eslMissingSinceMs: isSilent ? NOW - forMs : null,
  });
}

/** Zone a is gone with its observer, for so long. */
function zoneIsGone(forMs: number, overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const from = (zone: string): Observation[] => [
    ...['fs-a', 'fs-d'].map((id) => seen(id, zone, 'silent', forMs)),
    ...['fs-b', 'fs-c'].map((id) => seen(id, zone, 'standby')),
  ];
  return healthy({
    topology: topology(),
    nodes: ['fs-a', 'fs-b', 'fs-c', 'fs-d'].map((id) => nodeState(id)),
    vips: [
      vipState({ vipId: 'main', holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } }),
      vipState({ vipId: 'second', holder: { nodeId: 'fs-d', coreUuid: 'uuid-fs-d' } }),
    ],
    observations: OTHER_ZONES.flatMap(from),
    ...overrides,
  });
}

const zoneFailures = (decisions: readonly Decision[]): Decision[] =>
  decisions.filter((each) => each.kind === 'incident' && each.incident.kind === 'zone-failure');

describe('a zone of which nothing answers and whose observer is gone', () => {
  it('is one incident of the whole cluster, beside the failovers of its VIPs, which name it', () => {
    const [main, second, ...more] = decide(zoneIsGone(9_000), [], NOW);

    expect([main, second]).toMatchObject([
      { kind: 'change', vipId: 'main', transition: 'failover' },
      { kind: 'change', vipId: 'second', transition: 'failover' },
    ]);
    for (const each of [main, second]) expect(each?.reasons[0]).toMatch(/^zone us-east-1a failed.*fs-a, fs-d/);
    expect(more).toMatchObject([
      {
        kind: 'incident',
        vipId: 'zone us-east-1a',
        incident: { kind: 'zone-failure', vipId: null, nodeId: null, epoch: null },
      },
    ]);
    expect(more[0]?.reasons.join('; ')).toContain('VIPs there: main, second');
  });

  it('is named in what a human is told of a VIP, too', () => {
    const paused = ['fs-b', 'fs-c'].map((id) => nodeState(id, { paused: true }));
    const [main] = decide(zoneIsGone(9_000, { nodes: paused }), [], NOW);

    expect(main).toMatchObject({ kind: 'incident', incident: { kind: 'no-candidate' } });
    expect(main?.kind === 'incident' && main.incident.reasons[0]).toMatch(/^zone us-east-1a failed/);
  });

  it('is an incident also where its VIPs are only told of: nobody is there to take them', () => {
    const paused = ['fs-b', 'fs-c'].map((id) => nodeState(id, { paused: true }));

    expect(zoneFailures(decide(zoneIsGone(9_000, { nodes: paused }), [], NOW))).toHaveLength(1);
  });

  it('has nothing to do with what befalls VIPs elsewhere', () => {
    const elsewhere = vipState({ vipId: 'second', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });
    const gone = zoneIsGone(9_000, {
      vips: [vipState({ vipId: 'main', holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } }), elsewhere],
    });
    const observations = gone.observations.map((each) =>
      each.nodeId === 'fs-b' ? seen('fs-b', each.zone, 'silent') : each,
    );
    // fs-c and fs-b still have an observer beside them: fs-b is one dead node, and no dead zone.
    const [main, second, zone] = decide({ ...gone, observations }, [], NOW);

    expect(main?.reasons[0]).toMatch(/^zone us-east-1a failed/);
    expect(second?.reasons.join('; ')).not.toContain('zone us-east-1a failed');
    expect(zone?.reasons).toContain('VIPs there: main');
  });

  it('is no incident yet while the silence is held back: its observer has no say, so it has to last', () => {
    const decisions = decide(zoneIsGone(3_000), [], NOW);

    expect(decisions).toMatchObject([
      { kind: 'none', vipId: 'main' },
      { kind: 'none', vipId: 'second' },
    ]);
    expect(decisions[0]?.reasons[0]).toMatch(/^zone us-east-1a failed/);
  });

  it('is no incident of its own where it holds no VIP', () => {
    const elsewhere = vipState({ vipId: 'main', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });

    expect(zoneFailures(decide(zoneIsGone(9_000, { vips: [elsewhere] }), [], NOW))).toEqual([]);
  });
});

describe('what is no failure of a zone', () => {
  it.each([
    ['its observer still speaks', seen('fs-b', ZONE_A, 'standby'), (each: Observation) => each],
    [
      'one of its nodes answers',
      null,
      (each: Observation) => (each.nodeId === 'fs-d' ? seen('fs-d', each.zone, 'ok') : each),
    ],
    [
      'a node refuses: a refusal is an answer',
      null,
      (each: Observation) =>
        each.nodeId === 'fs-d' ? { ...each, esl: { ...each.esl, verdict: 'refused' as const } } : each,
    ],
  ])('%s', (_words, more, change) => {
    const gone = zoneIsGone(9_000);
    const speaking = more === null ? [] : [{ ...more, nodeId: 'fs-a' }];
    const decisions = decide({ ...gone, observations: [...gone.observations.map(change), ...speaking] }, [], NOW);

    expect(zoneFailures(decisions)).toEqual([]);
    expect(decisions.flatMap(({ reasons }) => reasons).join('; ')).not.toContain('failed');
  });
});

describe('the failure of a zone is over', () => {
  const [main, second] = VIPS;
  const is = (vipId: string | undefined, well: boolean): Decision => ({
    kind: 'none',
    vipId: vipId ?? '',
    well,
    reasons: [],
  });
  const incidentOf = (vipId: string): Decision => ({
    kind: 'incident',
    vipId,
    incident: {
      ...{ kind: 'zone-failure' as const, vipId: null, nodeId: null, epoch: null, reasons: [] },
      ...{ atMs: NOW, notifiedAtMs: null },
    },
    reasons: [],
  });
  const back = (overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
    zoneIsGone(9_000, {
      observations: ZONES.flatMap((zone) => ['fs-a', 'fs-b', 'fs-c', 'fs-d'].map((id) => seen(id, zone, 'ok'))),
      ...overrides,
    });

  it('when it answers and every VIP is well', () => {
    expect(isZoneFailureOver(back(), [is(main, true), is(second, true), incidentOf('zone us-east-1a')], NOW)).toBe(
      true,
    );
  });

  it('not while it is silent, well as its VIPs are elsewhere', () => {
    expect(isZoneFailureOver(zoneIsGone(9_000), [is(main, true), is(second, true)], NOW)).toBe(false);
  });

  it('not while one of the VIPs is not well, or is told of', () => {
    expect(isZoneFailureOver(back(), [is(main, true), is(second, false)], NOW)).toBe(false);
    expect(isZoneFailureOver(back(), [is(main, true), incidentOf('second')], NOW)).toBe(false);
  });

  it('whatever is said of a VIP that a human keeps paused', () => {
    const vips = VIPS.map((vipId) => vipState({ vipId, paused: vipId === 'second' }));

    expect(isZoneFailureOver(back({ vips }), [is(main, true), is(second, false)], NOW)).toBe(true);
  });
});
