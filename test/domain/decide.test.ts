import fc from 'fast-check';
import { decide } from '../../lib/domain/decide';
import type { Change, Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation, Transition } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { healthy, look, looks, nodeState, NOW, policy, topologyOf, vipState, ZONES } from '../support/cluster';

const standby = looks('fs-b', 'ok', 'standby');

function decideOne(snapshot: ClusterSnapshot, journals: Transition[] = []): Decision {
  const [decision] = decide(snapshot, journals, NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

function withHolderSeen(seen: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return healthy({ observations: [...seen, ...standby], ...overrides });
}

/** Silence that has lasted longer than an observer who disagrees can hold it back. */
const forLong = { eslMissingSinceMs: NOW - 6_000, sipMissingSinceMs: { main: NOW - 6_000 } };

/** The holder refused by ESL and silent on SIP, seen from these zones; the other zones see it well. */
function deadFrom(zones: readonly string[]): Observation[] {
  return ZONES.map((zone) =>
    zones.includes(zone) ? look('fs-a', zone, 'refused', 'silent') : look('fs-a', zone, 'ok', 'ok'),
  );
}

describe('a healthy cluster', () => {
  it('is left alone', () => {
    expect(decideOne(healthy())).toMatchObject({ kind: 'none', well: true });
  });

  it('is well by words that are older than one against it may be: they are written every heartbeat', () => {
    const older = looks('fs-a', 'ok', 'ok', { observedAtMs: NOW - policy.freshForMs });
    expect(decideOne(withHolderSeen(older))).toMatchObject({ kind: 'none', well: true });
  });

  it('is well where ESL does not tell the incarnation: nothing says that it is another one', () => {
    const untold = looks('fs-a', 'ok', 'ok').map((each) => ({ ...each, esl: { ...each.esl, coreUuid: null } }));
    expect(decideOne(withHolderSeen(untold))).toMatchObject({ kind: 'none', well: true });
  });

  it('learns the incarnation of a holder that was assigned before it was seen', () => {
    const snapshot = healthy({ vips: [vipState({ holder: { nodeId: 'fs-a', coreUuid: null } })] });
    expect(decideOne(snapshot)).toMatchObject({ kind: 'learn-uuid', coreUuid: 'uuid-fs-a', epoch: 1 });
  });
});

describe('the first assignment', () => {
  const unassigned = (overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
    healthy({
      vips: [vipState({ epoch: 0, holder: null, status: 'unassigned', changedAtMs: NOW - 60_000 })],
      nodes: [nodeState('fs-a'), nodeState('fs-b')],
      observations: [...looks('fs-a', 'ok', 'standby'), ...standby],
      ...overrides,
    });

  it.each([
    ['waits a minute for a more preferred node that may still boot', 59_000, { kind: 'none' }],
    ['and no longer', 61_000, { to: { nodeId: 'fs-b' } }],
  ])('%s', (_words, watchedForMs, expected) => {
    const at = NOW - watchedForMs;
    const lease = { zone: ZONES[0], owner: 'o', startedAtMs: at, renewedAtMs: NOW, untilMs: NOW, codeVersion: 'v1' };
    const booting = unassigned({
      observations: [...looks('fs-a', 'refused', 'silent'), ...standby],
      leases: [{ ...lease, topologyVersion: 'v1' }],
    });
    expect(decideOne(booting)).toMatchObject(expected);
    const paused = [nodeState('fs-a', { paused: true }), nodeState('fs-b')];
    expect(decideOne({ ...booting, nodes: paused })).toMatchObject({ to: { nodeId: 'fs-b' } });
    // One that boots is worth the wait, also where another one before it is in maintenance.
    const { vips, ...three } = topologyOf(3);
    const topology = { ...three, vips: vips.map((vip) => ({ ...vip, candidates: ['fs-c', 'fs-a', 'fs-b'] })) };
    const nodes = [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c', { paused: true })];
    expect(decideOne({ ...booting, topology, nodes })).toMatchObject(expected);
  });

  it('takes the most preferred fit node', () => {
    expect(decideOne(unassigned())).toMatchObject({
      kind: 'change',
      transition: 'assignment',
      from: null,
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      expectedEpoch: 0,
    });
  });

  it('leaves the callers of an adopted cluster on the node that carries the address', () => {
    const topology = topologyOf();
    const vips = topology.vips.map((vip) => ({ ...vip, firstHolder: 'fs-b' }));
    expect(decideOne(unassigned({ topology: { ...topology, vips } }))).toMatchObject({ to: { nodeId: 'fs-b' } });
  });

  describe('of an adopted cluster, whose address fs-b carries', () => {
    const topology = topologyOf();
    const adopted = { ...topology, vips: topology.vips.map((vip) => ({ ...vip, firstHolder: 'fs-b' })) };
    const seenAs = (...observations: Observation[]): Decision =>
      decideOne(unassigned({ topology: adopted, observations: [...looks('fs-a', 'ok', 'standby'), ...observations] }));

    it('waits for the carrier while its observers have not spoken yet', () => {
      expect(seenAs()).toMatchObject({ kind: 'none' });
      expect(seenAs(look('fs-b', 'us-east-1a', 'ok', 'ok'))).toMatchObject({ kind: 'none' });
    });

    it('takes it when it is full: its callers are there', () => {
      expect(seenAs(...looks('fs-b', 'ok', 'busy'))).toMatchObject({ to: { nodeId: 'fs-b' } });
    });

    it('and fails over to it no more than to another full node once its callers have moved on', () => {
      const vips = [vipState({ holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } })];
      const observations = [...looks('fs-a', 'refused', 'silent'), ...looks('fs-b', 'ok', 'busy')];

      expect(decideOne(healthy({ topology: adopted, vips, observations }))).toMatchObject({
        incident: { kind: 'no-candidate' },
      });
    });

    it('goes elsewhere only when a majority finds it dead', () => {
      expect(seenAs(...looks('fs-b', 'refused', 'silent'))).toMatchObject({ to: { nodeId: 'fs-a' } });
      expect(seenAs(...looks('fs-b', 'ok', 'silent'))).toMatchObject({ kind: 'none' });
    });

    it('takes the carrier when it carries more VIPs than the policy would put there: they are there already', () => {
      const nodes = [nodeState('fs-a'), nodeState('fs-b', { claims: ['other'] })];
      const observations = [...looks('fs-a', 'ok', 'standby'), ...looks('fs-b', 'ok', 'ok')];

      const decision = decideOne(unassigned({ topology: adopted, nodes, observations })) as Change;

      expect(decision).toMatchObject({ kind: 'change', to: { nodeId: 'fs-b' } });
      const maxima = (carrier: string | null): number[] => {
        const [vip] = topology.vips;
        const vips =
          vip === undefined
            ? []
            : [
                { ...vip, firstHolder: carrier },
                { ...vip, id: 'other' },
              ];
        const at = { ...topology, vips, policy: { ...policy, maxVipsPerNode: 1 } };
        return [decision, { ...decision, transition: 'failover' as const }].map(
          (change) => decisionWrite(change, at, [], NOW, 'test').maxVipsPerNode,
        );
      };
      expect(maxima('fs-b')).toEqual([2, 1]);
      expect(maxima('fs-a')).toEqual([1, 1]);
    });

    it('stays on a carrier that nobody ever saw alive: the probes may not reach it, and callers may', () => {
      const unseen = looks('fs-b', 'refused', 'silent', { coreUuid: null });

      const decision = seenAs(...unseen);

      expect(decision).toMatchObject({ kind: 'none' });
      expect(decision.reasons.join('; ')).toContain('fs-b carries its address and no majority ever saw it alive');
    });

    it('stays on a carrier that boots: whoever looked before it was up has seen no death', () => {
      const [first, ...others] = ZONES;
      const notYetUp = others.map((zone) => look('fs-b', zone, 'refused', 'silent', { coreUuid: null }));

      const decision = seenAs(look('fs-b', first, 'ok', 'ok'), ...notYetUp);

      expect(decision).toMatchObject({ kind: 'none' });
      expect(decision.reasons.join('; ')).toContain('no majority ever saw it alive');
    });

    it('leaves a carrier that nobody ever saw alive once EC2 says that it does not run', () => {
      const observations = [
        ...looks('fs-a', 'ok', 'standby'),
        ...looks('fs-b', 'silent', 'silent', { coreUuid: null }),
      ];
      const instances = [{ nodeId: 'fs-b', state: 'stopped', atMs: NOW - 5_000 }];

      expect(decideOne(unassigned({ topology: adopted, observations, instances }))).toMatchObject({
        to: { nodeId: 'fs-a' },
      });
    });
  });

  it('waits while no node is fit', () => {
    expect(decideOne(unassigned({ observations: [] }))).toMatchObject({ kind: 'none', well: false });
  });

  it.each([
    ['pages nobody while nodes may install themselves', 15 * 60_000, { kind: 'none' }],
    ['pages when a VIP has no holder for longer', 15 * 60_000 + 1, { incident: { kind: 'no-holder', vipId: 'main' } }],
  ])('%s', (_words, registeredAgoMs, expected) => {
    const vips = [vipState({ epoch: 0, holder: null, status: 'unassigned', changedAtMs: NOW - registeredAgoMs })];
    expect(decideOne(unassigned({ vips, observations: [] }))).toMatchObject(expected);
  });
});

describe('a dead holder', () => {
  it.each([
    ['killed', 'refused', 'silent', 'conclusive-death'],
    ['killed, with ICMP', 'refused', 'refused', 'conclusive-death'],
    ['frozen', 'silent', 'silent', 'suspected-death'],
    ['garbled and silent', 'malformed', 'silent', 'suspected-death'],
    ['stuck in SIP', 'ok', 'silent', 'sip-stuck'],
    ['gone after it announced its shutdown', 'stopping', 'silent', 'conclusive-death'],
  ] as const)('%s: fails over', (_name, eslVerdict, sipVerdict, cause) => {
    const decision = decideOne(withHolderSeen(looks('fs-a', eslVerdict, sipVerdict)));
    expect(decision).toMatchObject({
      kind: 'change',
      transition: 'failover',
      cause,
      from: { nodeId: 'fs-a' },
      to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
      expectedEpoch: 1,
      startsBlock: true,
    });
  });

  it('is not detected by what is said of other nodes, or by who does not agree', () => {
    const seen = [
      look('fs-a', ZONES[0], 'refused', 'silent'),
      look('fs-a', ZONES[1], 'refused', 'silent', { sipMissingSinceMs: { main: NOW - 2_500 } }),
      look('fs-a', ZONES[2], 'silent', 'ok', { eslMissingSinceMs: NOW - 600_000 }),
      ...looks('fs-c', 'silent', 'silent', { eslMissingSinceMs: NOW - 600_000 }),
    ];
    expect(decideOne(withHolderSeen(seen, { topology: topologyOf(3) }))).toMatchObject({
      kind: 'change',
      detectedAtMs: NOW - 2_500,
    });
  });

  it('is detected when the first of the agreeing observers began to miss it', () => {
    const seen = deadFrom(ZONES);
    const first = seen[0];
    if (first !== undefined) first.eslMissingSinceMs = NOW - 2_345;
    expect(decideOne(withHolderSeen(seen))).toMatchObject({ detectedAtMs: NOW - 2_345 });
  });

  it('needs a majority of the configured observers, not of those that answer', () => {
    expect(decideOne(withHolderSeen(deadFrom(['us-east-1a'])))).toMatchObject({ kind: 'none' });
    expect(decideOne(withHolderSeen(deadFrom(['us-east-1a', 'us-east-1c'])))).toMatchObject({ kind: 'change' });
    const loneVoice = [look('fs-a', 'us-east-1a', 'refused', 'silent')];
    expect(decideOne(withHolderSeen(loneVoice))).toMatchObject({ kind: 'incident', incident: { kind: 'quorum-lost' } });
  });

  it.each([
    ['2 s ahead, as two clocks may be apart', 2_000, { kind: 'change' }],
    ['further ahead is no vote', 2_001, { kind: 'none' }],
  ])('a look dated %s', (_words, aheadMs, expected) => {
    const ahead = look('fs-a', 'us-east-1a', 'refused', 'silent', { observedAtMs: NOW + aheadMs });
    const seen = [ahead, look('fs-a', 'us-east-1b', 'refused', 'silent'), look('fs-a', 'us-east-1c', 'ok', 'ok')];

    expect(decideOne(withHolderSeen(seen))).toMatchObject(expected);
  });

  it('is not judged by a clock that is behind those of all the others, which are named', () => {
    const ownZone = look('fs-a', 'us-east-1a', 'refused', 'silent');
    const others = ['us-east-1b', 'us-east-1c'].map((zone) =>
      look('fs-a', zone, 'refused', 'silent', { observedAtMs: NOW + 600_000 }),
    );

    const decision = decideOne(withHolderSeen([ownZone, ...others]));

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'quorum-lost' } });
    expect(decision.reasons).toContain(
      'us-east-1b: its last look is dated 600 s ahead: its clock is wrong, or that of whoever judges',
    );
  });

  it.each<[string, Partial<Observation>]>([
    ['blind', { blind: true, muted: true }],
    ['muted', { muted: true }],
    ['silent', {}],
  ])('tells of a lost quorum only when it lasts: observers that are %s', (_words, overrides) => {
    const since = (agoMs: number): Observation[] => {
      const at = overrides.muted === true ? { mutedSinceMs: NOW - agoMs } : { observedAtMs: NOW - agoMs };
      return looks('fs-a', 'silent', 'silent', { ...overrides, ...at });
    };
    expect(decideOne(withHolderSeen(since(60_000)))).toMatchObject({ kind: 'none' });
    expect(decideOne(withHolderSeen(since(91_000)))).toMatchObject({ incident: { kind: 'quorum-lost' } });
  });

  it('a mixture of "dead" and "SIP stuck" asks for the fence of the weaker cause', () => {
    const seen = [
      look('fs-a', 'us-east-1a', 'silent', 'silent', forLong),
      look('fs-a', 'us-east-1b', 'ok', 'silent', forLong),
      look('fs-a', 'us-east-1c', 'ok', 'ok'),
    ];
    expect(decideOne(withHolderSeen(seen))).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });
});

