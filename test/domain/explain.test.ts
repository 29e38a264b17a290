/** The cluster explained: what is missing for a failover, whether callers are served, and the one thing to know. */
import fc from 'fast-check';
import { explain, type Explanation, type VipExplanation } from '../../lib/domain/explain';
import { settle } from '../../lib/domain/explain/outcome';
import { decisionWrite } from '../../lib/domain/transition';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import {
  healthy,
  look,
  looks,
  nodeState,
  NOW,
  policy,
  topologyOf,
  vipState,
  withShutdownPending,
  ZONES,
} from '../support/cluster';
import { healthyPair, seen, twoVips } from '../support/two-vips';
import { anyCluster } from './any-cluster';

const standby = looks('fs-b', 'ok', 'standby');
const holderSeen = (observations: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
  healthy({ observations: [...observations, ...standby], ...overrides });
const dead = looks('fs-a', 'refused', 'silent');

function explained(snapshot: ClusterSnapshot): { whole: Explanation; main: VipExplanation } {
  const whole = explain(snapshot, [], NOW);
  const [main] = whole.vips;
  if (main === undefined) throw new Error('no VIP');
  return { whole, main };
}

const missing = (snapshot: ClusterSnapshot): string[] => explained(snapshot).main.missingForFailover;

it('tells of a holder that shuts down with its last call while callers are served, and what ends that', () => {
  const { whole, main } = explained(holderSeen(withShutdownPending(looks('fs-a', 'ok', 'ok'))));

  expect(whole.headline).toMatch(/^Callers are served\. fs-a was told to shut down /);
  expect(main.decision.reasons.join('; ')).toContain('`fsctl shutdown cancel`');
});

it('tells why a standby that shuts down with its last call is none', () => {
  const snapshot = healthy({ observations: [...dead, ...withShutdownPending(standby)] });

  const { main } = explained(snapshot);

  expect(main.standby).toBeNull();
  expect(main.missingForFailover.join('; ')).toMatch(/fs-b is not fit: .*`fsctl shutdown cancel` ends that/);
});

describe('what is missing for a failover', () => {
  it('is nothing when it is what is decided', () => {
    const { main } = explained(holderSeen(dead));
    expect(main.decision.does).toBe('fails over to fs-b');
    expect(main.missingForFailover).toEqual([]);
  });

  it('is a majority, of a holder that serves', () => {
    expect(missing(healthy())).toEqual([
      '2 of 3 observers must find fs-a dead or unserved; 0 do',
      'us-east-1a, us-east-1b, us-east-1c: it serves',
    ]);
  });

  it('is so many misses more, and who has no vote', () => {
    const missed = { eslMisses: 1, sipMisses: { main: 1 } };
    const observations = [
      look('fs-a', ZONES[0], 'silent', 'silent'),
      look('fs-a', ZONES[1], 'silent', 'silent', missed),
      look('fs-a', ZONES[2], 'silent', 'silent', { muted: true, mutedWhy: 'cold start: look 1 of 2' }),
    ];
    expect(missing(holderSeen(observations))).toEqual([
      '2 of 3 observers must find fs-a dead or unserved; 1 do',
      'us-east-1b: missed 1 of 3 looks',
      'us-east-1c: no vote: cold start: look 1 of 2',
      'us-east-1b has to miss it 2 times more in a row',
    ]);
  });

  it('is as many as of a stuck SIP stack, where ESL has been refused since before', () => {
    const missed = { eslMissingSinceMs: NOW - 10_000, sipMisses: { main: 1 }, sipMissingSinceMs: { main: NOW - 100 } };

    expect(missing(holderSeen(looks('fs-a', 'refused', 'silent', missed)))).toEqual([
      '2 of 3 observers must find fs-a dead or unserved; 0 do',
      'us-east-1a, us-east-1b, us-east-1c: ESL is refused since before SIP fell silent: missed 1 of 4 looks',
      ...ZONES.map((zone) => `${zone} has to miss it 3 times more in a row`),
    ]);
  });

  it('counts the misses from before an answer that the slack overlooks', () => {
    const seen = { eslMisses: 1, sipMisses: { main: 1 }, eslHistory: 0b1101, sipHistory: { main: 0b101 } };
    const topology = (missSlack: number) => topologyOf(2, { policy: { ...policy, suspectAfterMisses: 3, missSlack } });
    const left = (missSlack: number): string | undefined =>
      missing(holderSeen(looks('fs-a', 'silent', 'silent', seen), { topology: topology(missSlack) })).find((line) =>
        line.startsWith('us-east-1a has to miss'),
      );

    expect(left(0)).toBe('us-east-1a has to miss it 2 times more in a row');
    expect(left(2)).toBe('us-east-1a has to miss it 1 times more in a row');
  });

  it('is so many milliseconds of silence more, where one observer dissents', () => {
    const observations = looks('fs-a', 'silent', 'silent').map((each) =>
      each.zone === ZONES[2] ? look('fs-a', each.zone, 'ok', 'ok') : each,
    );
    expect(missing(holderSeen(observations))).toEqual([
      'not every observer agrees, so the silence must last 3200 ms more (dissentHold)',
      'us-east-1c: it serves',
    ]);
  });

  it.each<[string, ClusterSnapshot, string]>([
    [
      'the end of the block period',
      holderSeen(dead, { vips: [vipState({ lastAutomaticFailoverAtMs: NOW - 60_000 })] }),
      `blocked until ${new Date(NOW + 540_000).toISOString()}, or until a human acknowledges main`,
    ],
    [
      'the end of a maintenance window',
      holderSeen(dead, { vips: [vipState({ paused: true, pausedUntilMs: NOW + 60_000 })] }),
      `the VIP is paused until ${new Date(NOW + 60_000).toISOString()}`,
    ],
    [
      'somebody who resumes the cluster',
      holderSeen(dead, { control: { ...healthy().control, paused: true } }),
      'the cluster is paused: a human has to resume it',
    ],
    [
      'a candidate, and why each is not fit',
      holderSeen(dead, { nodes: [nodeState('fs-a'), nodeState('fs-b', { paused: true })] }),
      'main: fs-b is not fit: it is paused (maintenance)',
    ],
    [
      'a candidate that the control plane may choose',
      holderSeen(dead, {
        topology: { ...topologyOf(), vips: topologyOf().vips.map((vip) => ({ ...vip, manualOnly: ['fs-b'] })) },
      }),
      'main: fs-b is fit, and only an operator may choose it (manualOnly)',
    ],
    [
      'room below the limit of automatic failovers',
      holderSeen(dead, { topology: topologyOf(2, { policy: { ...policy, maxFailoversPerWindow: 0 } }) }),
      'the limit of automatic failovers is reached',
    ],
    [
      'the end of another change of holder',
      holderSeen(dead, { control: { ...healthy().control, transitionsInFlight: 10 } }),
      '10 changes of holder are under way: one must end first (maxTransitionsInFlight)',
    ],
    [
      'a policy that fails over for a stuck SIP stack',
      holderSeen(looks('fs-a', 'ok', 'silent'), {
        topology: topologyOf(2, { policy: { ...policy, sipStuckAction: 'page' } }),
      }),
      'its FreeSWITCH lives: it may be a slow database, and sipStuckAction is `page`; nothing was torn down',
    ],
  ])('is %s', (_words, snapshot, line) => {
    expect(missing(snapshot)).toContain(line);
  });

  it('is all of it at once, and not only what the decision meets first', () => {
    const stuck = holderSeen(looks('fs-a', 'ok', 'silent'), {
      topology: topologyOf(2, { policy: { ...policy, sipStuckAction: 'page', maxFailoversPerWindow: 1 } }),
      vips: [vipState({ lastAutomaticFailoverAtMs: NOW - 60_000 })],
      nodes: [nodeState('fs-a'), nodeState('fs-b', { paused: true })],
      control: { ...healthy().control, paused: true },
    });
    const told = missing(stuck).join('\n');
    const all = ['cluster is paused', 'sipStuckAction', 'blocked until', 'fs-b is not fit', 'maxFailoversPerWindow'];
    for (const words of all) expect(told).toContain(words);
  });

  it.each<[string, string | undefined, Partial<ClusterSnapshot>]>([
    ['a VIP', 'the VIP is paused: a human has to resume it', { vips: [vipState({ paused: true })] }],
    [
      'a holder',
      'its holder fs-a is paused: a human has to resume it',
      { nodes: [nodeState('fs-a', { paused: true })] },
    ],
    ['a standby, which is another matter', undefined, { nodes: [nodeState('fs-b', { paused: true })] }],
  ])('is the end of the pause of %s, beside the votes', (_words, line, overrides) => {
    const told = missing(healthy(overrides));

    expect(told.filter((each) => each.includes('a human has to resume it'))).toEqual(line === undefined ? [] : [line]);
    expect(told).toContain('us-east-1a, us-east-1b, us-east-1c: it serves');
  });

  it('is no end of a window that is over', () => {
    const told = missing(healthy({ vips: [vipState({ paused: true, pausedUntilMs: NOW - 1 })] }));
    expect(told.join('; ')).not.toContain('is paused');
  });

  const blocked = { vips: [vipState({ epoch: 1, lastAutomaticFailoverAtMs: NOW - 60_000 })] };
  const database = { database: { host: 'db', port: 5432, name: 'freeswitch' } };
  const away = { database: { verdict: 'away', detail: 'no answer', latencyMs: null } } as const;

  it.each<[string, ClusterSnapshot, string[]]>([
    ['a death', holderSeen(dead, blocked), []],
    [
      'a database that hangs',
      holderSeen(looks('fs-a', 'ok', 'silent', away), { ...blocked, topology: topologyOf(2, database) }),
      ['the database db:5432', 'SIP of fs-a is silent'],
    ],
    [
      'a crash that its supervisor may cure',
      holderSeen(dead, {
        ...blocked,
        topology: topologyOf(2, { policy: { ...policy, crashAction: 'restart-in-place' } }),
      }),
      ['fs-a crashed: its supervisor has 8 s more'],
    ],
  ])('is no vote after %s, but all that stands in its way', (_words, snapshot, lines) => {
    const all = [...lines, 'main failed over less than 600 s ago', 'blocked until'];
    expect(missing(snapshot)).toEqual(all.map((line): unknown => expect.stringContaining(line)));
  });

  it.each([
    ['of SIP alone, while ESL answers', looks('fs-a', 'ok', 'silent', { sipMisses: { main: 1 } }), 3],
    [
      'of both, where ESL fell silent last',
      looks('fs-a', 'silent', 'silent', { eslMisses: 1, sipMisses: { main: 2 } }),
      2,
    ],
    ['and none, where what comes is no SIP', looks('fs-a', 'silent', 'malformed'), null],
    [
      'and none of who is sure already',
      looks('fs-a', 'ok', 'ok').map((each) =>
        each.zone === ZONES[0] ? look('fs-a', each.zone, 'refused', 'silent', { sipMisses: { main: 1 } }) : each,
      ),
      null,
    ],
  ])('is as many misses more %s', (_words, observations, left) => {
    const told = missing(holderSeen(observations)).filter((line) => line.includes('has to miss it'));
    expect(told).toEqual(
      left === null ? [] : ZONES.map((zone) => `${zone} has to miss it ${left} times more in a row`),
    );
  });

  it('is that it is promoted again where it is, of a holder in standby', () => {
    const { main } = explained(holderSeen(looks('fs-a', 'ok', 'standby')));
    expect(main.decision.does).toBe('is promoted again on fs-a');
    expect(main.missingForFailover.join('; ')).toContain('it is in standby, and is promoted again in place');
  });

  it('is the death of the node that it moves to, while it moves', () => {
    const moving = healthy({ vips: [vipState({ status: 'moving' })] });
    expect(missing(moving)).toEqual([
      'it is on its way to fs-a: only a node that dies, or cannot be promoted, changes its course',
    ]);
  });

  it('is empty exactly where a failover is decided, for any cluster', () => {
    let failovers = 0;
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        const outcomes = settle(snapshot, [], NOW);
        for (const { vipId, missingForFailover } of explain(snapshot, [], NOW).vips) {
          const outcome = outcomes.get(vipId);
          const failsOver =
            outcome?.kind === 'decided' &&
            outcome.decision.kind === 'change' &&
            outcome.decision.transition === 'failover';
          if (failsOver) failovers += 1;
          expect([vipId, missingForFailover.length === 0]).toEqual([vipId, failsOver]);
        }
      }),
      { numRuns: 100 },
    );
    expect(failovers).toBeGreaterThan(0);
  });
});

