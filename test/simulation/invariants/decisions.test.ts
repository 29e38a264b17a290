import type { Observation, Transition } from '../../../lib/domain/model';
import { DECISION_INVARIANTS } from '../../../lib/simulation/invariants/decisions';
import type { Made } from '../../../lib/simulation/invariants/made';
import { whyTooSoon } from '../../../lib/simulation/invariants/silence';
import { EPOCH_MS } from '../../../lib/simulation/kernel/kernel';
import type { World } from '../../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from '../scenarios';
import { SETTLED_MS, VIP, controlOf, failingOver, named, nodeOf, present, vipOf } from './stage';

const leftAgo = (
  { transition: { decidedAtMs } }: Made,
  minutes: readonly number[],
  vipId = VIP,
  nodeId = 'fs-1',
): Made['failovers'] =>
  minutes.map((each) => ({ vipId, nodeId, agoMs: each * MINUTE_MS, decidedAtMs: decidedAtMs - each * MINUTE_MS }));

describe('invariants of a decision', () => {
  /** The failover that was just decided, and the VIP before it. */
  async function decided(change: Partial<Transition> = {}): Promise<{ world: World; made: Made }> {
    const world = await failingOver();
    const transition = { ...present(world.table.transitions.get('vip-1#2')), ...change };
    const before = { ...vipOf(world), epoch: 1, holder: transition.from, lastAutomaticFailoverAtMs: null };
    return { world, made: { transition, before, failovers: [] } };
  }
  const told = (beginning: string, { world, made }: { world: World; made: Made }): string | null =>
    named(DECISION_INVARIANTS, beginning).broken(made, world);

  it('hold of a right one', async () => {
    const { world, made } = await decided();

    expect(DECISION_INVARIANTS.flatMap(({ broken }) => broken(made, world) ?? [])).toEqual([]);
  });

  it.each([
    ['stale', { observedAtMs: EPOCH_MS }],
    ['older than three looks', { observedAtMs: EPOCH_MS + SETTLED_MS - 6_500 }],
    ['dated ahead', { observedAtMs: EPOCH_MS + SETTLED_MS + MINUTE_MS }],
    ['blind', { blind: true }],
    ['muted', { muted: true }],
  ])('tell of one made from observations that are %s', async (_words, wrong) => {
    const stage = await decided();
    for (const zone of ['us-east-1a', 'us-east-1b']) {
      Object.assign(present(stage.world.table.observations.get(`fs-1#${zone}`)), wrong);
    }

    expect(told('2. a decision', stage)).toMatch(/^vip-1#2 \(conclusive-death\): [01] of 2 votes$/);
  });

  it.each([
    ['another process', 'fs-1:2', null],
    ['the same process', 'fs-1:1', 'vip-1#2 (candidate-died): 0 of 2 votes'],
    ['nobody knows which process', null, 'vip-1#2 (candidate-died): 0 of 2 votes'],
  ])('ask whether the node that was to take over is well: it answers as %s', async (_words, coreUuid, expected) => {
    const { world, made } = await decided({ cause: 'candidate-died', from: { nodeId: 'fs-1', coreUuid: 'fs-1:1' } });
    world.looksBefore.clear();
    for (const zone of present(world.topology).observers) {
      const seen = present(world.table.observations.get(`fs-1#${zone}`));
      const sip = { [VIP]: { ...present(seen.sip[VIP]), verdict: 'ok' } };
      Object.assign(seen, { esl: { ...seen.esl, verdict: 'ok', coreUuid }, sip });
    }

    expect(told('2. a decision', { world, made })).toBe(expected);
  });

  it.each<[string, Partial<Observation['esl']>, number | null, boolean]>([
    ['is paused', { verdict: 'paused', coreUuid: 'fs-1:1' }, null, true],
    ['rejects us', { verdict: 'rejected', coreUuid: null }, null, true],
    ['has not answered its event socket for long', { verdict: 'silent', coreUuid: null }, 5_000, true],
    ['has not for a moment', { verdict: 'silent', coreUuid: null }, 4_999, false],
  ])('let a node be left that was to take over and %s, or do not', async (_words, esl, silentForMs, expected) => {
    const { world, made } = await decided({ cause: 'candidate-died', from: { nodeId: 'fs-1', coreUuid: 'fs-1:1' } });
    world.looksBefore.clear();
    for (const zone of present(world.topology).observers) {
      const seen = present(world.table.observations.get(`fs-1#${zone}`));
      const eslMissingSinceMs = silentForMs === null ? null : seen.observedAtMs - silentForMs;
      const sip = { [VIP]: { ...present(seen.sip[VIP]), verdict: 'standby' } };
      Object.assign(seen, { esl: { ...seen.esl, ...esl }, eslMissingSinceMs, sip });
    }

    expect(told('2. a decision', { world, made }) === null).toBe(expected);
  });

  it.each<[string, (seen: Observation) => Partial<Observation>]>([
    ['ESL was refused long before SIP fell silent', () => ({ eslRefusedSinceMs: EPOCH_MS })],
    ['SIP was silent long before ESL was refused', () => ({ sipMissingSinceMs: { [VIP]: EPOCH_MS } })],
    ['nobody knows since when', () => ({ eslRefusedSinceMs: null })],
    [
      'another VIP is answered there',
      ({ sip }) => ({ sip: { ...sip, 'vip-2': { ...present(sip[VIP]), verdict: 'ok' } } }),
    ],
    ['FreeSWITCH waits for its last call', ({ esl }) => ({ esl: { ...esl, verdict: 'stopping', coreUuid: 'it' } })],
    ['ESL is merely silent', ({ esl }) => ({ esl: { ...esl, verdict: 'silent' } })],
  ])('tell of a death that is none to two observers: %s', async (_words, wrong) => {
    const { world, made } = await decided();
    expect(whyTooSoon(made, world)).toBeNull();

    for (const zone of ['us-east-1a', 'us-east-1b']) {
      const seen = present(world.table.observations.get(`fs-1#${zone}`));
      world.looksBefore.delete(`fs-1#${zone}`);
      Object.assign(seen, wrong(seen));
    }

    expect(whyTooSoon(made, world)).toBe('vip-1#2 (conclusive-death): 1 of 2 saw both signals go together');
  });

  describe('from silence', () => {
    const [FIRST, SECOND, THIRD] = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;

    /** The moment in which a freeze, or a stuck stack, has been found by all three observers. */
    async function found(kind: 'freeze' | 'sip-stuck'): Promise<{ world: World; made: Made }> {
      const fault = { kind, nodeId: 'fs-1', forMs: 25_000 };
      const world = await worldAfter(SETTLED_MS + 1_000, pair(), [{ atMs: SETTLED_MS, fault }]);
      const isDecided = (): boolean => world.table.transitions.has('vip-1#2');
      await world.kernel.run(SETTLED_MS + 10_000, () => undefined, isDecided);
      const transition = present(world.table.transitions.get('vip-1#2'));
      const before = { ...vipOf(world), epoch: 1, holder: transition.from, changedAtMs: EPOCH_MS + 10_000 };
      return { world, made: { transition, before, failovers: [] } };
    }
    const lookOf = ({ world }: { world: World }, zone: string) => {
      world.looksBefore.delete(`fs-1#${zone}`);
      return present(world.table.observations.get(`fs-1#${zone}`));
    };

    it.each([
      ['freeze', 'suspected-death'],
      ['sip-stuck', 'sip-stuck'],
    ] as const)('hold of a %s that everybody missed often enough', async (kind, cause) => {
      const { made, world } = await found(kind);

      expect([made.transition.cause, whyTooSoon(made, world)]).toEqual([cause, null]);
    });

    it.each(['freeze', 'sip-stuck'] as const)(
      'tell of a %s that two observers missed once too seldom',
      async (kind) => {
        const stage = await found(kind);
        for (const zone of [FIRST, SECOND]) {
          const seen = lookOf(stage, zone);
          seen.sipHistory = { [VIP]: 0b1111 };
        }

        expect(whyTooSoon(stage.made, stage.world)).toMatch(/1 of 2 missed it often enough$/);
      },
    );

    it.each(['freeze', 'sip-stuck'] as const)('tell of a %s that one does not see and that is young', async (kind) => {
      const stage = await found(kind);
      const seen = lookOf(stage, THIRD);
      seen.sip = { [VIP]: { verdict: 'ok', detail: 'answers', latencyMs: 1 } };
      expect(whyTooSoon(stage.made, stage.world)).toMatch(/0 of 2 have known it for dissentHold/);

      const longAgoMs = EPOCH_MS + 20_000;
      for (const zone of [FIRST, SECOND]) {
        Object.assign(lookOf(stage, zone), { eslMissingSinceMs: longAgoMs, sipMissingSinceMs: { [VIP]: longAgoMs } });
      }

      expect(whyTooSoon(stage.made, stage.world)).toBeNull();
    });

    it('let a VIP move for the sake of another that its node holds, and of none that it does not', async () => {
      const stage = await found('sip-stuck');
      const { table } = stage.world;
      for (const zone of [FIRST, SECOND, THIRD]) {
        const seen = lookOf(stage, zone);
        seen.sip = { [VIP]: { verdict: 'ok', detail: 'answers', latencyMs: 1 }, 'vip-2': present(seen.sip[VIP]) };
        seen.sipHistory = { 'vip-2': seen.sipHistory[VIP] ?? 0 };
      }
      const second = { ...vipOf(stage.world), vipId: 'vip-2', epoch: 1 };
      table.vips.set('vip-2', { ...second, holder: { nodeId: 'fs-2', coreUuid: null } });
      expect(whyTooSoon(stage.made, stage.world)).toMatch(/0 of 2 missed it often enough$/);

      table.vips.set('vip-2', { ...second, holder: stage.made.before.holder });

      expect(whyTooSoon(stage.made, stage.world)).toBeNull();
    });

    it('ask for as many misses as of a stuck stack, where ESL was refused before', async () => {
      const stage = await found('freeze');
      const { suspectAfterMisses, sipStuckAfterMisses } = present(stage.world.table.topology).policy;
      const missed = (times: number): string | null => {
        for (const zone of [FIRST, SECOND, THIRD]) {
          const seen = lookOf(stage, zone);
          seen.esl = { ...seen.esl, verdict: 'refused' };
          Object.assign(seen, { eslHistory: 2 ** 20 - 1, eslRefusedSinceMs: EPOCH_MS });
          seen.sipHistory = { [VIP]: 2 ** times - 1 };
        }
        return whyTooSoon(stage.made, stage.world);
      };

      expect(missed(suspectAfterMisses)).toMatch(/0 of 2 missed it often enough$/);
      expect(missed(sipStuckAfterMisses)).toBeNull();
    });

    it('ask for as many misses as of a stuck stack, where ESL answers', async () => {
      const stage = await found('sip-stuck');
      const { suspectAfterMisses, sipStuckAfterMisses } = present(stage.world.table.topology).policy;
      const missed = (times: number): string | null => {
        for (const zone of [FIRST, SECOND, THIRD]) lookOf(stage, zone).sipHistory = { [VIP]: 2 ** times - 1 };
        return whyTooSoon(stage.made, stage.world);
      };

      expect(missed(suspectAfterMisses)).toMatch(/0 of 2 missed it often enough$/);
      expect(missed(sipStuckAfterMisses)).toBeNull();
    });

    it('count misses among so many looks as the policy remembers', async () => {
      const stage = await found('freeze');
      const topology = present(stage.world.table.topology);
      for (const zone of [FIRST, SECOND]) {
        Object.assign(lookOf(stage, zone), { eslHistory: 0b1101111, sipHistory: { [VIP]: 0b1101111 } });
      }
      const toldWith = (missSlack: number): string | null => {
        stage.world.table.topology = { ...topology, policy: { ...topology.policy, missSlack } };
        return whyTooSoon(stage.made, stage.world);
      };

      expect(toldWith(1)).toBeNull();
      expect(toldWith(0)).toMatch(/1 of 2 missed it often enough$/);
    });
  });

  it('tell of a stuck SIP stack that was a slow database', async () => {
    const stage = await decided({ cause: 'sip-stuck' });
    stage.world.switchOf('fs-1').startProcess();
    stage.world.setDatabase('slow');
    expect(told('7.', stage)).toBeNull();

    // A second until it is asked, half a one until it has not answered, and the look in which that is told.
    await stage.world.kernel.run(stage.world.kernel.nowMs + 1_500, () => undefined);
    expect(told('7.', stage)).toBeNull();
    await stage.world.kernel.run(stage.world.kernel.nowMs + 3_000, () => undefined);

    // Of adopted nodes, whose SIP waits: that it is silent proves nothing.
    stage.world.switchOf('fs-1').answersSip = () => 'silent';
    expect(told('7.', stage)).toBe('vip-1#2: SIP of fs-1 was silent because of the database');

    stage.world.switchOf('fs-1').stickSip();
    expect(told('7.', stage)).toBeNull();
  });

  it.each([
    ['the cluster', ({ world }: { world: World; made: Made }) => controlOf(world)],
    ['the VIP', ({ made }: { world: World; made: Made }) => made.before],
    ['fs-2', ({ world }: { world: World; made: Made }) => nodeOf(world, 'fs-2')],
    ['its holder fs-1', ({ world }: { world: World; made: Made }) => nodeOf(world, 'fs-1')],
  ])('tell of one made while %s is paused, and of none after its window', async (words, itemOf) => {
    const stage = await decided();
    const paused = itemOf(stage);

    Object.assign(paused, { paused: true, pausedUntilMs: null });
    expect(told('8. paused', stage)).toBe(`vip-1#2: ${words} is paused`);

    Object.assign(paused, { pausedUntilMs: stage.made.transition.decidedAtMs });
    expect(told('8. paused', stage)).toBeNull();
  });

  it('let an operator move a VIP from a holder that is paused', async () => {
    const stage = await decided({ cause: 'operator' });
    nodeOf(stage.world, 'fs-1').paused = true;

    expect(told('8. paused', stage)).toBeNull();
  });

  it('tell of a second failover in a block period, unless the first is acknowledged', async () => {
    const stage = await decided();
    const { made } = stage;
    expect(stage.world.topology?.policy.blockPeriodMs).toBe(10 * MINUTE_MS);
    made.failovers = leftAgo(made, [9.99]);
    expect(told('8. at most one', stage)).toBe('vip-1#2: 599400 ms after the one before');

    made.before.acknowledgedAtMs = made.transition.decidedAtMs - 1_000;
    expect(told('8. at most one', stage)).toBeNull();

    made.before.acknowledgedAtMs = null;
    made.failovers = [...leftAgo(made, [10]), ...leftAgo(made, [1], 'vip-2')];
    expect(told('8. at most one', stage)).toBeNull();

    made.failovers = leftAgo(made, [1]).map((each) => ({ ...each, agoMs: 60 * MINUTE_MS }));
    expect(told('8. at most one', stage)).toBeNull();

    made.failovers = leftAgo(made, [60]).map((each) => ({ ...each, agoMs: 9.1 * MINUTE_MS }));
    expect(told('8. at most one', stage)).toBeNull();

    made.failovers = leftAgo(made, [60]).map((each) => ({ ...each, agoMs: 8.9 * MINUTE_MS }));
    expect(told('8. at most one', stage)).toBe('vip-1#2: 594000 ms after the one before');
  });

  it.each<[string, Partial<Transition>, Partial<Transition>, boolean]>([
    ['that went on to another node', { chain: { rootEpoch: 1, retargets: 1 } }, { kind: 'failover' }, false],
    ['that a reinstatement became', { chain: { rootEpoch: 1, retargets: 1 } }, { kind: 'reinstatement' }, true],
    ['that an operator began', { kind: 'switchover' }, { kind: 'failover' }, false],
  ])('count one failover a chain: one %s', async (_words, change, earlier, counts) => {
    const stage = await decided(change);
    stage.world.table.transitions.set('vip-1#1', { ...stage.made.transition, id: 'vip-1#1', ...earlier });
    stage.made.failovers = leftAgo(stage.made, [1]);

    expect(told('8. at most one', stage) === null).toBe(!counts);
  });

  it('tell of one failover more than its window allows, unless those before are acknowledged', async () => {
    const stage = await decided();
    const { made } = stage;
    expect(stage.world.topology?.policy.maxFailoversPerWindow).toBe(3);
    made.failovers = leftAgo(made, [11, 22]);
    expect(told('8. at most maxFailovers', stage)).toBeNull();

    made.failovers = leftAgo(made, [11, 22, 33]);
    expect(told('8. at most maxFailovers', stage)).toBe('vip-1#2: number 4 within 3600000 ms, and 3 are allowed');

    made.before.acknowledgedAtMs = made.transition.decidedAtMs - 30 * MINUTE_MS;
    expect(told('8. at most maxFailovers', stage)).toBeNull();
  });

  it('count the failovers of all VIPs, and those of one zone within a minute as one', async () => {
    const stage = await decided();
    const { made, world } = stage;
    made.failovers = [...leftAgo(made, [11]), ...leftAgo(made, [22, 33], 'vip-2', 'fs-2')];
    expect(told('8. at most maxFailovers', stage)).toMatch(/number 4 within/);

    made.failovers = [...leftAgo(made, [11, 22]), ...leftAgo(made, [11.9], 'vip-2')];
    expect(told('8. at most maxFailovers', stage)).toBeNull();
    made.failovers = [...leftAgo(made, [11, 22]), ...leftAgo(made, [11.9], 'vip-2', 'fs-2')];
    expect(told('8. at most maxFailovers', stage)).toMatch(/number 4 within/);

    world.table.vips.set('vip-2', { ...vipOf(world), vipId: 'vip-2', acknowledgedAtMs: made.transition.decidedAtMs });
    expect(told('8. at most maxFailovers', stage)).toBeNull();
  });

  it.each([
    ['dead', { esl: { verdict: 'refused' } }],
    ['silent for callers', { sip: { [VIP]: { verdict: 'silent' } } }],
    ['out of sight', { observedAtMs: EPOCH_MS }],
    ['blindly', { blind: true }],
  ])('tell of a candidate that a majority sees %s', async (_words, wrong) => {
    const stage = await decided();
    for (const zone of ['us-east-1a', 'us-east-1b']) {
      Object.assign(present(stage.world.table.observations.get(`fs-2#${zone}`)), wrong);
      stage.world.looksBefore.delete(`fs-2#${zone}`);
    }

    expect(told('9.', stage)).toBe('vip-1#2: 1 of 2 see fs-2 fit');
    for (const kind of ['switchover', 'failback'] as const) {
      stage.made.transition.kind = kind;
      expect(told('9.', stage)).toBe('vip-1#2: 1 of 2 see fs-2 fit');
    }
  });

  describe('tell of a node that is promoted again', () => {
    const FIRST_TWO = ['us-east-1a', 'us-east-1b'];
    const promotedAgain = async (
      cause: 'restarted' | 'holder-in-standby',
      wrong: Partial<Observation>,
      prepare: (stage: Awaited<ReturnType<typeof decided>>) => void = () => undefined,
    ) => {
      const stage = await decided({ kind: 'reinstatement', cause });
      const { world, made } = stage;
      prepare(stage);
      made.transition.to = { nodeId: 'fs-1', coreUuid: 'the next' };
      for (const zone of ['us-east-1a', 'us-east-1b', 'us-east-1c']) {
        const seen = present(world.table.observations.get(`fs-1#${zone}`));
        world.looksBefore.delete(`fs-1#${zone}`);
        Object.assign(seen, {
          esl: { ...seen.esl, verdict: 'ok', coreUuid: 'the next' },
          sip: { [VIP]: { ...present(seen.sip[VIP]), verdict: 'standby' } },
          ...(FIRST_TWO.includes(zone) ? wrong : {}),
        });
      }
      return told('2. a node is promoted', stage);
    };

    it.each(['restarted', 'holder-in-standby'] as const)('unless a majority saw it so: %s', async (cause) => {
      expect(await promotedAgain(cause, {})).toBeNull();
      expect(await promotedAgain(cause, { muted: true })).toBe(`vip-1#2 (${cause}): 1 of 2 votes`);
    });

    it('unless it goes on from a stuck one that a human acknowledged since', async () => {
      const stuckAt = (status: Transition['status'], acknowledgedAfterMs: number) => {
        return promotedAgain('holder-in-standby', { muted: true }, ({ world, made: { before } }) => {
          const last = present(world.table.transitions.get(`${VIP}#${before.epoch}`));
          last.status = status;
          before.acknowledgedAtMs = last.decidedAtMs + acknowledgedAfterMs;
        });
      };
      expect(await stuckAt('stuck', 1)).toBeNull();
      expect(await stuckAt('stuck', 0)).toMatch(/1 of 2 votes$/);
      expect(await stuckAt('done', 1)).toMatch(/1 of 2 votes$/);
    });

    it('although the same process runs there', async () => {
      const { made, world } = await decided();
      const { esl } = present(world.table.observations.get('fs-1#us-east-1a'));
      const same = { ...esl, verdict: 'ok' as const, coreUuid: present(made.transition.from).coreUuid };
      expect(await promotedAgain('restarted', { esl: same })).toBe('vip-1#2 (restarted): 1 of 2 votes');
      expect(await promotedAgain('restarted', { esl: { ...esl, coreUuid: null } })).toMatch(/1 of 2 votes$/);
    });

    it('although it serves', async () => {
      const { sip } = present((await decided()).world.table.observations.get('fs-2#us-east-1a'));
      const serves = { sip: { [VIP]: { ...present(sip[VIP]), verdict: 'ok' as const } } };
      expect(await promotedAgain('holder-in-standby', serves)).toBe('vip-1#2 (holder-in-standby): 1 of 2 votes');
    });
  });

  it.each([
    ['a human paused it', { esl: { verdict: 'paused' } }],
    ['it is full', { sip: { [VIP]: { verdict: 'busy' } } }],
    ['its SIP waits for its database', { sip: { [VIP]: { verdict: 'silent' } } }],
  ])('let a second try stay where the VIP is already, though %s, and tell of another', async (_words, seen) => {
    const stage = await decided();
    for (const zone of ['us-east-1a', 'us-east-1b', 'us-east-1c']) {
      Object.assign(present(stage.world.table.observations.get(`fs-2#${zone}`)), seen);
      stage.world.looksBefore.delete(`fs-2#${zone}`);
    }
    expect(told('9.', stage)).toBe('vip-1#2: 0 of 2 see fs-2 fit');

    stage.made.before.holder = stage.made.transition.to;

    expect(told('9.', stage)).toBeNull();
  });

  it('tell of a second try that stays where nobody lives', async () => {
    const stage = await decided();
    stage.made.before.holder = stage.made.transition.to;
    for (const zone of ['us-east-1a', 'us-east-1b', 'us-east-1c']) {
      Object.assign(present(stage.world.table.observations.get(`fs-2#${zone}`)), { esl: { verdict: 'silent' } });
      stage.world.looksBefore.delete(`fs-2#${zone}`);
    }

    expect(told('9.', stage)).toBe('vip-1#2: 0 of 2 see fs-2 fit');
  });

  it('tell of a new holder that is out of service', async () => {
    const stage = await decided();

    nodeOf(stage.world, 'fs-2').lockedBy = 'vip-1#1';

    expect(told('1.', stage)).toBe('vip-1#2: fs-2 is out of service since vip-1#1');
  });

  it('tell of a new holder that holds more than the policy allows', async () => {
    const stage = await decided();

    nodeOf(stage.world, 'fs-2').claims = [VIP, 'vip-2'];

    expect(told('1.', stage)).toBe('fs-2 is claimed by vip-1, vip-2, and 1 are allowed');
  });

  it('let a first holder hold more only where callers are already', async () => {
    const { world, made } = await decided({ kind: 'assignment' });
    const topology = present(world.topology);
    const [vip] = topology.vips;
    nodeOf(world, 'fs-2').claims = [VIP, 'vip-2'];
    const two = { ...topology, vips: [present(vip), { ...present(vip), id: 'vip-2' }] };
    const toldWithCallersOn = (nodeId: string): string | null => {
      const truth = { carrierOf: () => present(topology.nodes.find(({ id }) => id === nodeId)) };
      return named(DECISION_INVARIANTS, '1.').broken(made, {
        topology: two,
        table: world.table,
        truth,
      } as unknown as World);
    };

    expect(toldWithCallersOn('fs-2')).toBeNull();
    expect(toldWithCallersOn('fs-1')).toBe('fs-2 is claimed by vip-1, vip-2, and 1 are allowed');
  });
});