describe('what is not a death (DESIGN invariant 7)', () => {
  it.each([
    ['busy', 'ok', 'busy'],
    ['starting: SIP before ESL', 'refused', 'ok'],
    ['ESL silent, SIP well', 'silent', 'ok'],
    ['paused by its operator', 'paused', 'ok'],
    ['shutting down, still answering', 'stopping', 'ok'],
    ['a profile that answers nonsense', 'ok', 'malformed'],
  ] as const)('%s', (_name, eslVerdict, sipVerdict) => {
    expect(decideOne(withHolderSeen(looks('fs-a', eslVerdict, sipVerdict)))).toMatchObject({ kind: 'none' });
  });

  it('a rejected password pages and never fails over, even when SIP is silent', () => {
    const decision = decideOne(withHolderSeen(looks('fs-a', 'rejected', 'silent')));
    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'misconfigured', nodeId: 'fs-a' } });
  });

  it.each([
    ['blind', { blind: true }],
    ['muted after a clock jump', { muted: true }],
    ['too old', { observedAtMs: NOW - policy.freshForMs - 1 }],
  ])('the word of observers that are %s', (_name, overrides) => {
    const decision = decideOne(withHolderSeen(looks('fs-a', 'refused', 'silent', overrides)));
    expect(decision).toMatchObject({ kind: 'none', well: false });
  });

  it('misses that are fewer than the policy asks for', () => {
    const few = { eslMisses: 2, sipMisses: { main: 2 } };
    expect(decideOne(withHolderSeen(looks('fs-a', 'silent', 'silent', few)))).toMatchObject({ kind: 'none' });
    const fewSip = { sipMisses: { main: 3 } };
    expect(decideOne(withHolderSeen(looks('fs-a', 'ok', 'silent', fewSip)))).toMatchObject({ kind: 'none' });
  });

  it('a vote against the holder that is fresh enough to praise but too old to condemn', () => {
    const old = { observedAtMs: NOW - 3 * (policy.probeIntervalMs + policy.probeTimeoutMs) - 1 };
    expect(decideOne(withHolderSeen(looks('fs-a', 'refused', 'silent', old)))).toMatchObject({ kind: 'none' });
  });

  it('what was seen before this holder took over', () => {
    const snapshot = withHolderSeen(looks('fs-a', 'refused', 'silent'), { vips: [vipState({ changedAtMs: NOW })] });
    expect(decideOne(snapshot)).toMatchObject({ kind: 'none' });
  });
});

