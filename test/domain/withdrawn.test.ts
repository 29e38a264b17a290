/** A holder that is taken out of service while it holds its VIP: named at once, paged when it lasts, never failed over. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation, VipState } from '../../lib/domain/model';
import {
  healthy,
  look,
  looks,
  nodeState,
  NOW,
  policy,
  sip,
  topologyOf,
  vipState,
  withShutdownPending,
  ZONES,
} from '../support/cluster';
import { healthyPair, heldVip, seen, twoVips } from '../support/two-vips';

/** As long as a gray failure may last. */
const LIMIT_MS = 3 * policy.dissentHoldMs;
const since = (agoMs: number): Partial<Observation> => ({ withdrawnSinceMs: NOW - agoMs });
const standby = looks('fs-b', 'ok', 'standby');

function judge(holder: Observation[], overrides: Partial<ClusterSnapshot> = {}): Decision {
  const [decision] = decide(healthy({ observations: [...holder, ...standby], ...overrides }), [], NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

const paged = { kind: 'incident', incident: { kind: 'holder-withdrawn', vipId: 'main', nodeId: 'fs-a', epoch: 1 } };

const asSeen = (seen: Observation[]): Observation[] => seen;
const PAUSED =
  /fs-a refuses new calls, or lets none of them out, .*`fsctl pause`.*seen from us-east-1a.*`fsctl resume`/;
const STOPPING =
  /fs-a was told to shut down .*`fsctl shutdown elegant`.*seen from us-east-1a.*`fsctl shutdown cancel`.*switchover/;

describe.each([
  ['somebody paused', 'paused', 'busy', asSeen, PAUSED],
  ['announced its shutdown', 'stopping', 'ok', asSeen, STOPPING],
  ['takes calls until the last one ends (`elegant`)', 'ok', 'ok', withShutdownPending, STOPPING],
  ['is full until the last call ends (`elegant`)', 'ok', 'busy', withShutdownPending, STOPPING],
  ['refuses calls until the last one ends (`asap`)', 'paused', 'busy', withShutdownPending, STOPPING],
] as const)('a holder that %s', (_name, esl, sip, told, words) => {
  it('is not well from the first look, and the reason names it and what ends it', () => {
    const decision = judge(told(looks('fs-a', esl, sip, since(0))));

    expect(decision).toMatchObject({ kind: 'none', well: false });
    expect(decision.reasons.join('; ')).toMatch(words);
    expect(decision.reasons.join('; ')).not.toContain('session limit');
  });

  it('is paged once it has lasted longer than a gray failure may', () => {
    expect(judge(told(looks('fs-a', esl, sip, since(LIMIT_MS))))).toMatchObject({ kind: 'none' });

    const decision = judge(told(looks('fs-a', esl, sip, since(LIMIT_MS + 1))));
    expect(decision).toMatchObject(paged);
    expect(decision.reasons.join('; ')).toMatch(words);
  });

  it('is counted from when it took over: what its node did before is nobody else’s outage', () => {
    const vips = [vipState({ changedAtMs: NOW - LIMIT_MS })];

    const seen = told(looks('fs-a', esl, sip, since(3_600_000)));

    expect(judge(seen, { vips })).toMatchObject({ kind: 'none', well: false });
  });

  it('is not named on the word of one observer', () => {
    const [zone, ...others] = ZONES;
    const seen = [
      ...told([look('fs-a', zone, esl, sip, since(3_600_000))]),
      ...others.map((each) => look('fs-a', each, 'ok', 'ok')),
    ];

    expect(judge(seen)).toMatchObject({ kind: 'none', well: true, reasons: ['fs-a serves'] });
  });

  it('is named, and paged, on the word of exactly a majority', () => {
    const [zone, ...others] = ZONES;
    const two = (agoMs: number) => [
      look('fs-a', zone, 'ok', 'ok'),
      ...told(others.map((each) => look('fs-a', each, esl, sip, since(agoMs)))),
    ];

    expect(judge(two(0))).toMatchObject({ kind: 'none', well: false });
    expect(judge(two(LIMIT_MS + 1))).toMatchObject(paged);
  });

  it('is not paged where no observer knows since when', () => {
    const seen = told(looks('fs-a', esl, sip, { withdrawnSinceMs: null }));

    expect(judge(seen)).toMatchObject({ kind: 'none', well: false });
  });

  it('is well again when it is over, which clears the incident', () => {
    expect(judge(looks('fs-a', 'ok', 'ok'))).toMatchObject({ kind: 'none', well: true });
  });

  it.each([
    ['cluster', { control: { paused: true, pausedReason: 'drill', pausedUntilMs: null, transitionsInFlight: 0 } }],
    ['VIP', { vips: [vipState({ paused: true })] }],
    ['VIP, under a window that has not ended', { vips: [vipState({ paused: true, pausedUntilMs: NOW + 1 })] }],
    ['node', { nodes: [nodeState('fs-a', { paused: true }), nodeState('fs-b')] }],
  ] satisfies [string, Partial<ClusterSnapshot>][])(
    'pages nobody while an operator keeps the %s paused',
    (_, paused) => {
      const seen = told(looks('fs-a', esl, sip, since(3_600_000)));

      expect(judge(seen, paused)).toMatchObject({ kind: 'none', well: false });
    },
  );
});

it('a holder that does not serve is judged as any other, whatever it was told before', () => {
  const inStandby = withShutdownPending(looks('fs-a', 'ok', 'standby', since(3_600_000)));

  expect(judge(inStandby)).toMatchObject({ kind: 'change', transition: 'reinstatement' });
});

describe('a holder that answers while EC2 says that its instance goes down', () => {
  const told = (agoMs: number, state = 'stopping'): Partial<ClusterSnapshot> => ({
    instances: [{ nodeId: 'fs-a', state, atMs: NOW - agoMs }],
  });

  it('is named at once and paged when it lasts, with the way to keep its calls', () => {
    expect(judge(looks('fs-a', 'ok', 'ok'), told(LIMIT_MS))).toMatchObject({ kind: 'none', well: false });

    const decision = judge(looks('fs-a', 'ok', 'ok'), told(LIMIT_MS + 1));
    expect(decision).toMatchObject(paged);
    expect(decision.reasons.join('; ')).toMatch(/instance of fs-a is stopping.*`understudy switchover`/);
  });

  it.each([10_001, 15_000, 60_000])(
    'is paged while EC2’s word counts, with a dissentHold of %i ms',
    (dissentHoldMs) => {
      const topology = topologyOf(2, { policy: { ...policy, dissentHoldMs } });

      expect(judge(looks('fs-a', 'ok', 'ok'), { ...told(30_000), topology })).toMatchObject({ kind: 'none' });
      expect(judge(looks('fs-a', 'ok', 'ok'), { ...told(30_001), topology })).toMatchObject(paged);
    },
  );

  it.each([
    ['runs again', told(LIMIT_MS + 1, 'running')],
    ['has outlived that word', told(61_000)],
    ['is not the node that goes', { instances: [{ nodeId: 'fs-b', state: 'stopping', atMs: NOW - LIMIT_MS - 1 }] }],
  ])('is well where it %s', (_words, instances) => {
    expect(judge(looks('fs-a', 'ok', 'ok'), instances)).toMatchObject({ kind: 'none', well: true });
  });
});

describe('a holder that EC2 says goes down, and that not all observers reach', () => {
  const going: Partial<ClusterSnapshot> = {
    instances: [
      { nodeId: 'fs-b', state: 'running', atMs: NOW },
      { nodeId: 'fs-a', state: 'stopping', atMs: NOW - LIMIT_MS - 1 },
    ],
  };
  const [first, second, third] = ZONES;

  it('is named by a majority that still gets an answer', () => {
    const seen = [
      look('fs-a', first, 'ok', 'ok'),
      look('fs-a', second, 'ok', 'ok'),
      look('fs-a', third, 'silent', 'malformed'),
    ];

    const decision = judge(seen, going);

    expect(decision).toMatchObject(paged);
    expect(decision.reasons.join('; ')).toContain('stopping');
  });

  it('is not told to move with its calls on the word of one who gets an answer', () => {
    const seen = [
      look('fs-a', first, 'ok', 'ok'),
      ...[second, third].map((zone) => look('fs-a', zone, 'silent', 'malformed')),
    ];

    expect(judge(seen, going)).toMatchObject({ kind: 'none' });
    expect(judge(seen, going).reasons.join('; ')).not.toContain('EC2 says');
  });

  it('has not outlived that word while one of the answers is no older than it', () => {
    const told = { instances: [{ nodeId: 'fs-a', state: 'stopping', atMs: NOW - 62_000 }] };
    const seen = [
      ...looks('fs-a', 'ok', 'ok').slice(0, 2),
      look('fs-a', third, 'ok', 'ok', { observedAtMs: NOW - 5_000 }),
    ];

    expect(judge(seen, told)).toMatchObject(paged);
  });

  it('is not told of a holder that was not looked at since it took over', () => {
    const vips = [vipState({ changedAtMs: NOW - 50 })];

    expect(judge(looks('fs-a', 'ok', 'ok'), { ...going, vips })).toMatchObject({ kind: 'none' });
  });
});

it('a paused holder is not full, also where no other node is fit', () => {
  const observations = [...looks('fs-a', 'paused', 'busy', since(0)), ...looks('fs-b', 'refused', 'silent')];

  expect(decide(healthy({ observations }), [], NOW)[0]).toMatchObject({ kind: 'none', well: false });
});

describe('a holder that the failover of another VIP took out of service', () => {
  /** `main` is on fs-a, which `second` left for fs-b with its second change of holder. */
  function leftBehind(
    second: Partial<VipState>,
    fsA = seen('fs-a', 'ok', 'standby'),
    more: Partial<ClusterSnapshot> = {},
  ): Decision {
    const onB = { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' }, epoch: 2 };
    const snapshot = healthyPair({
      nodes: [nodeState('fs-a', { claims: ['main'], lockedBy: 'second#2' }), nodeState('fs-b'), nodeState('fs-c')],
      vips: [heldVip('main'), heldVip('second', { ...onB, ...second })],
      observations: [...fsA, ...seen('fs-b', 'standby', 'ok'), ...seen('fs-c', 'standby')],
      ...more,
    });
    const [decision] = decide(snapshot, [], NOW);
    if (decision === undefined) throw new Error('no decision for main');
    return decision;
  }

  it('is named while that failover is under way, and for as long as a gray failure may last', () => {
    for (const second of [{ status: 'moving' }, { changedAtMs: NOW - LIMIT_MS }] as const) {
      const decision = leftBehind(second);

      expect(decision).toMatchObject({ kind: 'none', vipId: 'main', well: false });
      expect(decision.reasons.join('; ')).toMatch(/fs-a is out of service since second#2, and serves all the same/);
    }
  });

  it('is paged after that, with the planned move that ends it, and which calls that keeps', () => {
    const decision = leftBehind({ changedAtMs: NOW - LIMIT_MS - 1 });

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'holder-withdrawn', nodeId: 'fs-a' } });
    expect(decision.reasons.join('; ')).toMatch(
      /may not write down its calls.*`understudy switchover`\) keeps the calls from before that and ends those since/,
    );
  });

  it('is not said to write down no calls where there is no database to write them to', () => {
    const topology = { ...twoVips(), database: null };

    const words = leftBehind({ changedAtMs: 0 }, undefined, { topology }).reasons.join('; ');

    expect(words).not.toMatch(/write down|keeps the calls/);
    expect(words).toContain('`understudy switchover`');
  });

  it('is paged also where that VIP has moved on since, or is no more', () => {
    expect(leftBehind({ epoch: 3, changedAtMs: NOW })).toMatchObject({ kind: 'incident' });
  });

  it('is failed over as any other where it does not answer', () => {
    const dead = looks('fs-a', 'refused', 'silent', { sip: { main: sip('silent'), second: sip('silent') } });

    expect(leftBehind({ changedAtMs: 0 }, dead)).toMatchObject({ kind: 'change', transition: 'failover' });
  });
});
