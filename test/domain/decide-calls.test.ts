/** What the shared database, the clocks, groups and the supervisor on the node change in the judgement. */
import { rankCandidates } from '../../lib/domain/candidates';
import { decide } from '../../lib/domain/decide';
import type { Change, Decision } from '../../lib/domain/decision';
import type {
  ClusterSnapshot,
  DatabaseEvidence,
  Observation,
  Topology,
  Transition,
  VipState,
} from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { healthy, look, looks, nodeState, NOW, policy, sip, topologyOf, vipState, ZONES } from '../support/cluster';
import { healthyPair, heldVip, seen, twoVips, VIPS } from '../support/two-vips';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
const standby = looks('fs-b', 'ok', 'standby');

function decideOne(snapshot: ClusterSnapshot): Decision {
  const [decision] = decide(snapshot, [], NOW);
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

const away: DatabaseEvidence = { verdict: 'away', detail: 'no answer in 1000 ms', latencyMs: null };
const well: DatabaseEvidence = { verdict: 'ok', detail: 'answers', latencyMs: 2 };

const seeing = (observations: Observation[], evidence: (index: number) => DatabaseEvidence): Observation[] =>
  observations.map((each, index) => ({ ...each, database: evidence(index) }));

describe('SIP silent, ESL well', () => {
  const stuck = looks('fs-a', 'ok', 'silent');
  const topology = topologyOf(2, { database });

  it('is the database’s failure while a majority sees the database away: it is paged, nothing is torn down', () => {
    const decision = decideOne(healthy({ topology, observations: [...seeing(stuck, () => away), ...standby] }));
    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'database-trouble', nodeId: 'fs-a' } });
    expect(decision.reasons.join(' ')).toContain('db.internal:5432');
  });

  it('is a stuck SIP stack when the database answers', () => {
    const decision = decideOne(healthy({ topology, observations: [...seeing(stuck, () => well), ...standby] }));
    expect(decision).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });

  it('is not excused by one observer alone', () => {
    const one = seeing(stuck, (index) => (index === 0 ? away : well));
    expect(decideOne(healthy({ topology, observations: [...one, ...standby] }))).toMatchObject({ kind: 'change' });
  });

  it('is excused by exactly a majority', () => {
    const two = seeing(stuck, (index) => (index === 0 ? well : away));
    expect(decideOne(healthy({ topology, observations: [...two, ...standby] }))).toMatchObject({
      incident: { kind: 'database-trouble' },
    });
  });

  it('is excused where one finds it away and no majority finds it well: the third has no vote, or no answer yet', () => {
    const long = stuck.map((each) => ({ ...each, sipMissingSinceMs: { main: NOW - 60_000 } }));
    const votes = seeing(long, (index) => (index === 0 ? away : well));
    for (const third of [{ muted: true }, { database: null }]) {
      const observations = [...votes.map((each, index) => (index === 2 ? { ...each, ...third } : each)), ...standby];
      expect(decideOne(healthy({ topology, observations }))).toMatchObject({ incident: { kind: 'database-trouble' } });
    }
  });

  it('is a stuck SIP stack where nobody finds it in trouble, whoever has no answer of it', () => {
    const observations = [...seeing(stuck, () => well).map((each) => ({ ...each, database: null })), ...standby];
    expect(decideOne(healthy({ topology, observations }))).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });

  it('is not excused by a database that the cluster has no more, and that observers of yesterday still ask', () => {
    const observations = [...seeing(stuck, () => away), ...standby];
    expect(decideOne(healthy({ observations }))).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });

  it('is excused where a majority does not reach ESL and somebody does: the process lives', () => {
    const seenBy = (two: 'silent' | 'refused', third: Observation, evidence: DatabaseEvidence): Decision => {
      const [first, second] = looks('fs-a', two, 'silent');
      const observations = [...seeing([first!, second!, third], () => evidence), ...standby];
      return decideOne(healthy({ topology, observations }));
    };
    const [, , reaches] = stuck;
    const [, , doesNot] = looks('fs-a', 'silent', 'silent');

    expect(seenBy('silent', reaches!, away)).toMatchObject({ incident: { kind: 'database-trouble', nodeId: 'fs-a' } });
    expect(seenBy('silent', reaches!, well)).toMatchObject({ kind: 'change', cause: 'suspected-death' });
    expect(seenBy('silent', doesNot!, away)).toMatchObject({ kind: 'change', cause: 'suspected-death' });
    // Proved, and that look is of a moment before.
    expect(seenBy('refused', reaches!, away)).toMatchObject({ kind: 'change', cause: 'conclusive-death' });
  });

  it('is not excused by its own zone alone, which may be cut off with it', () => {
    const [fromHome] = stuck;
    const [, second, third] = looks('fs-a', 'silent', 'silent');
    const observations = [...seeing([fromHome!, second!, third!], () => away), ...standby];

    expect(decideOne(healthy({ topology, observations }))).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it('a dead node is a dead node, whatever the database does', () => {
    const dead = seeing(looks('fs-a', 'refused', 'silent'), () => away);
    expect(decideOne(healthy({ topology, observations: [...dead, ...standby] }))).toMatchObject({ kind: 'change' });
  });
});