describe('SIP stuck while ESL is well, where the policy says `page`: it may be a slow database', () => {
  const topology = topologyOf(2, { policy: { ...policy, sipStuckAction: 'page' } });
  const stuck = looks('fs-a', 'ok', 'silent');
  const paged = { kind: 'incident', incident: { kind: 'sip-stuck', vipId: 'main', nodeId: 'fs-a', epoch: 1 } };

  it('a human is told, and nothing is torn down although a standby is fit', () => {
    const decision = decideOne(withHolderSeen(stuck, { topology }));
    expect(decision).toMatchObject(paged);
    expect(decision.reasons.join(' ')).toMatch(/seen from us-east-1a.*database.*nothing was torn down/);
  });

  it('also where one observer of the majority misses ESL: another one reaches it', () => {
    const seen = [
      look('fs-a', 'us-east-1a', 'silent', 'silent', forLong),
      look('fs-a', 'us-east-1b', 'ok', 'silent', forLong),
      look('fs-a', 'us-east-1c', 'ok', 'ok'),
    ];
    expect(decideOne(withHolderSeen(seen, { topology }))).toMatchObject(paged);
  });

  it('inside the block period too: `blocked` would promise a failover on acknowledgement', () => {
    const blocked = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000 });
    expect(decideOne(withHolderSeen(stuck, { topology, vips: [blocked] }))).toMatchObject(paged);
  });

  it('without a fit standby too: none would be used', () => {
    expect(decideOne(healthy({ topology, observations: stuck }))).toMatchObject(paged);
  });

  it('is not believed sooner than the policy says', () => {
    const few = looks('fs-a', 'ok', 'silent', { sipMisses: { main: policy.sipStuckAfterMisses - 1 } });
    expect(decideOne(withHolderSeen(few, { topology }))).toMatchObject({ kind: 'none', well: false });
  });

  it.each([
    ['killed', 'refused', 'conclusive-death'],
    ['frozen', 'silent', 'suspected-death'],
  ] as const)('a holder that was %s fails over as ever', (_name, eslVerdict, cause) => {
    const decision = decideOne(withHolderSeen(looks('fs-a', eslVerdict, 'silent'), { topology }));
    expect(decision).toMatchObject({ kind: 'change', transition: 'failover', cause });
  });
});