describe('the first line', () => {
  const silentSip = { sip: { main: { verdict: 'silent', detail: '', latencyMs: null } } } as const;
  const unfit = looks('fs-b', 'refused', 'silent');

  it.each<[string, ClusterSnapshot, string]>([
    ['that all is well', healthy(), 'Callers are served. All is well: if fs-a dies now, VIP main: fails over to fs-b.'],
    [
      'that callers are not served, why, and what is done',
      holderSeen(dead),
      'Callers of main are NOT served. fs-a refuses the event socket and does not answer SIP: its host lives, ' +
        'its FreeSWITCH does not; VIP main: fails over to fs-b.',
    ],
    [
      'that nobody can tell',
      holderSeen([look('fs-a', ZONES[0], 'ok', 'ok')]),
      'Nobody can tell whether callers of main are served: fs-a is seen by fewer than a majority of the observers: ' +
        'nobody may judge it.',
    ],
    [
      'that there is no standby',
      healthy({ observations: [...looks('fs-a', 'ok', 'ok'), ...unfit] }),
      'Callers are served. BUT if fs-a dies now, VIP main: no standby: nothing is torn down, on-call is paged.',
    ],
    [
      'that the cluster is paused',
      healthy({ control: { ...healthy().control, paused: true, pausedReason: 'new kernel' } }),
      'Callers are served. The cluster is PAUSED (new kernel): whatever fails, nothing is done.',
    ],
    [
      'that the holder is full',
      holderSeen(looks('fs-a', 'ok', 'busy')),
      'Callers are served. fs-a is at its session limit: it lives, and refuses what is more; ' +
        'VIP main: stays where it is.',
    ],
    [
      'that one observer dissents',
      holderSeen(looks('fs-a', 'ok', 'ok').map((each) => (each.zone === ZONES[2] ? { ...each, ...silentSip } : each))),
      'Callers are served. VIP main: observer us-east-1c dissents; nothing follows from that alone.',
    ],
  ])('says %s', (_words, snapshot, headline) => {
    expect(explained(snapshot).whole.headline).toBe(headline);
  });

  it('is of the node that holds the VIP, whichever comes first', () => {
    const onB = healthy({
      vips: [vipState({ holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } })],
      nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['main'] })],
      observations: [...looks('fs-a', 'ok', 'standby'), ...looks('fs-b', 'ok', 'ok')],
    });
    expect(explained(onB).whole.headline).toMatch(/if fs-b dies now, VIP main: fails over to fs-a\.$/);
  });

  const pair = twoVips();
  const alone = {
    ...pair,
    vips: pair.vips.map((vip) => (vip.id === 'second' ? { ...vip, candidates: ['fs-a'] } : vip)),
  };
  const secondDown = [...seen('fs-a', 'ok', 'standby'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

  it.each<[string, ClusterSnapshot, RegExp]>([
    ['all that are well', healthyPair(), /^Callers are served\. All is well: .*, and so it is with second\.$/],
    ['the one that has no standby', healthyPair({ topology: alone }), /BUT if fs-a dies now, VIP second: no standby/],
    ['the one that is not served', healthyPair({ observations: secondDown }), /^Callers of second are NOT served\./],
  ])('names of two VIPs %s', (_words, snapshot, headline) => {
    expect(explain(snapshot, [], NOW).headline).toMatch(headline);
  });
});

