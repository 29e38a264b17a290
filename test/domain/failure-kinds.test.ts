/** What kind of failure it is, and what each kind justifies; and that the judgement never goes further than that. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decide } from '../../lib/domain/decide';
import {
  classifyCluster,
  FAILURE_CASES,
  justifiesAtLeast,
  type Classification,
  type FailureCase,
  type FailureKind,
} from '../../lib/domain/failure-kinds';
import { SIGNS } from '../../lib/domain/failure-kinds/signs';
import type { ClusterSnapshot, DatabaseEvidence, Observation } from '../../lib/domain/model';
import { look, looks, NOW, topologyOf, vipState, withShutdownPending, ZONES } from '../support/cluster';
import { classified, holderSeen } from '../support/classified';
import { isJustified } from '../support/justified';
import { healthyPair, heldVip, seen } from '../support/two-vips';
import { anyCluster } from './any-cluster';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
const away: DatabaseEvidence = { verdict: 'away', detail: 'no answer in 1000 ms', latencyMs: null };

/** Zone 1a sees the first, the others the second. */
const split = (one: Observation[], others: Observation[]): Observation[] => [
  ...one.filter(({ zone }) => zone === ZONES[0]),
  ...others.filter(({ zone }) => zone !== ZONES[0]),
];

const longSilent = { eslMissingSinceMs: NOW - 60_000, sipMissingSinceMs: { main: NOW - 60_000 } };
const stopping = [{ nodeId: 'fs-a', state: 'stopping', atMs: NOW - 2_000 }];
const impaired = [{ nodeId: 'fs-a', state: 'impaired', atMs: NOW - 2_000 }];

describe('a failure that a majority shows', () => {
  it.each<[string, ClusterSnapshot, Partial<Classification>]>([
    ['nothing', holderSeen(looks('fs-a', 'ok', 'ok')), { kind: 'none', justifies: 'nothing' }],
    [
      'the process killed',
      holderSeen(looks('fs-a', 'refused', 'silent')),
      { kind: 'software', justifies: 'fail-over' },
    ],
    ['the host silent', holderSeen(looks('fs-a', 'silent', 'silent')), { kind: 'hardware', justifies: 'fail-over' }],
    [
      'the host silent, and EC2 says that it stops',
      holderSeen(looks('fs-a', 'silent', 'silent'), { instances: stopping }),
      { case: 'host-down', justifies: 'fail-over' },
    ],
    [
      'the host silent, and its status checks fail',
      holderSeen(looks('fs-a', 'silent', 'silent'), { instances: impaired }),
      { case: 'host-down', justifies: 'fail-over' },
    ],
    ['SIP stuck', holderSeen(looks('fs-a', 'ok', 'silent')), { kind: 'software', case: 'sip-stuck' }],
    [
      'SIP silent while the database is away',
      holderSeen(looks('fs-a', 'ok', 'silent', { database: away }), { topology: topologyOf(2, { database }) }),
      { kind: 'database', justifies: 'page' },
    ],
    [
      'another FreeSWITCH than was promoted',
      holderSeen(looks('fs-a', 'ok', 'standby').map((each) => ({ ...each, esl: { ...each.esl, coreUuid: 'new' } }))),
      { case: 'restarted', justifies: 'restart-in-place' },
    ],
    [
      'the holder fallen into standby',
      holderSeen(looks('fs-a', 'ok', 'standby')),
      { case: 'fallen-into-standby', justifies: 'restart-in-place' },
    ],
    [
      'a drained holder',
      holderSeen(looks('fs-a', 'ok', 'standby'), { vips: [vipState({ paused: true })] }),
      { kind: 'operator', justifies: 'nothing' },
    ],
    ['a rejected password', holderSeen(looks('fs-a', 'rejected', 'silent')), { kind: 'misconfiguration' }],
    ['ESL lost', holderSeen(looks('fs-a', 'silent', 'ok')), { case: 'esl-lost', justifies: 'page' }],
    ['a shutdown by hand', holderSeen(looks('fs-a', 'stopping', 'ok')), { kind: 'operator', justifies: 'page' }],
    [
      'a shutdown that waits for the last call',
      holderSeen(withShutdownPending(looks('fs-a', 'ok', 'ok'))),
      { case: 'stopping', justifies: 'page' },
    ],
    ['`fsctl pause`', holderSeen(looks('fs-a', 'paused', 'ok')), { kind: 'operator', justifies: 'page' }],
    ['all sessions in use', holderSeen(looks('fs-a', 'ok', 'busy')), { kind: 'overload', justifies: 'shed' }],
    [
      'all sessions in use, and looks that differ in all else',
      holderSeen([
        ...looks('fs-a', 'ok', 'busy').slice(0, 1),
        ...withShutdownPending(looks('fs-a', 'ok', 'busy').slice(1, 2)),
        ...looks('fs-a', 'ok', 'busy', { coreUuid: 'new' })
          .slice(2)
          .map((each) => ({ ...each, esl: { ...each.esl, coreUuid: 'new' } })),
      ]),
      { kind: 'overload', justifies: 'shed' },
    ],
    [
      'an instance that goes down and still serves',
      holderSeen(looks('fs-a', 'ok', 'ok'), { instances: stopping }),
      { kind: 'hardware', justifies: 'switch-over' },
    ],
    [
      'an instance that is impaired and still serves',
      holderSeen(looks('fs-a', 'ok', 'ok'), { instances: impaired }),
      { case: 'host-going', justifies: 'switch-over' },
    ],
    [
      'two of three observers for long, against one that is served',
      holderSeen(split(looks('fs-a', 'ok', 'ok'), looks('fs-a', 'silent', 'silent', longSilent))),
      { kind: 'network', justifies: 'fail-over' },
    ],
    [
      'fewer observers than a majority, for long',
      holderSeen([look('fs-a', ZONES[0], 'silent', 'silent')]),
      { case: 'unwatched', justifies: 'page' },
    ],
  ])('%s', (_words, snapshot, expected) => {
    expect(classified(snapshot)).toMatchObject({ conclusive: true, ...expected });
  });
});