describe('SIP that falls silent when ESL has been gone for a while', () => {
  const topology = topologyOf(2, { database });
  const LOOK_MS = policy.probeIntervalMs + policy.probeTimeoutMs;
  const SIP_SINCE_MS = NOW - 20_000;
  const decided = (
    esl: 'refused' | 'silent',
    evidence: DatabaseEvidence,
    eslEarlierMs: (zone: number) => number,
  ): Decision => {
    const gone = looks('fs-a', esl, 'silent').map((each, zone) => ({
      ...each,
      eslMissingSinceMs: SIP_SINCE_MS - eslEarlierMs(zone),
      eslRefusedSinceMs: esl === 'refused' ? SIP_SINCE_MS - eslEarlierMs(zone) : null,
      sipMissingSinceMs: { main: SIP_SINCE_MS },
    }));
    return decideOne(healthy({ topology, observations: [...seeing(gone, () => evidence), ...standby] }));
  };
  const alone = (): number => LOOK_MS + 1;

  it.each(['refused', 'silent'] as const)('is the database’s failure while that is away: ESL %s', (esl) => {
    const decision = decided(esl, away, alone);

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'database-trouble', nodeId: 'fs-a' } });
    expect(decision.reasons.join(' ')).toContain('SIP of fs-a fell silent long after ESL did');
  });

  it.each(['refused', 'silent'] as const)('is a death when the database answers: ESL %s', (esl) => {
    expect(decided(esl, well, alone)).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it('is a death where no more than one look lies between: both end with the process', () => {
    expect(decided('silent', away, () => LOOK_MS)).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it('is a death unless a majority saw it so', () => {
    expect(decided('silent', away, (zone) => (zone === 0 ? alone() : 0))).toMatchObject({ kind: 'change' });
    expect(decided('silent', away, (zone) => (zone === 0 ? 0 : alone()))).toMatchObject({ kind: 'incident' });
  });
});

describe('a candidate', () => {
  const rank = (overrides: Partial<ClusterSnapshot>) => {
    const snapshot = healthy(overrides);
    const [vip] = snapshot.topology.vips;
    if (vip === undefined) throw new Error('no VIP');
    return rankCandidates(snapshot, vip, 'fs-a', NOW);
  };
  const withClock = (clockOffsetMs: number | null): Observation[] =>
    looks('fs-b', 'ok', 'standby').map((each) => ({ ...each, esl: { ...each.esl, clockOffsetMs } }));

  it('whose clock is behind is not eligible, and says so', () => {
    const [candidate] = rank({ observations: withClock(-policy.maxClockBehindMs - 1) });
    expect(candidate).toMatchObject({ eligible: false, why: expect.stringContaining('1001 ms behind') });
  });

  it.each([0, -1_000, 5_000, null])('whose clock is off by %p ms is', (offset) => {
    expect(rank({ observations: withClock(offset) })).toMatchObject([{ eligible: true }]);
  });

  it('that was taken out of service is not, however healthy it looks', () => {
    const nodes = [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { lockedBy: 'main#3' })];
    expect(rank({ nodes })).toMatchObject([{ eligible: false, why: expect.stringContaining('main#3') }]);
  });
});

describe('a crash whose host lives', () => {
  const crashed = (
    sinceMs: number,
    crashAction: 'failover' | 'restart-in-place',
    {
      heldForMs = 3_600_000,
      epoch = 2,
      ...more
    }: Partial<ClusterSnapshot> & { heldForMs?: number; epoch?: number } = {},
  ): Decision => {
    const topology = topologyOf(2, { policy: { ...policy, crashAction } });
    const seen = looks('fs-a', 'refused', 'silent', {
      eslMissingSinceMs: NOW - sinceMs,
      sipMissingSinceMs: { main: NOW - sinceMs },
    });
    const vips = [vipState({ epoch, changedAtMs: NOW - sinceMs - heldForMs })];
    return decideOne(healthy({ topology, vips, observations: [...seen, ...standby], ...more }));
  };

  it('is left to the supervisor for the time the policy gives, then the VIP moves', () => {
    expect(crashed(2_000, 'restart-in-place')).toMatchObject({ kind: 'none', well: false });
    expect(crashed(policy.restartGraceMs + 1, 'restart-in-place')).toMatchObject({
      kind: 'change',
      to: { nodeId: 'fs-b' },
    });
  });

  it('is not left to it again within a block period: who was promoted a moment ago loops', () => {
    const inPlace = 'restart-in-place';
    expect(crashed(2_000, inPlace, { heldForMs: policy.blockPeriodMs })).toMatchObject({ kind: 'none' });
    expect(crashed(2_000, inPlace, { heldForMs: policy.blockPeriodMs - 1 })).toMatchObject({
      kind: 'change',
      transition: 'failover',
    });
    expect(crashed(2_000, inPlace, { heldForMs: 60_000, epoch: 1 })).toMatchObject({ kind: 'none' });
    const nodes = [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { paused: true })];
    expect(crashed(2_000, inPlace, { heldForMs: 60_000, nodes })).toMatchObject({
      incident: { kind: 'no-candidate' },
    });
  });

  it('is not left to it where another VIP of the node has failed over: no process comes up with a locked role', () => {
    const locked = (id: string) => [
      nodeState('fs-a', { claims: ['main'], lockedBy: id === 'fs-a' ? 'second#5' : null }),
      nodeState('fs-b', { lockedBy: id === 'fs-b' ? 'second#5' : null }),
    ];

    expect(crashed(2_000, 'restart-in-place', { nodes: locked('fs-a') })).toMatchObject({ kind: 'change' });
    expect(crashed(2_000, 'restart-in-place', { nodes: locked('fs-b') })).toMatchObject({ kind: 'none' });
  });

  it('is no silence: a host that is gone has no supervisor', () => {
    const topology = topologyOf(2, { policy: { ...policy, crashAction: 'restart-in-place' } });
    for (const seen of [looks('fs-a', 'silent', 'silent'), looks('fs-a', 'ok', 'silent')]) {
      expect(decideOne(healthy({ topology, observations: [...seen, ...standby] }))).toMatchObject({ kind: 'change' });
    }
  });

  it('fails over at once by default', () => {
    expect(crashed(100, 'failover')).toMatchObject({ kind: 'change' });
  });
});