describe('a holder that is alive but not serving', () => {
  it('is reinstated when it runs a new process', () => {
    const seen = looks('fs-a', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-new' },
    }));
    expect(decideOne(withHolderSeen(seen))).toMatchObject({
      kind: 'change',
      transition: 'reinstatement',
      cause: 'restarted',
      to: { nodeId: 'fs-a', coreUuid: 'uuid-new' },
      startsBlock: false,
    });
  });

  it('is promoted again when its profile fell into standby', () => {
    expect(decideOne(withHolderSeen(looks('fs-a', 'ok', 'standby')))).toMatchObject({
      kind: 'change',
      transition: 'reinstatement',
      cause: 'holder-in-standby',
    });
  });

  it('is given time after its promotion: standby looks from before do not count', () => {
    const snapshot = withHolderSeen(looks('fs-a', 'ok', 'standby'), { vips: [vipState({ changedAtMs: NOW - 1_500 })] });
    expect(decideOne(snapshot)).toMatchObject({ kind: 'none' });
  });
});

describe('who may take over', () => {
  const dead = looks('fs-a', 'refused', 'silent');

  it.each([
    ['no observer sees it', [] as Observation[], {}],
    ['it is dead too', looks('fs-b', 'refused', 'silent'), {}],
    ['it is paused over ESL', looks('fs-b', 'paused', 'standby'), {}],
    ['its SIP is silent', looks('fs-b', 'ok', 'silent'), {}],
    ['it is in maintenance', standby, { nodes: [nodeState('fs-a'), nodeState('fs-b', { paused: true })] }],
    ['another VIP claims it', standby, { nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['other'] })] }],
    ['EC2 says it is stopping', standby, { instances: [{ nodeId: 'fs-b', state: 'stopping', atMs: NOW }] }],
    ['only one observer sees it fit', [look('fs-b', 'us-east-1a', 'ok', 'standby')], {}],
  ])('not when %s: nothing is torn down, a human is told why', (_name, seen, overrides) => {
    const decision = decideOne(healthy({ observations: [...dead, ...seen], ...overrides }));
    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'no-candidate', vipId: 'main', epoch: 1 } });
    expect(decision.reasons.join(' ')).toContain('fs-b is not fit');
  });

  it.each([
    ['its status checks fail: observers see it now, and those are minutes old', 'impaired'],
    ['EC2 says that it is still coming up: observers see it fit', 'pending'],
  ])('though %s', (_words, state) => {
    const instances = [{ nodeId: 'fs-b', state, atMs: NOW }];
    const decision = decideOne(healthy({ observations: [...dead, ...standby], instances }));
    expect(decision).toMatchObject({ kind: 'change', to: { nodeId: 'fs-b' } });
  });

  it('also when EC2 once said it was stopped, and a majority has seen it well for a minute since', () => {
    const instances = [{ nodeId: 'fs-b', state: 'stopped', atMs: NOW - 61_000 }];
    expect(decideOne(healthy({ observations: [...dead, ...standby], instances }))).toMatchObject({ kind: 'change' });
  });

  it('the most preferred of several', () => {
    const topology = topologyOf(3);
    const vips = topology.vips.map((vip) => ({ ...vip, candidates: ['fs-a', 'fs-c', 'fs-b'] }));
    const decision = decideOne(
      healthy({
        topology: { ...topology, vips },
        nodes: ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id)),
        observations: [...dead, ...standby, ...looks('fs-c', 'ok', 'standby')],
      }),
    );
    expect(decision).toMatchObject({ to: { nodeId: 'fs-c' } });
  });
});