describe('a pause', () => {
  const paused = { ...healthy().control, paused: true };

  it('without a reason is one all the same', () => {
    const { whole } = explained(healthy({ control: paused }));
    expect(whole.paused).toBe('no reason given');
    expect(whole.headline).toContain('The cluster is PAUSED (no reason given)');
  });

  it('ends with its window', () => {
    const over = { ...paused, pausedReason: 'new kernel', pausedUntilMs: NOW - 1 };
    const { whole, main } = explained(holderSeen(dead, { control: over }));
    expect(whole.paused).toBeNull();
    expect(main.missingForFailover).toEqual([]);
  });
});

describe('the standby', () => {
  const unfit = looks('fs-b', 'refused', 'silent');
  const byHandOnly = { ...topologyOf(), vips: topologyOf().vips.map((vip) => ({ ...vip, manualOnly: ['fs-a'] })) };
  const unassigned = [vipState({ holder: null, status: 'unassigned', epoch: 0 })];

  it.each([
    ['where a VIP that nobody holds would begin', healthy({ vips: unassigned }), 'fs-a'],
    ['and there only what is fit', holderSeen(dead, { vips: unassigned }), 'fs-b'],
    [
      'and nobody whom only an operator may choose',
      healthy({ topology: byHandOnly, vips: unassigned, observations: [...looks('fs-a', 'ok', 'standby'), ...unfit] }),
      null,
    ],
  ])('is %s', (_words, snapshot, standby) => {
    expect(explained(snapshot).main.standby).toBe(standby);
  });

  it('has room for all of a group', () => {
    const nodes = [nodeState('fs-a', { claims: ['main', 'second'] }), nodeState('fs-b', { claims: ['third'] })];
    const grouped = healthyPair({ topology: twoVips({}, 'office'), nodes: [...nodes, nodeState('fs-c')] });
    expect(explained(grouped).main.standby).toBe('fs-c');
  });
});

