/** What becomes of a VIP whose most preferred node is fit again. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation, Policy, VipTopology } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { looks, nodeState, NOW, policy } from '../support/cluster';
import { healthyPair, heldVip, seen, twoVips } from '../support/two-vips';

const HALF_HOUR = 1_800_000;
const onB = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
const home = (more: Partial<Observation> = {}): Observation[] => seen('fs-a', 'standby', 'standby', more);

/** fs-b holds `main` and `second`, for an hour; fs-a, their most preferred node, has been well for as long. */
function awayFromHome(
  overrides: Partial<ClusterSnapshot> = {},
  judged: Partial<Policy> = {},
  second: Partial<VipTopology> = {},
): ClusterSnapshot {
  const topology = twoVips({
    policy: { ...policy, maxVipsPerNode: 2, failback: 'automatic', failbackAfterMs: HALF_HOUR, ...judged },
  });
  const vips = topology.vips.map((vip) => (vip.id === 'second' ? { ...vip, ...second } : vip));
  return healthyPair({
    topology: { ...topology, vips },
    nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['main', 'second'] }), nodeState('fs-c')],
    vips: [heldVip('main', { holder: onB }), heldVip('second', { holder: onB })],
    observations: [...home(), ...seen('fs-b', 'ok'), ...seen('fs-c', 'standby')],
    ...overrides,
  });
}

const judge = (snapshot: ClusterSnapshot): Decision[] => decide(snapshot, [], NOW);
const withHolder = (observations: Observation[]): Observation[] => [
  ...home(),
  ...observations,
  ...seen('fs-c', 'standby'),
];

describe('failback: automatic', () => {
  it('moves every VIP of the node home, with the calls, and starts no block', () => {
    const move = {
      kind: 'change',
      transition: 'failback',
      cause: 'preferred-node-back',
      from: onB,
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      expectedEpoch: 4,
      startsBlock: false,
    };

    expect(judge(awayFromHome())).toMatchObject([
      { ...move, vipId: 'main' },
      { ...move, vipId: 'second' },
    ]);
  });

  it('ends the old process by order: nothing is locked and no node is stopped', () => {
    const snapshot = awayFromHome();
    const [move] = judge(snapshot);
    if (move?.kind !== 'change') throw new Error('no failback was decided');

    const { transition } = decisionWrite(move, snapshot.topology, snapshot.observations, NOW, 'test');

    expect(transition.steps).toMatchObject({
      fence: { status: 'pending' },
      lock: { status: 'skipped', proof: expect.stringContaining('by order') },
      recover: { status: 'pending' },
      stop: { status: 'skipped' },
      restore: { status: 'skipped' },
    });
  });

  const young = { eslWellSinceMs: NOW - HALF_HOUR + 1 };
  const waiting: [string, ClusterSnapshot, RegExp][] = [
    [
      'the VIPs were not held elsewhere for so long',
      awayFromHome({
        vips: [heldVip('main', { holder: onB }), heldVip('second', { holder: onB, changedAtMs: NOW - HALF_HOUR + 1 })],
      }),
      /has not held it for 30 min/,
    ],
    [
      'the most preferred node was not well for so long',
      awayFromHome({ observations: [...home(young), ...seen('fs-b', 'ok'), ...seen('fs-c', 'standby')] }),
      /was not well for 30 min/,
    ],
    [
      'it is not fit',
      awayFromHome({ nodes: [nodeState('fs-a', { paused: true }), nodeState('fs-b'), nodeState('fs-c')] }),
      /is not fit/,
    ],
    ['it has no room for all of them', awayFromHome({}, { maxVipsPerNode: 1 }), /is not fit/],
    [
      'a transition is in flight',
      awayFromHome({ control: { paused: false, pausedReason: null, pausedUntilMs: null, transitionsInFlight: 1 } }),
      /in flight/,
    ],
    [
      'a VIP elsewhere is stuck on its way',
      awayFromHome({
        vips: [
          heldVip('main', { holder: onB }),
          heldVip('second', { holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' }, status: 'moving' }),
        ],
      }),
      /in flight/,
    ],
    [
      'more would be in flight than may be',
      awayFromHome({}, { maxTransitionsInFlight: 1 }),
      /maxTransitionsInFlight is 1/,
    ],
    [
      'a block period runs',
      awayFromHome({
        vips: [
          heldVip('main', { holder: onB }),
          heldVip('second', { holder: onB, lastAutomaticFailoverAtMs: NOW - 1 }),
        ],
      }),
      /block period of second runs/,
    ],
    [
      'another VIP of the node is at home there',
      awayFromHome({}, {}, { candidates: ['fs-b', 'fs-a', 'fs-c'] }),
      /fs-b also holds second, which would not go there/,
    ],
    [
      'another VIP of the node is paused',
      awayFromHome({ vips: [heldVip('main', { holder: onB }), heldVip('second', { holder: onB, paused: true })] }),
      /fs-b also holds second, which would not go there/,
    ],
    [
      'another VIP of the node is not well',
      awayFromHome({ observations: withHolder(seen('fs-b', 'ok', 'malformed')) }),
      /fs-b also holds second, which would not go there/,
    ],
    [
      'FreeSWITCH on the node is paused from inside: one observer’s word is enough',
      awayFromHome({
        observations: withHolder(
          seen('fs-b', 'ok').map((each, index) =>
            index === 0 ? { ...each, esl: { ...each.esl, verdict: 'paused' as const } } : each,
          ),
        ),
      }),
      /fsctl pause/,
    ],
    [
      'the database is slow or away: one observer’s word is enough',
      awayFromHome({ observations: withHolder(oneSees('away', seen('fs-b', 'ok'))) }),
      /the database does not answer well \(us-east-1a: away \(as it is\)\)/,
    ],
  ];

  it.each(waiting)('waits while %s, and says so', (_words, snapshot, why) => {
    const decisions = judge(snapshot);

    expect(decisions.map(({ kind }) => kind)).not.toContain('change');
    expect(decisions[0]?.reasons.join('; ')).toMatch(why);
  });

  it.each([
    ['of a database that the cluster has no more', { database: null }, {}],
    ['of an observer that has no vote', {}, { muted: true }],
    ['that is old', {}, { observedAtMs: NOW - 12_001 }],
  ])('does not wait because of the word %s', (_words, topology, look) => {
    const observations = withHolder(oneSees('away', seen('fs-b', 'ok'), look));
    const snapshot = awayFromHome({ observations });

    const decisions = judge({ ...snapshot, topology: { ...snapshot.topology, ...topology } });

    expect(decisions.map(({ kind }) => kind)).toEqual(['change', 'change']);
  });

  it('waits for a failover of the same judgement', () => {
    const snapshot = awayFromHome({
      vips: [
        heldVip('main', { holder: onB }),
        heldVip('second', { holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } }),
      ],
      observations: [...home(), ...seen('fs-b', 'ok'), ...looks('fs-c', 'refused', 'silent').map(alsoSecond)],
    });

    expect(judge(snapshot)).toMatchObject([
      { kind: 'none', vipId: 'main' },
      { kind: 'change', vipId: 'second', transition: 'failover' },
    ]);
  });

  it('empties one node at a time', () => {
    const onC = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };
    const snapshot = awayFromHome({
      vips: [heldVip('main', { holder: onB }), heldVip('second', { holder: onC })],
      observations: [...home(), ...seen('fs-b', 'ok', 'standby'), ...seen('fs-c', 'standby', 'ok')],
    });

    expect(judge(snapshot)).toMatchObject([
      { kind: 'change', vipId: 'main', transition: 'failback' },
      { kind: 'none', vipId: 'second' },
    ]);
  });

  it('goes to no node that only an operator may choose', () => {
    const snapshot = awayFromHome();
    const vips = snapshot.topology.vips.map((vip) => ({ ...vip, manualOnly: ['fs-a'] }));

    // fs-b is the most preferred of the others.
    expect(judge({ ...snapshot, topology: { ...snapshot.topology, vips } })).toMatchObject([
      { kind: 'none', reasons: ['fs-b serves'] },
      { kind: 'none', reasons: ['fs-b serves'] },
    ]);
  });
});