describe('a suspicion', () => {
  it.each<[string, Observation[]]>([
    ['of one observer', split(looks('fs-a', 'refused', 'silent'), [look('fs-a', ZONES[1], 'ok', 'ok')])],
    ['of a majority against one, not for long', split(looks('fs-a', 'ok', 'ok'), looks('fs-a', 'silent', 'silent'))],
    [
      'without a majority of observers, for a moment',
      looks('fs-a', 'ok', 'ok').map((each) => ({ ...each, observedAtMs: NOW - 20_000 })),
    ],
    ['after the first misses', looks('fs-a', 'silent', 'silent', { eslMisses: 1, sipMisses: { main: 1 } })],
  ])('%s justifies nothing', (_words, observations) => {
    const found = classified(holderSeen(observations));
    expect(found).toMatchObject({ conclusive: false, justifies: 'nothing' });
    expect(found.kind).not.toBe('none');
  });

  it('that lasts and comes to no conclusion justifies a page', () => {
    const contradicting = looks('fs-a', 'silent', 'malformed', longSilent);
    expect(classified(holderSeen(contradicting))).toMatchObject({ conclusive: false, justifies: 'page' });
  });

  it('of one observer while a majority is served is no failure, and is named', () => {
    const one = split(looks('fs-a', 'silent', 'silent'), looks('fs-a', 'ok', 'ok'));
    expect(classified(holderSeen(one))).toMatchObject({
      kind: 'none',
      conclusive: true,
      gray: `observer ${ZONES[0]} dissents`,
    });
  });
});