describe('whether callers are served', () => {
  const moved = (
    elasticIp: boolean,
    status: 'pending' | 'done',
    fromId = 'fs-a',
    holderLooks = looks('fs-b', 'ok', 'ok'),
  ) => {
    const topology = topologyOf(2);
    const vips = topology.vips.map((vip) => ({ ...vip, elasticIp: elasticIp ? vip.elasticIp : null }));
    const [change] = settle(holderSeen(dead), [], NOW).values();
    if (change?.kind !== 'decided' || change.decision.kind !== 'change') throw new Error('not decided');
    const { transition } = decisionWrite(change.decision, topology, [], NOW, 'test');
    const steps = { ...transition.steps, dns: { ...transition.steps.dns, status } };
    const held = vipState({ epoch: transition.epoch, holder: transition.to, changedAtMs: NOW - 5_000 });
    const observations = [...holderLooks, ...looks('fs-a', 'ok', 'standby')];
    const snapshot = healthy({ topology: { ...topology, vips }, vips: [held], observations });
    return explain(snapshot, [{ ...transition, from: { nodeId: fromId, coreUuid: null }, steps }], NOW);
  };

  it('is not so by a dead holder, wherever the name leads', () => {
    const { vips } = moved(false, 'pending', 'fs-a', looks('fs-b', 'refused', 'silent'));
    expect(vips[0]?.served).toBe('no');
  });

  it('is so by a name that is to be written anew on the same node', () => {
    const { vips } = moved(false, 'pending', 'fs-b');
    expect(vips[0]).toMatchObject({ served: 'yes', nameBehind: null });
  });

  it.each([
    ['is so by the address, and not by a name that is not written yet', true, 'pending', 'yes', 'fs-a'],
    ['is not known where that name is all they have', false, 'pending', 'unknown', 'fs-a'],
    ['is so by both', true, 'done', 'yes', null],
  ] as const)('%s', (_words, elasticIp, dns, served, leadsTo) => {
    const { vips, headline } = moved(elasticIp, dns);
    const name =
      leadsTo === null
        ? null
        : `sip.pbx.internal is not written yet by main#2: who calls it may still be led to ${leadsTo}`;
    expect(vips[0]).toMatchObject({ served, nameBehind: name });
    expect(headline.includes(name ?? 'name')).toBe(name !== null);
  });

  it.each([
    ['well', 'ok', 'ok', 'yes'],
    ['full', 'ok', 'busy', 'yes'],
    ['with ESL silent', 'silent', 'ok', 'yes'],
    ['in standby', 'ok', 'standby', 'no'],
    ['with SIP silent', 'ok', 'silent', 'no'],
    ['paused inside: new calls are refused', 'paused', 'ok', 'no'],
  ] as const)('%s', (_words, eslSeen, sipSeen, served) => {
    expect(explained(holderSeen(looks('fs-a', eslSeen, sipSeen))).main.served).toBe(served);
  });

  it('is neither yes nor no by one observer each', () => {
    const [answered, silent] = [look('fs-a', ZONES[0], 'ok', 'ok'), look('fs-a', ZONES[1], 'ok', 'silent')];
    expect(explained(holderSeen([answered, silent])).main.served).toBe('unknown');
  });

  it('is not known from looks at the holder before', () => {
    expect(explained(healthy({ vips: [vipState({ changedAtMs: NOW - 10 })] })).main.served).toBe('unknown');
  });

  it('is not known while SIP waits for the database: calls are taken meanwhile', () => {
    const away = { verdict: 'away', detail: 'no answer', latencyMs: null } as const;
    const topology = topologyOf(2, { database: { host: 'db', port: 5432, name: 'freeswitch' } });
    expect(explained(holderSeen(looks('fs-a', 'ok', 'silent', { database: away }), { topology })).main.served).toBe(
      'unknown',
    );
  });

  it('is no without a holder', () => {
    const unassigned = vipState({ holder: null, status: 'unassigned', epoch: 0 });
    expect(explained(healthy({ vips: [unassigned], observations: [] })).main).toMatchObject({
      served: 'no',
      missingForFailover: ['it has no holder: the first fit node is given it, which is no failover'],
    });
  });
});

it('is plain data', () => {
  const { whole } = explained(healthy());
  expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
});