describe('VIPs that bridge into each other', () => {
  function grouped(group: string | null, maxVipsPerNode: number): ClusterSnapshot {
    const base = topologyOf(3, { policy: { ...policy, maxVipsPerNode } });
    const [main] = base.vips;
    if (main === undefined) throw new Error('no VIP');
    const nodes = base.nodes.map((node) => ({
      ...node,
      vipAddresses: { ...node.vipAddresses, second: `${node.vipAddresses['main']}1` },
    }));
    const vips = [
      { ...main, group },
      { ...main, id: 'second', group, profiles: ['external-second'] },
    ];
    const topology: Topology = { ...base, nodes, vips };
    const holder = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };
    const both = (verdict: 'standby' | 'ok'): Partial<Observation> => ({
      sip: { main: { verdict, detail: '', latencyMs: 1 }, second: { verdict, detail: '', latencyMs: 1 } },
    });
    const stuck = looks('fs-a', 'ok', 'silent').map((each) => ({
      ...each,
      sip: { ...each.sip, second: { verdict: 'ok' as const, detail: '', latencyMs: 1 } },
    }));
    return healthy({
      topology,
      vips: [vipState({ holder }), vipState({ vipId: 'second', holder })],
      nodes: [nodeState('fs-a', { claims: ['main', 'second'] }), nodeState('fs-b'), nodeState('fs-c')],
      observations: [
        ...stuck,
        ...looks('fs-b', 'ok', 'standby', both('standby')),
        ...looks('fs-c', 'ok', 'standby', both('standby')),
      ],
    });
  }

  it('leave their holder together, for one node, also where only one of them is unwell', () => {
    const decisions = decide(grouped('trunk', 2), [], NOW);
    expect(decisions).toMatchObject([
      { kind: 'change', vipId: 'main', to: { nodeId: 'fs-b' } },
      { kind: 'change', vipId: 'second', to: { nodeId: 'fs-b' }, expectedEpoch: 1 },
    ]);
  });

  describe('whose process died, where only one of them is seen dead so far', () => {
    /** ESL is refused and SIP of `main` is silent for long; SIP of `second` answered once more. */
    function died(
      second: Partial<VipState> = {},
      seenOfIt: Partial<Observation> = {},
      snapshot = grouped('trunk', 2),
    ): Decision[] {
      const observations = snapshot.observations.map((each) =>
        each.nodeId === 'fs-a'
          ? { ...look('fs-a', each.zone, 'refused', 'silent'), sip: { ...each.sip, main: sip('silent') }, ...seenOfIt }
          : each,
      );
      const vips = snapshot.vips.map((state) => (state.vipId === 'second' ? { ...state, ...second } : state));
      return decide({ ...snapshot, observations, vips }, [], NOW);
    }

    it('leave together: calls that cross them come back with audio only on one node', () => {
      expect(died()).toMatchObject([
        { kind: 'change', vipId: 'main', cause: 'suspected-death', to: { nodeId: 'fs-b' } },
        { kind: 'change', vipId: 'second', to: { nodeId: 'fs-b' }, expectedEpoch: 1 },
      ]);
    });

    it('leave together, also where answers of the other got lost before, and that is to be told', () => {
      const lossy = { sipHistory: { main: 0b1_1111, second: 0b1110_1110_1110_1110 } };

      expect(died({ paused: false }, lossy)).toMatchObject([
        { kind: 'change', vipId: 'main' },
        { kind: 'change', vipId: 'second', to: { nodeId: 'fs-b' } },
      ]);
    });

    it('leave each for its own epoch', () => {
      expect(died({ epoch: 7 })).toMatchObject([{ expectedEpoch: 1 }, { expectedEpoch: 7 }]);
    });

    it('leave without the one that is on its way already', () => {
      expect(died({ status: 'moving' })).toMatchObject([{ kind: 'change', vipId: 'main' }, { kind: 'none' }]);
    });

    it('leave without the one that another node holds, and take up no room for it', () => {
      const elsewhere = { holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } };
      const claims = { 'fs-a': ['main'], 'fs-b': [], 'fs-c': ['second'] };
      const nodes = Object.entries(claims).map(([id, each]) => nodeState(id, { claims: each }));

      expect(died(elsewhere, {}, { ...grouped('trunk', 1), nodes })).toMatchObject([
        { kind: 'change', vipId: 'main', to: { nodeId: 'fs-b' } },
        { vipId: 'second', kind: expect.not.stringMatching('change') as string },
      ]);
    });

    it.each([
      ['are of no group, and one of them is blocked', [null, null]],
      ['are of two groups, and one of them is blocked', ['trunk', 'agents']],
    ])('leave alone where they %s', (_words, groups) => {
      const snapshot = grouped('trunk', 1);
      const vips = snapshot.topology.vips.map((vip, index) => ({ ...vip, group: groups[index] ?? null }));

      const blocked = { lastAutomaticFailoverAtMs: NOW - 60_000 };

      expect(died(blocked, {}, { ...snapshot, topology: { ...snapshot.topology, vips } })).toMatchObject([
        { kind: 'change', vipId: 'main', to: { nodeId: 'fs-b' } },
        { kind: 'none', vipId: 'second' },
      ]);
    });

    it('leave without the one that a human paused', () => {
      expect(died({ paused: true })).toMatchObject([{ kind: 'change', vipId: 'main' }, { kind: 'none' }]);
    });
  });

  it('stay where they are while one of them is merely promoted again', () => {
    const snapshot = grouped('trunk', 2);
    const observations = snapshot.observations.map((each) =>
      each.nodeId === 'fs-a'
        ? { ...look('fs-a', each.zone, 'ok', 'standby'), sip: { main: sip('standby'), second: sip('ok') } }
        : each,
    );

    expect(decide({ ...snapshot, observations }, [], NOW)).toMatchObject([
      { kind: 'change', vipId: 'main', transition: 'reinstatement' },
      { kind: 'none', vipId: 'second' },
    ]);
  });

  describe('in a block period', () => {
    const failedOver = (agoMs: number, more: Partial<VipState> = {}): Partial<VipState> => ({
      lastAutomaticFailoverAtMs: NOW - agoMs,
      ...more,
    });
    const judged = (main: Partial<VipState>, second: Partial<VipState>): Decision[] => {
      const snapshot = grouped('trunk', 2);
      const [first, other] = snapshot.vips;
      if (first === undefined || other === undefined) throw new Error('no VIPs');
      return decide(
        {
          ...snapshot,
          vips: [
            { ...first, ...main },
            { ...other, ...second },
          ],
        },
        [],
        NOW,
      );
    };

    it('of any of them stay where they are, and the reason names who blocks and until when', () => {
      const [decision, follower] = judged({}, failedOver(60_000));
      expect(decision).toMatchObject({ kind: 'incident', vipId: 'main', incident: { kind: 'blocked', vipId: 'main' } });
      expect(decision?.reasons.join('; ')).toContain('second, which would move with main, failed over less than 600 s');
      expect(decision?.reasons.join('; ')).toContain(new Date(NOW + 540_000).toISOString());
      expect(decision?.reasons.join('; ')).not.toContain('main failed over');
      expect(follower).toMatchObject({ kind: 'none', vipId: 'second' });
    });

    it('of several of them wait for the last one, and all are named: a human is told once', () => {
      const [decision] = judged(failedOver(300_000), failedOver(60_000));
      expect(decision).toMatchObject({ incident: { kind: 'blocked' } });
      const words = decision?.reasons.join('; ');
      expect(words).toMatch(/main failed over .*; second, which would move with main, failed over/);
      expect(words).toContain(new Date(NOW + 540_000).toISOString());
      expect(words).not.toContain(new Date(NOW + 300_000).toISOString());
    });

    it('leave together once all were acknowledged, or the last period is over', () => {
      const acknowledged = { acknowledgedAtMs: NOW - 1_000 };
      for (const second of [failedOver(60_000, acknowledged), failedOver(600_000)]) {
        expect(judged(failedOver(60_000, acknowledged), second)).toMatchObject([
          { kind: 'change', vipId: 'main' },
          { kind: 'change', vipId: 'second' },
        ]);
      }
    });

    it.each([
      ['is paused', { paused: true }],
      ['is held by another node', { holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } }],
      ['is on its way', { status: 'moving' as const }],
    ])('of one that %s do not wait for it: it does not move with them', (_, second) => {
      const [decision, other] = judged({}, failedOver(60_000, second));

      expect(decision).not.toMatchObject({ incident: { kind: 'blocked' } });
      expect(other).not.toMatchObject({ transition: 'failover' });
    });
  });

  it('go nowhere where no node has room for all of them', () => {
    expect(decide(grouped('trunk', 1), [], NOW)).toMatchObject([
      { kind: 'incident', incident: { kind: 'no-candidate' } },
      { kind: 'none' },
    ]);
  });
});