describe('a gray failure is named', () => {
  it.each<[string, Observation[]]>([
    ['ESL well and SIP stuck', looks('fs-a', 'ok', 'silent')],
    ['SIP well and ESL silent', looks('fs-a', 'silent', 'ok')],
    ['SIP well and ESL refused', looks('fs-a', 'refused', 'ok')],
    ['observer us-east-1a dissents', split(looks('fs-a', 'ok', 'ok'), looks('fs-a', 'silent', 'silent'))],
    [
      "seen well by the standby's zone only (us-east-1b)",
      looks('fs-a', 'silent', 'silent').map((each) =>
        each.zone === 'us-east-1b' ? look('fs-a', each.zone, 'ok', 'ok') : each,
      ),
    ],
  ])('%s', (gray, observations) => {
    expect(classified(holderSeen(observations)).gray).toBe(gray);
  });

  it('and one where all agree is not', () => {
    expect(classified(holderSeen(looks('fs-a', 'silent', 'silent'))).gray).toBeNull();
  });
});

describe('the evidence', () => {
  it('has both signals of every observer, and what the standby makes of it', () => {
    const { evidence } = classified(holderSeen(looks('fs-a', 'silent', 'silent')));
    const against = evidence.filter(({ weighs }) => weighs === 'against');
    expect(against.map(({ source, zone }) => [source, zone])).toEqual([
      ...ZONES.flatMap((zone) => [
        ['esl', zone],
        ['sip', zone],
      ]),
      ['standby', 'us-east-1b'],
      ['standby', null],
    ]);
  });

  it('of an observer without a vote weighs nothing, and says why', () => {
    const muted = { muted: true, mutedWhy: 'cold start: look 1 of 2' };
    const { evidence } = classified(holderSeen(looks('fs-a', 'silent', 'silent', muted)));
    const fromObservers = evidence.filter(({ source }) => ['esl', 'sip', 'observer'].includes(source));
    expect(new Set(fromObservers.map(({ weighs }) => weighs))).toEqual(new Set(['nothing']));
    expect(evidence).toContainEqual({
      source: 'observer',
      zone: ZONES[0],
      says: 'no vote: cold start: look 1 of 2',
      weighs: 'nothing',
    });
  });

  it('of EC2 weighs nothing while it says "running": a host that dies leaves its instance so', () => {
    const running = [{ nodeId: 'fs-a', state: 'running', atMs: NOW - 5_000 }];
    const { evidence } = classified(holderSeen(looks('fs-a', 'silent', 'silent'), { instances: running }));
    expect(evidence).toContainEqual({ source: 'ec2', zone: null, says: 'running, told 5 s ago', weighs: 'nothing' });
  });

  it('of EC2 is outlived by a node that has answered for a minute since', () => {
    const old = [{ nodeId: 'fs-a', state: 'stopped', atMs: NOW - 61_000 }];
    expect(classified(holderSeen(looks('fs-a', 'ok', 'ok'), { instances: old }))).toMatchObject({ kind: 'none' });
  });

  it('of a database that is away excuses silence on SIP, and nothing else', () => {
    const topology = topologyOf(2, { database });
    const weighs = (observations: Observation[]): string[] =>
      classified(holderSeen(observations, { topology }))
        .evidence.filter(({ source }) => source === 'database')
        .map((each) => each.weighs);
    expect(weighs(looks('fs-a', 'ok', 'silent', { database: away }))).toEqual(['for', 'for', 'for']);
    expect(weighs(looks('fs-a', 'silent', 'silent', { database: away }))).toEqual(['nothing', 'nothing', 'nothing']);
  });
});