describe('safety rules', () => {
  const dead = looks('fs-a', 'refused', 'silent');

  it.each([
    ['cluster', { control: { paused: true, pausedReason: 'deploy', pausedUntilMs: null, transitionsInFlight: 0 } }],
    ['VIP', { vips: [vipState({ paused: true })] }],
    ['holder', { nodes: [nodeState('fs-a', { paused: true }), nodeState('fs-b')] }],
  ])('a paused %s means no automatic action', (_name, overrides) => {
    expect(decideOne(withHolderSeen(dead, overrides))).toMatchObject({ kind: 'none' });
  });

  it('a second failover inside the block period waits for a human', () => {
    const blocked = vipState({ lastAutomaticFailoverAtMs: NOW - policy.blockPeriodMs + 1 });
    expect(decideOne(withHolderSeen(dead, { vips: [blocked] }))).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('goes ahead once it is acknowledged, or the period is over', () => {
    const acknowledged = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000, acknowledgedAtMs: NOW - 500 });
    const over = vipState({ lastAutomaticFailoverAtMs: NOW - policy.blockPeriodMs });
    expect(decideOne(withHolderSeen(dead, { vips: [acknowledged] }))).toMatchObject({ kind: 'change' });
    expect(decideOne(withHolderSeen(dead, { vips: [over] }))).toMatchObject({ kind: 'change' });
  });

  it('an acknowledgement of an earlier failover does not lift the block of a later one', () => {
    const stale = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000, acknowledgedAtMs: NOW - 2_000 });
    expect(decideOne(withHolderSeen(dead, { vips: [stale] }))).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('reinstatement is exempt from the block', () => {
    const seen = looks('fs-a', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-new' },
    }));
    const blocked = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000 });
    expect(decideOne(withHolderSeen(seen, { vips: [blocked] }))).toMatchObject({ transition: 'reinstatement' });
  });
});