describe('the journal of a change', () => {
  const stepsOf = (topology: Topology, seen: Observation[]): Record<string, string> => {
    const snapshot = healthy({ topology, observations: [...seen, ...standby] });
    const decision = decideOne(snapshot);
    if (decision.kind !== 'change') throw new Error(decision.reasons.join('; '));
    const { transition } = decisionWrite(decision, topology, snapshot.observations, NOW, 'observer/a');
    return Object.fromEntries(Object.entries(transition.steps).map(([name, record]) => [name, record.status]));
  };
  const restarted = ZONES.flatMap((zone) => looks('fs-a', 'ok', 'standby').filter((each) => each.zone === zone)).map(
    (each) => ({ ...each, esl: { ...each.esl, coreUuid: 'uuid-new' }, coreUuid: 'uuid-new' }),
  );

  it('has rows to fence and calls to recover where there is a database', () => {
    const steps = stepsOf(topologyOf(2, { database }), looks('fs-a', 'silent', 'silent'));
    expect(steps).toMatchObject({ lock: 'pending', recover: 'pending', ledger: 'pending', restore: 'pending' });
  });

  it('of a restarted holder recovers its own calls without locking the role it goes on with', () => {
    expect(stepsOf(topologyOf(2, { database }), restarted)).toMatchObject({
      lock: 'skipped',
      recover: 'pending',
      restore: 'skipped',
    });
  });

  it.each([
    ['takes its registrations along, locks nobody and counts no calls', database, 'pending'],
    ['without a database has nothing to take along', null, 'skipped'],
  ])('of a drained VIP %s', (_, shared, recover) => {
    const topology = topologyOf(2, { database: shared });
    const [holder, to] = ['fs-a', 'fs-b'].map((nodeId) => ({ nodeId, coreUuid: `uuid-${nodeId}` }));
    if (holder === undefined || to === undefined) throw new Error('no nodes');
    const { transition } = decisionWrite(
      {
        ...{ kind: 'change', vipId: 'main', transition: 'switchover', cause: 'operator-drained', from: holder, to },
        ...{ expectedEpoch: 1, detectedAtMs: NOW, startsBlock: false, follows: null, reasons: [] },
      },
      ...([topology, [], NOW, 'operator/eva'] as const),
    );
    expect(transition.steps).toMatchObject({
      lock: { status: 'skipped' },
      recover: { status: recover },
      ledger: { status: 'pending' },
      stop: { status: 'skipped' },
      restore: { status: 'skipped' },
    });
  });

  it('without a database skips all of that, looks at the gateways, and still brings the node back', () => {
    const steps = stepsOf(topologyOf(2), looks('fs-a', 'silent', 'silent'));
    expect(steps).toMatchObject({ lock: 'skipped', recover: 'skipped', ledger: 'pending', restore: 'pending' });
  });
});