describe('failback: manual', () => {
  const manual: Partial<Policy> = { failback: 'manual', holdDownMs: 30_000 };

  it('says that the node is fit again, and which command moves the VIP', () => {
    const [main] = judge(awayFromHome({}, manual));

    expect(main).toMatchObject({ kind: 'none', well: true });
    expect(main?.reasons.join('; ')).toContain(
      'fs-a, its most preferred node, is fit again: `understudy switchover --vip main --to fs-a`',
    );
  });

  const lagging = home().map((each) => ({ ...each, esl: { ...each.esl, clockOffsetMs: 0 } }));
  const ahead = seen('fs-b', 'ok', 'ok', { lastClockOffsetMs: 5_000 });

  it('says nothing of a node whose clock would make the calls wait: a planned move is in no hurry', () => {
    const observations = [...lagging, ...ahead, ...seen('fs-c', 'standby')];

    expect(judge(awayFromHome({ observations }, manual))[0]?.reasons).toEqual(['fs-b serves']);
  });

  it.each([
    ['is not fit', home({ muted: true })],
    ['is held down', home({ eslWellSinceMs: NOW - 29_999 })],
  ])('says nothing of a node that %s', (_words, seenAtHome) => {
    const observations = [...seenAtHome, ...seen('fs-b', 'ok'), ...seen('fs-c', 'standby')];

    expect(judge(awayFromHome({ observations }, manual))[0]?.reasons).toEqual(['fs-b serves']);
  });

  it('says nothing while the database is slow: the calls would not come along', () => {
    const observations = withHolder(oneSees('slow', seen('fs-b', 'ok')));

    expect(judge(awayFromHome({ observations }, manual))[0]?.reasons).toEqual(['fs-b serves']);
  });

  it('says nothing of a VIP that is at home', () => {
    const snapshot = healthyPair();
    const topology = { ...snapshot.topology, policy: { ...snapshot.topology.policy, ...manual } };

    expect(judge({ ...snapshot, topology })[0]?.reasons).toEqual(['fs-a serves']);
  });
});

describe('failback: never', () => {
  it('is silent', () => {
    expect(judge(awayFromHome({}, { failback: 'never' }))[0]?.reasons).toEqual(['fs-b serves']);
  });
});

/** The first of the observers has another view of the database than the others. */
function oneSees(
  verdict: 'slow' | 'away',
  observations: readonly Observation[],
  more: Partial<Observation> = {},
): Observation[] {
  const says = (which: 'ok' | 'slow' | 'away') => ({ verdict: which, detail: 'as it is', latencyMs: null });
  return observations.map((each, index) =>
    index === 0 ? { ...each, ...more, database: says(verdict) } : { ...each, database: says('ok') },
  );
}

function alsoSecond(observation: Observation): Observation {
  const { main } = observation.sip;
  if (main === undefined) throw new Error('main was not asked');
  return {
    ...observation,
    sip: { main, second: main },
    sipMisses: { main: 10, second: 10 },
    sipHistory: { main: 1_023, second: 1_023 },
  };
}