describe('retargeting: the candidate dies in the middle', () => {
  const topology = topologyOf(3);
  const nodes = ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id));
  const moving = vipState({ epoch: 2, status: 'moving', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });
  const observations = [
    ...looks('fs-a', 'refused', 'silent'),
    ...looks('fs-b', 'refused', 'silent'),
    ...looks('fs-c', 'ok', 'standby'),
  ];

  function journal(retargets = 0): Transition {
    const first = decide(withHolderSeen(looks('fs-a', 'refused', 'silent')), [], NOW - 1_000)[0];
    if (first?.kind !== 'change') throw new Error('the first failover was not decided');
    const { transition } = decisionWrite(first, topology, [], NOW - 1_000, 'test');
    return { ...transition, chain: { rootEpoch: 2, retargets } };
  }
  const snapshot = healthy({ topology, nodes, vips: [moving], observations });

  it('takes the next candidate in the same chain, without a second block', () => {
    expect(decideOne(snapshot, [journal()])).toMatchObject({
      kind: 'change',
      transition: 'failover',
      cause: 'candidate-died',
      from: { nodeId: 'fs-b' },
      to: { nodeId: 'fs-c' },
      expectedEpoch: 2,
      startsBlock: false,
      follows: { id: 'main#2' },
    });
  });

  it('goes on inside the block period that its own chain started', () => {
    const vips = [{ ...moving, lastAutomaticFailoverAtMs: NOW - 1_000 }];

    expect(decideOne({ ...snapshot, vips }, [journal()])).toMatchObject({ kind: 'change', to: { nodeId: 'fs-c' } });
  });

  it.each<[string, Partial<Transition>]>([
    ['of another VIP', { vipId: 'other' }],
    ['of another epoch', { epoch: 1 }],
  ])('does nothing with a journal %s', (_words, of) => {
    expect(decideOne(snapshot, [{ ...journal(), ...of }])).toMatchObject({ kind: 'none' });
  });

  describe('of a target that came back as another FreeSWITCH', () => {
    const restarted = looks('fs-b', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-again' },
    }));

    it('takes the next candidate', () => {
      const seen = [...restarted, ...looks('fs-c', 'ok', 'standby')];

      expect(decideOne({ ...snapshot, observations: seen }, [journal()])).toMatchObject({
        kind: 'change',
        cause: 'candidate-died',
        to: { nodeId: 'fs-c' },
      });
    });

    it('takes it again, as it is now, where there is no other', () => {
      const seen = [...restarted, ...looks('fs-c', 'refused', 'silent')];

      expect(decideOne({ ...snapshot, observations: seen }, [journal()])).toMatchObject({
        kind: 'change',
        to: { nodeId: 'fs-b', coreUuid: 'uuid-again' },
      });
    });
  });

  it('goes nowhere where the target died and no other node is fit', () => {
    const seen = [...looks('fs-b', 'refused', 'silent'), ...looks('fs-c', 'refused', 'silent')];

    expect(decideOne({ ...snapshot, observations: seen }, [journal()])).toMatchObject({
      incident: { kind: 'no-candidate' },
    });
  });

  it('leaves a living target alone, whatever its SIP says on the way', () => {
    const alive = [
      ...looks('fs-a', 'refused', 'silent'),
      ...looks('fs-b', 'ok', 'standby'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    expect(decideOne({ ...snapshot, observations: alive }, [journal()])).toMatchObject({ kind: 'none' });
  });

  it('of a reinstatement onto another node is a failover: counted, and blocked like any other', () => {
    const reinstatement: Transition = { ...journal(), kind: 'reinstatement' };
    expect(decideOne(snapshot, [reinstatement])).toMatchObject({ transition: 'failover', startsBlock: true });
    const blocked = { ...snapshot, vips: [{ ...moving, lastAutomaticFailoverAtMs: NOW - 1_000 }] };
    expect(decideOne(blocked, [reinstatement])).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('pages only, where the policy says so of a target whose SIP is stuck while ESL answers', () => {
    const stuck = [
      ...looks('fs-a', 'refused', 'silent'),
      ...looks('fs-b', 'ok', 'silent'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    const paging = { ...topology, policy: { ...policy, sipStuckAction: 'page' as const } };
    expect(decideOne({ ...snapshot, observations: stuck }, [journal()])).toMatchObject({ kind: 'change' });
    const decision = decideOne({ ...snapshot, topology: paging, observations: stuck }, [journal()]);
    expect(decision).toMatchObject({ incident: { kind: 'sip-stuck', nodeId: 'fs-b' } });
  });

  it('has a bound', () => {
    expect(decideOne(snapshot, [journal(policy.maxRetargets)])).toMatchObject({
      incident: { kind: 'retargets-exhausted' },
    });
  });

  it('does nothing without the journal it would replace', () => {
    expect(decideOne(snapshot, [])).toMatchObject({ kind: 'none' });
  });

  it('a stuck transition waits for its acknowledgement, then starts anew', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    expect(decideOne(snapshot, [stuck])).toMatchObject({ kind: 'none' });
    const acknowledged = { ...snapshot, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };
    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      kind: 'change',
      to: { nodeId: 'fs-c' },
      follows: { id: 'main#2', status: 'stuck' },
    });
  });

  it.each([
    ['while it was still tried, after its page: that counts', NOW - 60_000, 'change'],
    ['before it was decided: that was of another one', NOW - 700_000, 'none'],
  ])('a stuck transition that was acknowledged %s', (_words, acknowledgedAtMs, kind) => {
    const stuck: Transition = { ...journal(), status: 'stuck', decidedAtMs: NOW - 601_000, closedAtMs: NOW - 500 };

    expect(decideOne({ ...snapshot, vips: [{ ...moving, acknowledgedAtMs }] }, [stuck])).toMatchObject({ kind });
  });

  it('whose target died leaves that one, and the old holder may take it back that was restored meanwhile', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    const restored = [...looks('fs-a', 'ok', 'standby'), ...looks('fs-b', 'silent', 'silent')];
    const acknowledged = { ...snapshot, observations: restored, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };
    const lockedOut = { ...acknowledged, nodes: [nodeState('fs-a', { lockedBy: 'main#2' }), nodeState('fs-b')] };

    expect(decideOne(lockedOut, [stuck])).toMatchObject({ incident: { kind: 'no-candidate' } });
    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      cause: 'candidate-died',
      from: { nodeId: 'fs-b' },
      to: { nodeId: 'fs-a' },
    });
  });

  it('does not go back to the node that it left, fit as that may be', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    const seen = [
      ...looks('fs-a', 'ok', 'standby'),
      ...looks('fs-b', 'rejected', 'standby'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    const acknowledged = { ...snapshot, observations: seen, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

    expect(decideOne(acknowledged, [stuck])).toMatchObject({ from: { nodeId: 'fs-a' }, to: { nodeId: 'fs-c' } });
  });

  it('that was to be a first assignment starts anew as one: there is no old holder', () => {
    const stuck: Transition = {
      ...journal(),
      ...{ kind: 'assignment', cause: 'first-assignment', from: null, status: 'stuck', closedAtMs: NOW - 500 },
    };
    const seen = [...looks('fs-b', 'rejected', 'standby'), ...looks('fs-c', 'ok', 'standby')];
    const acknowledged = { ...snapshot, observations: seen, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      ...{ transition: 'assignment', cause: 'first-assignment', from: null, to: { nodeId: 'fs-c' } },
    });
  });

  it('stays where it is served already, whatever kept it from coming to its end', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    const served = [
      ...looks('fs-a', 'refused', 'silent'),
      ...looks('fs-b', 'ok', 'busy'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    const acknowledged = { ...snapshot, observations: served, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      cause: 'operator',
      from: { nodeId: 'fs-a' },
      to: { nodeId: 'fs-b' },
    });
  });

  it.each([
    ['operator-drained', 'operator-drained'],
    ['operator', 'operator'],
    ['conclusive-death', 'operator'],
  ] as const)('one whose cause was %s starts anew as %s: a drained VIP’s old node is never ended', (cause, next) => {
    const stuck: Transition = { ...journal(), cause, status: 'stuck', closedAtMs: NOW - 500 };
    const unfit = [...looks('fs-b', 'rejected', 'standby'), ...looks('fs-c', 'ok', 'standby')];
    const acknowledged = { ...snapshot, observations: unfit, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };
    expect(decideOne(acknowledged, [stuck])).toMatchObject({ kind: 'change', cause: next });
  });
});