describe('VIPs of one group whose new node dies on the way', () => {
  /** fs-b was to take both; fs-c comes before fs-d and has room for one. */
  function onTheWay(group: string | null): ClusterSnapshot {
    const base = twoVips({}, group);
    const nodes = [...base.nodes, ...base.nodes.slice(0, 1).map((node) => ({ ...node, id: 'fs-d' }))];
    const vips = base.vips.map((vip) => ({ ...vip, candidates: ['fs-a', 'fs-b', 'fs-c', 'fs-d'] }));
    const silent = { main: sip('silent'), second: sip('silent') };
    const dead = { sip: silent, sipMisses: { main: 9, second: 9 } };
    return healthyPair({
      topology: { ...base, nodes, vips },
      vips: VIPS.map((vipId) =>
        heldVip(vipId, { status: 'moving', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' }, acknowledgedAtMs: NOW }),
      ),
      nodes: [
        nodeState('fs-a', { lockedBy: 'main#4' }),
        nodeState('fs-b', { claims: [...VIPS] }),
        nodeState('fs-c', { claims: ['third'] }),
        nodeState('fs-d'),
      ],
      observations: [
        ...looks('fs-b', 'refused', 'silent', dead),
        ...seen('fs-c', 'standby'),
        ...seen('fs-d', 'standby'),
      ],
    });
  }

  function journalsOf(snapshot: ClusterSnapshot, status: 'open' | 'stuck'): Transition[] {
    return VIPS.map((vipId) => {
      const failover: Change = {
        kind: 'change',
        vipId,
        transition: 'failover',
        cause: 'conclusive-death',
        from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
        to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
        expectedEpoch: 3,
        detectedAtMs: NOW - 60_000,
        startsBlock: true,
        follows: null,
        reasons: [],
      };
      const { transition } = decisionWrite(failover, snapshot.topology, [], NOW - 60_000, 'test');
      return { ...transition, status, closedAtMs: status === 'open' ? null : NOW - 1_000 };
    });
  }

  const goTo = (snapshot: ClusterSnapshot, status: 'open' | 'stuck'): unknown[] =>
    decide(snapshot, journalsOf(snapshot, status), NOW).map((each) => (each.kind === 'change' ? each.to.nodeId : each));

  it.each(['open', 'stuck'] as const)('go on to one that has room for all of them (%s)', (status) => {
    expect(goTo(onTheWay('trunk'), status)).toEqual(['fs-d', 'fs-d']);
  });

  /** `main` is on its way to fs-b, whose SIP is silent; `seesSecond`: what it says for `second`. */
  function stuckOnTheWay(second: Partial<VipState>, seesSecond: 'ok' | 'silent' = 'ok'): ClusterSnapshot {
    const snapshot = onTheWay(null);
    const isStuck = seesSecond === 'silent';
    const stuck = seen('fs-b', 'silent', seesSecond, {
      sipMisses: { main: 30, second: isStuck ? 30 : 0 },
      sipHistory: { main: -1, second: isStuck ? -1 : 0 },
    });
    const others = snapshot.observations.filter(({ nodeId }) => nodeId !== 'fs-b');
    const vips = snapshot.vips.map((state) => (state.vipId === 'second' ? { ...state, ...second } : state));
    return { ...snapshot, vips, observations: [...others, ...stuck] };
  }

  it('and is stuck are not taken from it where it holds another one, before a human has looked', () => {
    const snapshot = stuckOnTheWay({ status: 'held' });

    expect(goTo(snapshot, 'open')[0]).toMatchObject({ incident: { kind: 'sip-stuck', nodeId: 'fs-b' } });
    expect(goTo(snapshot, 'stuck')[0]).toBe('fs-c');
  });

  it.each(['held', 'moving'] as const)(
    'and is stuck for all of them are taken from it: nobody is served there (%s)',
    (status) => {
      expect(goTo(stuckOnTheWay({ status }, 'silent'), 'open')[0]).toBe('fs-c');
    },
  );

  it('and is stuck are taken from it where it holds nothing else', () => {
    const elsewhere = { status: 'held' as const, holder: { nodeId: 'fs-d', coreUuid: 'uuid-fs-d' } };
    expect(goTo(stuckOnTheWay(elsewhere), 'open')[0]).toBe('fs-c');
  });

  it.each(['held', 'moving'] as const)(
    'and is stuck for one of them are not taken from it before a human has looked: nothing moves the other along (%s)',
    (status) => {
      const snapshot = stuckOnTheWay({ status });
      const vips = snapshot.topology.vips.map((vip) => ({ ...vip, group: 'trunk' }));
      const grouped = { ...snapshot, topology: { ...snapshot.topology, vips } };

      expect(goTo(grouped, 'open')[0]).toMatchObject({ incident: { kind: 'sip-stuck', nodeId: 'fs-b' } });
    },
  );

  it('and is dead go on each by itself: one that was held there, and is not seen dead yet, is not taken along', () => {
    const snapshot = onTheWay('trunk');
    const vips = snapshot.vips.map((state) =>
      state.vipId === 'second' ? { ...state, status: 'held' as const } : state,
    );
    const observations = snapshot.observations.map((each) =>
      each.nodeId === 'fs-b' ? { ...each, sip: { ...each.sip, second: sip('ok') } } : each,
    );

    expect(goTo({ ...snapshot, vips, observations }, 'open')).toMatchObject(['fs-d', { kind: 'none' }]);
  });

  it('and is dead for all are taken from it, also where one of them cannot tell yet', () => {
    const snapshot = onTheWay(null);
    const answering = snapshot.observations.map((each) =>
      each.nodeId === 'fs-b' ? { ...each, sip: { ...each.sip, second: sip('ok') } } : each,
    );

    expect(goTo({ ...snapshot, observations: answering }, 'open')[0]).toBe('fs-c');
  });

  it('without a group each takes the most preferred one', () => {
    expect(goTo(onTheWay(null), 'open')).toEqual(['fs-c', 'fs-c']);
  });
});