describe('a zone failure', () => {
  const sip = { main: { verdict: 'silent', detail: '', latencyMs: null } } as const;
  const sipMissingSinceMs = { main: NOW - 60_000, second: NOW - 60_000 };
  const silent = { sip: { ...sip, second: sip.main }, sipHistory: { main: 1023, second: 1023 }, sipMissingSinceMs };
  const lost = looks('fs-a', 'silent', 'silent', { eslMissingSinceMs: NOW - 60_000, ...silent }).filter(
    ({ zone }) => zone !== ZONES[0],
  );
  const others = [...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')].filter(({ zone }) => zone !== ZONES[0]);
  const zoneLost = healthyPair({ observations: [...lost, ...others] });

  it('is one kind for all VIPs of the zone, and one event', () => {
    const { vips, events } = classifyCluster(zoneLost, NOW);
    expect([vips['main']?.kind, vips['second']?.kind]).toEqual(['zone', 'zone']);
    expect(events).toMatchObject([
      { kind: 'zone', zone: ZONES[0], vipIds: ['main', 'second'], justifies: 'fail-over' },
    ]);
  });

  it('is shown for the zone as soon as it is shown for one of its VIPs', () => {
    const young = { ...zoneLost, vips: [heldVip('main', { changedAtMs: NOW - 50 }), heldVip('second')] };
    expect(classifyCluster(young, NOW).events).toMatchObject([{ vipIds: ['main', 'second'], conclusive: true }]);
  });

  it('is none while the observer of the zone speaks', () => {
    const speaks = look('fs-a', ZONES[0], 'silent', 'silent', silent);
    expect(classified({ ...zoneLost, observations: [...zoneLost.observations, speaks] }).kind).toBe('hardware');
  });

  it('is none where its host refuses: a refusal is an answer', () => {
    const refused = lost.map((each) => ({ ...each, esl: { ...each.esl, verdict: 'refused' as const } }));
    expect(classified({ ...zoneLost, observations: [...refused, ...others] }).kind).toBe('software');
  });
});

describe('the table', () => {
  const cases: [string, FailureCase][] = Object.entries(FAILURE_CASES);

  it('has a sign for every case', () => {
    expect(SIGNS.map(({ name }) => name).sort()).toEqual(cases.map(([name]) => name).sort());
  });

  it.each<FailureKind>(['misconfiguration', 'overload', 'operator', 'database', 'none'])(
    'justifies no failover by %s',
    (kind) => {
      const ofKind = cases.filter(([, each]) => each.kind === kind);
      expect(ofKind.length).toBeGreaterThan(0);
      for (const [, { conclusive }] of ofKind) expect(justifiesAtLeast(conclusive, 'restart-in-place')).toBe(false);
    },
  );

  it('justifies no more than a page by what is merely suspected', () => {
    for (const [, { suspected }] of cases) expect(justifiesAtLeast('page', suspected)).toBe(true);
  });

  it('stands in docs/architecture.md as it is here', () => {
    const page = readFileSync(join(__dirname, '../../docs/architecture.md'), 'utf8');
    const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
    for (const [name, { kind, says, conclusive, suspected }] of cases) {
      expect(rows.filter((cells) => cells[2] === name)).toEqual([
        ['', kind, name, says.replaceAll('`', ''), conclusive, suspected, ''],
      ]);
    }
  });
});

describe('the judgement never goes further than its kind of failure justifies', () => {
  it('for any cluster', () => {
    const drawn = { failovers: 0, reinstatements: 0, incidents: 0 };
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        for (const decision of decide(snapshot, [], NOW)) {
          if (!snapshot.vips.some((vip) => vip.vipId === decision.vipId)) continue;
          if (decision.kind === 'incident') drawn.incidents += 1;
          if (decision.kind === 'change' && decision.transition === 'failover') drawn.failovers += 1;
          if (decision.kind === 'change' && decision.transition === 'reinstatement') drawn.reinstatements += 1;
          expect([decision, isJustified(snapshot, decision)]).toEqual([decision, true]);
        }
      }),
      { numRuns: 1_000 },
    );
    // A property that never met the case it is about would prove nothing.
    expect(Math.min(...Object.values(drawn))).toBeGreaterThan(20);
  });
});

describe('the evidence of an observer without a vote', () => {
  it.each([
    ['blind: neither a node nor a control target in another zone answers', { blind: true }],
    ['cold start: look 1 of 2', {}],
  ])('says why once: %s', (mutedWhy, more) => {
    const silenced = look('fs-a', ZONES[0], 'silent', 'silent', { muted: true, mutedWhy, ...more });
    const others = looks('fs-a', 'ok', 'ok').filter(({ zone }) => zone !== ZONES[0]);

    const { evidence } = classified(holderSeen([silenced, ...others]));

    expect(evidence.filter(({ source }) => source === 'observer')).toEqual([
      { source: 'observer', zone: ZONES[0], says: `no vote: ${mutedWhy}`, weighs: 'nothing' },
    ]);
  });
});