describe('a stuck reinstatement that a human acknowledged', () => {
  const topology = topologyOf(2);
  const vip = vipState({ epoch: 2, status: 'moving', changedAtMs: NOW - 900_000, acknowledgedAtMs: NOW - 100 });
  const standbyOnly = looks('fs-b', 'ok', 'standby');

  function stuck(oldCoreUuid: string | null): Transition {
    const reinstatement: Change = {
      kind: 'change',
      vipId: 'main',
      transition: 'reinstatement',
      cause: 'restarted',
      from: { nodeId: 'fs-a', coreUuid: oldCoreUuid },
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      expectedEpoch: 1,
      detectedAtMs: NOW - 900_000,
      startsBlock: false,
      follows: null,
      reasons: [],
    };
    const { transition } = decisionWrite(reinstatement, topology, [], NOW - 900_000, 'test');
    return { ...transition, status: 'stuck', closedAtMs: NOW - 300_000 };
  }
  const acknowledged = (seen: Observation[], other = standbyOnly): ClusterSnapshot =>
    healthy({ topology, vips: [vip], observations: [...seen, ...other] });

  it.each([
    ['serves again', 'ok', 'ok'],
    ['is in standby again', 'ok', 'standby'],
    ['serves and is full', 'ok', 'busy'],
  ] as const)('stays on its node when that %s, also where a standby is fit', (_, esl, sip) => {
    const decision = decideOne(acknowledged(looks('fs-a', esl, sip)), [stuck('uuid-before')]);

    expect(decision).toMatchObject({
      transition: 'reinstatement',
      cause: 'restarted',
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      startsBlock: false,
    });
  });

  it('comes back to its node where no other one is left', () => {
    const seen = acknowledged(looks('fs-a', 'ok', 'standby'), looks('fs-b', 'refused', 'silent'));

    expect(decideOne(seen, [stuck('uuid-before')])).toMatchObject({ kind: 'change', to: { nodeId: 'fs-a' } });
  });

  it('takes no calls from a process that has them still', () => {
    for (const old of ['uuid-fs-a', null]) {
      const decision = decideOne(acknowledged(looks('fs-a', 'ok', 'standby')), [stuck(old)]);

      expect(decision).toMatchObject({ transition: 'reinstatement', cause: 'holder-in-standby' });
    }
  });

  it('goes to another node, as a failover, when its own is not fit', () => {
    const decision = decideOne(acknowledged(looks('fs-a', 'refused', 'silent')), [stuck('uuid-before')]);

    expect(decision).toMatchObject({ transition: 'failover', startsBlock: true, to: { nodeId: 'fs-b' } });
  });
});

