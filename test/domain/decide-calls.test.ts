/** What the shared database, the clocks, groups and the supervisor on the node change in the judgement. */
import { rankCandidates } from '../../lib/domain/candidates';
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, DatabaseEvidence, Observation, Topology } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { healthy, looks, nodeState, NOW, policy, topologyOf, vipState, ZONES } from '../support/cluster';

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

  it('a dead node is a dead node, whatever the database does', () => {
    const dead = seeing(looks('fs-a', 'refused', 'silent'), () => away);
    expect(decideOne(healthy({ topology, observations: [...dead, ...standby] }))).toMatchObject({ kind: 'change' });
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
  const crashed = (sinceMs: number, crashAction: 'failover' | 'restart-in-place'): Decision => {
    const topology = topologyOf(2, { policy: { ...policy, crashAction } });
    const seen = looks('fs-a', 'refused', 'silent', {
      eslMissingSinceMs: NOW - sinceMs,
      sipMissingSinceMs: { main: NOW - sinceMs },
    });
    return decideOne(healthy({ topology, observations: [...seen, ...standby] }));
  };

  it('is left to the supervisor for the time the policy gives, then the VIP moves', () => {
    expect(crashed(2_000, 'restart-in-place')).toMatchObject({ kind: 'none', well: false });
    expect(crashed(policy.restartGraceMs + 1, 'restart-in-place')).toMatchObject({
      kind: 'change',
      to: { nodeId: 'fs-b' },
    });
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

  it('without a group go their own ways', () => {
    expect(decide(grouped(null, 2), [], NOW)).toMatchObject([{ kind: 'change' }, { kind: 'none' }]);
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

  it('without a database skips all of that, and still brings the node back', () => {
    const steps = stepsOf(topologyOf(2), looks('fs-a', 'silent', 'silent'));
    expect(steps).toMatchObject({ lock: 'skipped', recover: 'skipped', ledger: 'skipped', restore: 'pending' });
  });
});