describe('properties of the judgement', () => {
  const eslVerdicts = fc.constantFrom('ok', 'paused', 'stopping', 'refused', 'silent', 'rejected', 'malformed');
  const sipVerdicts = fc.constantFrom('ok', 'busy', 'standby', 'refused', 'silent', 'malformed');
  const anyLook = (nodeId: string, zone: string): fc.Arbitrary<Observation> =>
    fc
      .record({
        e: eslVerdicts,
        s: sipVerdicts,
        blind: fc.boolean(),
        muted: fc.boolean(),
        ageMs: fc.integer({ min: 0, max: 20_000 }),
      })
      .map(({ e, s, blind, muted, ageMs }) => look(nodeId, zone, e, s, { blind, muted, observedAtMs: NOW - ageMs }));
  const anyCluster = fc
    .tuple(...['fs-a', 'fs-b'].flatMap((node) => ZONES.map((zone) => anyLook(node, zone))))
    .map((observations) => healthy({ observations }));

  it('no failover without two fresh, seeing, awake observers that miss the holder, and two that see the standby fit', () => {
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        const decision = decideOne(snapshot);
        if (decision.kind !== 'change' || decision.transition !== 'failover') return;
        const counts = snapshot.observations.filter(
          (each) => !each.blind && !each.muted && NOW - each.observedAtMs <= 12_000,
        );
        const against = counts.filter(
          (each) => each.nodeId === 'fs-a' && !['ok', 'busy', 'standby'].includes(each.sip.main?.verdict ?? ''),
        );
        const fit = counts.filter(
          (each) =>
            each.nodeId === 'fs-b' &&
            each.esl.verdict === 'ok' &&
            ['ok', 'standby'].includes(each.sip.main?.verdict ?? ''),
        );
        expect(against.length).toBeGreaterThanOrEqual(2);
        expect(fit.length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same for the same input, whatever the order of the observations', () => {
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        const reversed = { ...snapshot, observations: [...snapshot.observations].reverse() };
        const { reasons: _a, ...one } = decideOne(snapshot);
        const { reasons: _b, ...other } = decideOne(reversed);
        if (one.kind === 'incident' && other.kind === 'incident') expect(other.incident.kind).toBe(one.incident.kind);
        else expect(other).toEqual(one);
      }),
    );
  });
});
