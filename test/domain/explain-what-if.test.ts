/** What would happen now if something failed: the failures as the observers would see them, and what is decided then. */
import { decide } from '../../lib/domain/decide';
import { explain, type Failure } from '../../lib/domain/explain';
import { asIfDatabaseFailed, asIfNodeFailed, asIfZoneFailed } from '../../lib/domain/explain/as-if';
import { settle } from '../../lib/domain/explain/outcome';
import type { ClusterSnapshot, Observation, Policy, Transition } from '../../lib/domain/model';
import {
  healthy,
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
import { aMove, journalOf } from '../support/moves';
import { healthyPair, heldVip, seen, twoVips } from '../support/two-vips';

const moment = { nowMs: NOW, lastedMs: 10_000 };
const withPolicy = (overrides: Partial<Policy>): Partial<ClusterSnapshot> => ({
  topology: topologyOf(2, { policy: { ...policy, ...overrides } }),
});

/** What it would mean, by VIP id. */
function effects(snapshot: ClusterSnapshot, failure: Failure): Record<string, string> {
  const found = explain(snapshot, [], NOW).whatIf.find(
    (each) => JSON.stringify(each.failure) === JSON.stringify(failure),
  );
  if (found === undefined) throw new Error(`${JSON.stringify(failure)} is not asked about`);
  return Object.fromEntries(found.effects.map(({ vipId, says }) => [vipId, says]));
}

const killed = (nodeId: string): Failure => ({ kind: 'node', nodeId, how: 'killed' });
const frozen = (nodeId: string): Failure => ({ kind: 'node', nodeId, how: 'frozen' });

describe('the snapshot as it would look', () => {
  it.each([
    ['killed', 'conclusive-death'],
    ['frozen', 'suspected-death'],
    ['host-lost', 'suspected-death'],
  ] as const)('after a node is %s has the evidence of a %s', (how, cause) => {
    const after = asIfNodeFailed(healthy(), 'fs-a', how, moment);
    expect(decide(after, [], NOW + moment.lastedMs)).toMatchObject([{ kind: 'change', cause, to: { nodeId: 'fs-b' } }]);
  });

  it('has misses for as long as it lasted, and no longer', () => {
    const after = asIfNodeFailed(healthy(), 'fs-a', 'frozen', { nowMs: NOW, lastedMs: 2_000 });
    expect(after.observations[0]).toMatchObject({ eslMisses: 2, eslHistory: 0b11, eslMissingSinceMs: NOW });
    expect(decide(after, [], NOW + 2_000)).toMatchObject([{ kind: 'none' }]);
  });

  it('leaves an observer without a vote what it said last', () => {
    const blind = looks('fs-a', 'ok', 'ok').map((each) => ({ ...each, blind: each.zone === ZONES[0] }));
    const before = healthy({ observations: [...blind, ...looks('fs-b', 'ok', 'standby')] });
    const after = asIfNodeFailed(before, 'fs-a', 'killed', moment);
    expect(after.observations.find((each) => each.zone === ZONES[0] && each.nodeId === 'fs-a')).toEqual(blind[0]);
  });

  it.each([
    ['killed', 'refused', NOW - 3_000],
    ['frozen', 'silent', null],
  ] as const)('goes on from what was missed before a node is %s', (how, verdict, eslRefusedSinceMs) => {
    const missed = { eslMisses: 2, sipMisses: { main: 1 }, eslMissingSinceMs: NOW - 3_000 };
    const before = healthy({ observations: looks('fs-a', 'refused', 'silent', missed) });

    const after = asIfNodeFailed(before, 'fs-a', how, { nowMs: NOW, lastedMs: 2_000 });

    expect(after.observations[0]).toMatchObject({
      ...{ esl: { verdict }, eslMisses: 4, eslHistory: 0b1111, eslMissingSinceMs: NOW - 3_000, eslRefusedSinceMs },
      ...{ sipMisses: { main: 3 }, sipHistory: { main: 0b111 }, sipMissingSinceMs: { main: NOW - 1_900 } },
    });
  });

  it('of a standby that is lost has nothing that was well of it', () => {
    const after = asIfNodeFailed(healthy(), 'fs-b', 'host-lost', moment);
    const seen = after.observations.find(({ nodeId }) => nodeId === 'fs-b');
    expect(seen).toMatchObject({ eslWellSinceMs: null, sipStandbys: { main: 0 } });
  });

  it.each([
    ['a moment: one look at least missed it', 100, 0, 0b1],
    ['long: no look in the history did not', 120_000, 0, 2 ** 31 - 1],
    ['a look more, where all have missed it', 1_000, 2 ** 31 - 1, 2 ** 31 - 1],
  ])('after %s', (_words, lastedMs, eslHistory, afterwards) => {
    const before = healthy({ observations: looks('fs-a', 'ok', 'ok', { eslHistory }) });
    const after = asIfNodeFailed(before, 'fs-a', 'frozen', { nowMs: NOW, lastedMs });
    expect(after.observations[0]?.eslHistory).toBe(afterwards);
  });

  it('after a zone is lost has nobody who watches for it', () => {
    const lease = {
      ...{ owner: '', startedAtMs: NOW, renewedAtMs: NOW, untilMs: NOW },
      codeVersion: '',
      topologyVersion: '',
    };
    const leases = ZONES.map((zone) => ({ ...lease, zone }));
    const after = asIfZoneFailed(healthy({ leases }), ZONES[0], moment);
    expect(after.leases.map(({ zone }) => zone)).toEqual([ZONES[1], ZONES[2]]);
  });

  it('after a zone is lost has nothing new from its observer', () => {
    const after = asIfZoneFailed(healthy(), ZONES[0], moment);
    const ages = after.observations.map(({ zone, observedAtMs }) => [zone, NOW + moment.lastedMs - observedAtMs]);
    expect(ages.filter(([zone]) => zone === ZONES[0]).map(([, ageMs]) => ageMs)).toEqual([10_100, 10_100]);
    expect(ages.filter(([zone]) => zone !== ZONES[0]).map(([, ageMs]) => ageMs)).toEqual([0, 0, 0, 0]);
  });

  it('after the database is lost leaves nodes answering, unless they hang on it', () => {
    const sipOf = (sip: 'answers' | 'hangs'): unknown =>
      asIfDatabaseFailed(healthy(), sip, moment).observations[0]?.sip['main']?.verdict;
    expect([sipOf('answers'), sipOf('hangs')]).toEqual(['ok', 'silent']);
  });

  it('does not change the snapshot that it was made of', () => {
    const before = healthy();
    const copy = structuredClone(before);
    asIfZoneFailed(before, ZONES[0], moment);
    asIfNodeFailed(before, 'fs-a', 'frozen', moment);
    expect(before).toEqual(copy);
  });
});

describe('what if a node fails', () => {
  it('its VIP fails over, and one that it does not hold is not affected', () => {
    const snapshot = healthyPair({
      topology: twoVips({ policy }),
      vips: [heldVip('main'), heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } })],
      nodes: [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { claims: ['second'] }), nodeState('fs-c')],
      observations: [...seen('fs-a', 'ok', 'standby'), ...seen('fs-b', 'standby', 'ok'), ...seen('fs-c', 'standby')],
    });
    expect(effects(snapshot, killed('fs-a'))).toEqual({ main: 'fails over to fs-c', second: 'is not affected' });
    expect(effects(snapshot, killed('fs-c'))).toEqual({
      main: 'is not affected, and has no standby left',
      second: 'is not affected, and has no standby left',
    });
  });

  it('VIPs that have to wait for each other are not served meanwhile', () => {
    const topology = twoVips({ policy: { ...policy, maxTransitionsInFlight: 1 } });
    const { whatIf } = explain(healthyPair({ topology }), [], NOW);
    expect(whatIf.find(({ failure }) => failure.kind === 'node')?.effects).toMatchObject([
      { vipId: 'main', staysServed: true },
      {
        vipId: 'second',
        says: 'waits: 1 changes of holder are under way (maxTransitionsInFlight)',
        staysServed: false,
      },
    ]);
  });

  it('VIPs that run for the same spare do not all get it', () => {
    const topology = twoVips({ policy });
    const snapshot = healthyPair({ topology });
    expect(effects(snapshot, killed('fs-a'))).toEqual({ main: 'fails over to fs-b', second: 'fails over to fs-c' });
    const oneSpare = { ...snapshot, nodes: [...snapshot.nodes.slice(0, 2), nodeState('fs-c', { paused: true })] };
    expect(effects(oneSpare, killed('fs-a'))).toEqual({
      main: 'fails over to fs-b',
      second: 'no standby: nothing is torn down, on-call is paged',
    });
  });

  it('one event counts once, also where its VIPs go to different nodes', () => {
    const topology = twoVips({ policy: { ...policy, maxFailoversPerWindow: 1 } });
    expect(effects(healthyPair({ topology }), killed('fs-a'))).toEqual({
      main: 'fails over to fs-b',
      second: 'fails over to fs-c',
    });
  });

  it('and no standby is fit: nothing is torn down', () => {
    const alone = healthy({ observations: [...looks('fs-a', 'ok', 'ok'), ...looks('fs-b', 'refused', 'silent')] });
    expect(effects(alone, frozen('fs-a'))).toEqual({ main: 'no standby: nothing is torn down, on-call is paged' });
  });

  it('and its VIP is paused: nobody helps its callers', () => {
    const paused = healthy({ vips: [vipState({ paused: true })] });
    expect(effects(paused, killed('fs-a'))).toEqual({
      main: 'nothing happens by itself: the VIP is paused; its callers are not served',
    });
  });

  it('inside the block period: says until when', () => {
    const blocked = healthy({ vips: [vipState({ lastAutomaticFailoverAtMs: NOW - 60_000 })] });
    const until = new Date(NOW + 540_000).toISOString();
    expect(effects(blocked, killed('fs-a'))['main']).toContain(`blocked until ${until}`);
  });

  it('and its supervisor has the first turn: says how long that takes', () => {
    const patient = healthy(withPolicy({ crashAction: 'restart-in-place', restartGraceMs: 10_000 }));
    expect(effects(patient, killed('fs-a'))).toEqual({ main: 'fails over to fs-b, after about 11 s' });
    expect(effects(patient, frozen('fs-a'))).toEqual({ main: 'fails over to fs-b' });
  });

  it('and SIP alone counts sooner than silence: says when silence counts', () => {
    expect(effects(healthy(withPolicy({ suspectAfterMisses: 6 })), frozen('fs-a'))).toEqual({
      main: 'fails over to fs-b',
    });
  });

  it('and an observer is gone: silence has to last, a refusal does not', () => {
    const observations = healthy().observations.filter(({ zone }) => zone !== ZONES[2]);
    expect(effects(healthy({ observations }), frozen('fs-a'))).toEqual({ main: 'fails over to fs-b, after about 6 s' });
    expect(effects(healthy({ observations }), killed('fs-a'))).toEqual({ main: 'fails over to fs-b' });
  });
});

describe('what if a VIP', () => {
  it('is where a planned move that took nothing has left it: the node that it was to go to is not its holder', () => {
    const decidedAtMs = NOW - 900_000;
    const journal = journalOf(aMove({ detectedAtMs: decidedAtMs }), topologyOf(), decidedAtMs);
    const target = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
    const moving = vipState({ epoch: 2, status: 'moving', holder: target, changedAtMs: decidedAtMs });

    const { whatIf } = explain(healthy({ vips: [moving] }), [{ ...journal, status: 'stuck', closedAtMs: NOW }], NOW);

    const ifTargetDies = whatIf.find(({ failure }) => failure.kind === 'node' && failure.nodeId === 'fs-b');
    expect(ifTargetDies?.effects).toMatchObject([
      { says: expect.stringMatching(/^is not affected/), staysServed: true },
    ]);
  });

  it('is due to move home: that comes with time, and with no failure', () => {
    const away = healthy({
      ...withPolicy({ failback: 'automatic', failbackAfterMs: 60_000 }),
      vips: [vipState({ holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } })],
      nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['main'] })],
      observations: [...looks('fs-a', 'ok', 'standby'), ...looks('fs-b', 'ok', 'ok')],
    });

    expect(explain(away, [], NOW).vips[0]?.decision.does).toBe('moves back to fs-a, with its calls');
    expect(effects(away, { kind: 'zone', zone: ZONES[2] })).toEqual({ main: 'is not affected' });
  });

  describe('of a group, which moves as one', () => {
    const nodes = [
      nodeState('fs-a', { claims: ['main', 'second'] }),
      nodeState('fs-b'),
      nodeState('fs-c', { claims: ['third'] }),
    ];
    const grouped = healthyPair({ topology: twoVips({}, 'office'), nodes });

    it('has no standby left where none has room for all of it', () => {
      const left = 'is not affected, and has no standby left';

      expect(effects(grouped, killed('fs-b'))).toEqual({ main: left, second: left });
    });

    it('loses none that had no room for all of it', () => {
      const others = grouped.observations.filter(({ nodeId }) => nodeId !== 'fs-b');
      const without = { ...grouped, observations: [...others, ...looks('fs-b', 'refused', 'silent')] };

      expect(effects(without, killed('fs-c'))).toEqual({ main: 'is not affected', second: 'is not affected' });
    });
  });

  it('is not in the store yet', () => {
    const { vips, whatIf, headline } = explain(healthy({ vips: [] }), [], NOW);
    expect(vips).toEqual([]);
    expect(headline).toBe('Nobody watches main: the store has no state for it. Register the deployment again.');
    const told = new Set(
      whatIf.flatMap(({ effects }) => effects).map(({ says, staysServed }) => `${says} ${staysServed}`),
    );
    expect([...told]).toEqual(['has no state in the store false']);
  });
});

describe('what if a zone fails', () => {
  it('is asked of zones with nodes alone, and of zones with observers alone', () => {
    const [, ...observers] = ZONES;
    const { whatIf } = explain(healthy({ topology: topologyOf(2, { observers }) }), [], NOW);
    expect(whatIf.flatMap(({ failure }) => (failure.kind === 'zone' ? failure.zone : []))).toEqual([...ZONES]);
  });

  it('its VIPs fail over when its observer has dissented for long enough, the others are not affected', () => {
    expect(effects(healthy(), { kind: 'zone', zone: ZONES[0] })).toEqual({
      main: 'fails over to fs-b, after about 6 s',
    });
    expect(effects(healthy(), { kind: 'zone', zone: ZONES[1] })).toEqual({
      main: 'is not affected, and has no standby left',
    });
    expect(effects(healthy(), { kind: 'zone', zone: ZONES[2] })).toEqual({ main: 'is not affected' });
  });

  it('and an observer of another zone is gone already: nobody may judge, and that is told when it lasts', () => {
    const observations = healthy().observations.filter(({ zone }) => zone !== ZONES[2]);
    const says = 'too few observers are left to judge: nothing is decided, on-call is paged, after about 120 s';
    for (const zone of [ZONES[0], ZONES[1]]) {
      expect(effects(healthy({ observations }), { kind: 'zone', zone })).toEqual({ main: says });
    }
  });
});

describe('what if a VIP stays where it is, and on-call is paged', () => {
  const observer: Failure = { kind: 'zone', zone: ZONES[2] };
  const unfit = looks('fs-b', 'refused', 'silent');
  const standby = looks('fs-b', 'ok', 'standby');
  const withdrawn = (forMs: number) =>
    withShutdownPending(looks('fs-a', 'ok', 'ok', { withdrawnSinceMs: NOW - forMs }));
  const full = looks('fs-a', 'ok', 'busy');
  const rejecting = looks('fs-a', 'rejected', 'ok');
  const gray = looks('fs-a', 'silent', 'ok', { eslMissingSinceMs: NOW - 20_000 });

  /** What it would mean for `main`. */
  function effectOn(observations: Observation[], failure: Failure): unknown {
    const rows = explain(healthy({ observations }), [], NOW).whatIf;
    return rows.find((each) => JSON.stringify(each.failure) === JSON.stringify(failure))?.effects[0];
  }

  it.each([
    ['full, and nobody else is fit', [...full, ...unfit]],
    ['one that rejects the observers', [...rejecting, ...standby]],
    ['told to shut down with its last call', [...withdrawn(60_000), ...standby]],
    ['told so a moment ago, and paged for in a while', [...withdrawn(0), ...standby]],
    ['a gray failure', [...gray, ...standby]],
  ])('for what is so without the failure: the holder is %s', (_words, observations) => {
    expect(effectOn(observations, observer)).toEqual({ vipId: 'main', says: 'is not affected', staysServed: true });
  });

  it.each([
    ['the only standby of a full holder is killed', [...full, ...standby], killed('fs-b'), /^its holder is full/],
    [
      'an observer is lost, another one was lost before, and the holder is full',
      [...full, ...unfit].filter(({ zone }) => zone !== ZONES[2]),
      { kind: 'zone', zone: ZONES[1] } as const,
      /^too few observers are left/,
    ],
    [
      'an observer is lost, and another one was lost before',
      healthy().observations.filter(({ zone }) => zone !== ZONES[2]),
      { kind: 'zone', zone: ZONES[1] } as const,
      /^too few observers are left/,
    ],
  ])('for what the failure brings, and stays served: %s', (_words, observations, failure, says) => {
    expect(effectOn(observations, failure)).toMatchObject({ says: expect.stringMatching(says), staysServed: true });
  });

  it.each([
    ['the holder is killed', [...full, ...unfit], killed('fs-a'), /^no standby/],
    ['it is dead already', [...looks('fs-a', 'refused', 'silent'), ...unfit], killed('fs-a'), /^no .* is paged$/],
    [
      'a holder that refuses new calls serves nobody, whatever fails',
      looks('fs-a', 'paused', 'busy'),
      observer,
      /not served now$/,
    ],
    [
      'the zone of the holder is lost, and an observer was before',
      healthy().observations.filter(({ zone }) => zone !== ZONES[2]),
      { kind: 'zone', zone: ZONES[0] } as const,
      /^too few observers are left/,
    ],
  ])('and is not served: %s', (_words, observations, failure, says) => {
    expect(effectOn(observations, failure)).toMatchObject({ says: expect.stringMatching(says), staysServed: false });
  });

  it('because SIP hangs on the database: calls are taken all the same', () => {
    const rows = explain(healthyPair(), [], NOW).whatIf;
    const hangs = rows.find(({ failure }) => failure.kind === 'database' && failure.sip === 'hangs');
    expect(hangs?.effects[0]).toMatchObject({
      says: expect.stringContaining('database is to blame'),
      staysServed: true,
    });
  });
});

describe('what if the store or the database fails', () => {
  it('without the store nothing is decided, and calls go on', () => {
    expect(effects(healthy(), { kind: 'store' })['main']).toContain('calls go on');
  });

  const store: Failure = { kind: 'store' };
  const lost: Failure = { kind: 'zone', zone: ZONES[2] };
  const dead = (overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
    healthy({ observations: [...looks('fs-a', 'refused', 'silent'), ...looks('fs-b', 'ok', 'standby')], ...overrides });
  const stopped = { control: { paused: true, pausedReason: 'drill', pausedUntilMs: null, transitionsInFlight: 0 } };
  const pausedNode = (nodeId: string): ClusterSnapshot =>
    healthy({ nodes: healthy().nodes.map((node) => ({ ...node, paused: node.nodeId === nodeId })) });
  const justPaused = looks('fs-a', 'paused', 'busy', { withdrawnSinceMs: NOW });
  const moving = vipState({ status: 'moving', epoch: 2, changedAtMs: NOW - 5_000 });
  const silentTarget = [
    ...looks('fs-a', 'ok', 'standby', { sipStandbys: { main: 1 } }),
    ...looks('fs-b', 'refused', 'silent'),
  ];
  it.each<[string, ClusterSnapshot, Failure, RegExp, boolean]>([
    [
      'a VIP that is served stays so',
      healthy(),
      store,
      /calls go on; a failure meanwhile waits until it answers$/,
      true,
    ],
    [
      'so it does while the cluster is paused, too',
      healthy(stopped),
      store,
      /calls go on;.*the cluster is resumed$/,
      true,
    ],
    ['and while its VIP is', healthy({ vips: [vipState({ paused: true })] }), store, /the VIP is resumed$/, true],
    ['and while its holder is', pausedNode('fs-a'), store, /its holder fs-a is resumed$/, true],
    ['and a standby that is paused is nothing to it', pausedNode('fs-b'), store, /until it answers$/, true],
    ['a dead holder serves nobody without the store', dead(), store, /its callers are not served now/, false],
    [
      'nor does one in `fsctl pause`',
      healthy({ observations: justPaused }),
      store,
      /its callers are not served now/,
      false,
    ],
    ['nor a VIP without a holder', healthy({ vips: [vipState({ holder: null })] }), store, /not served now/, false],
    [
      'a cluster that nobody watches is not called served',
      healthy({ observations: [] }),
      store,
      /nobody can tell/,
      false,
    ],
    [
      'a VIP on its way waits for the store',
      healthy({ vips: [moving], observations: silentTarget }),
      store,
      /its promotion on fs-a waits for the store/,
      false,
    ],
    ['one that is promoted already is served', healthy({ vips: [moving] }), store, /fs-a serves already/, true],
    [
      'an unrelated failure does not make a dead holder of a paused cluster serve',
      dead(stopped),
      lost,
      /is not affected; its callers are not served now/,
      false,
    ],
    [
      'nor a VIP on its way',
      healthy({ vips: [moving], observations: silentTarget }),
      lost,
      /is not affected; its callers are not served until its move to fs-a has ended/,
      false,
    ],
    ['nor one that nobody sees', healthy({ observations: [] }), lost, /is not affected; nobody can tell/, false],
    ['a dead holder is failed over all the same', dead(), lost, /fails over to fs-b/, true],
  ])('%s', (_words, snapshot, failure, says, staysServed) => {
    const row = explain(snapshot, [], NOW).whatIf.find(
      (each) => JSON.stringify(each.failure) === JSON.stringify(failure),
    );
    expect(row?.effects).toEqual([{ vipId: 'main', says: expect.stringMatching(says), staysServed }]);
  });

  it('without the database callers are served, and calls could not be recovered', () => {
    expect(effects(healthyPair(), { kind: 'database', sip: 'answers' })['main']).toContain('is not affected');
    expect(effects(healthyPair(), { kind: 'database', sip: 'hangs' })['main']).toBe(
      'the database is to blame: nothing is torn down, on-call is paged',
    );
  });

  it('without the database a failover that comes anyway loses the established calls', () => {
    const topology = topologyOf(2, { database: { host: 'db', port: 5432, name: 'freeswitch' } });
    expect(effects(dead({ topology }), { kind: 'database', sip: 'answers' })['main']).toBe(
      'fails over to fs-b, without its established calls',
    );
  });

  it('a cluster without a database is not asked about one', () => {
    expect(explain(healthy(), [], NOW).whatIf.map(({ failure }) => failure.kind)).not.toContain('database');
  });
});

describe('several changes at once', () => {
  const dead = looks('fs-a', 'refused', 'silent', {
    sip: Object.fromEntries(['main', 'second'].map((id) => [id, { verdict: 'silent', detail: '', latencyMs: null }])),
    sipMissingSinceMs: { main: NOW - 1_900, second: NOW - 1_900 },
  });
  const falling = (overrides: Partial<ClusterSnapshot>): ClusterSnapshot =>
    healthyPair({ observations: [...dead, ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')], ...overrides });

  it('stop where the cap on transitions in flight is reached', () => {
    const topology = twoVips({ policy: { ...policy, maxVipsPerNode: 2, maxTransitionsInFlight: 1 } });
    const outcomes = settle(falling({ topology }), [], NOW);
    expect(outcomes.get('main')).toMatchObject({ kind: 'decided', decision: { kind: 'change' } });
    expect(outcomes.get('second')).toMatchObject({ kind: 'refused', why: expect.stringContaining('maxTransitions') });
    const { missingForFailover } = explain(falling({ topology }), [], NOW).vips[1]!;
    expect(missingForFailover).toContain('1 changes of holder are under way (maxTransitionsInFlight)');
  });

  const outcomesOf = (snapshot: ClusterSnapshot, journals: readonly Transition[] = []): unknown[] =>
    [...settle(snapshot, journals, NOW).values()].map((outcome) =>
      outcome.kind === 'decided' && outcome.decision.kind === 'change' ? outcome.decision.to.nodeId : outcome,
    );
  const inStandby = looks('fs-a', 'ok', 'standby');

  it('have a place where a VIP has one already', () => {
    expect(outcomesOf(healthy({ observations: [...inStandby, ...looks('fs-b', 'ok', 'standby')] }))).toEqual(['fs-a']);
  });

  it('take one place each, also where a VIP has one already', () => {
    const gone = looks('fs-b', 'refused', 'silent', {
      ...{
        sip: { main: sip('silent'), second: sip('silent') },
        sipMissingSinceMs: { main: NOW - 1_900, second: NOW - 1_900 },
      },
    });
    const topology = twoVips();
    const vips = topology.vips.map((vip) => ({ ...vip, candidates: ['fs-a', 'fs-b'] }));
    const snapshot = healthyPair({
      topology: { ...topology, vips },
      vips: [heldVip('main'), heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } })],
      nodes: [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { claims: ['second'] }), nodeState('fs-c')],
      observations: [...seen('fs-a', 'standby'), ...gone, ...seen('fs-c', 'standby')],
    });

    expect(outcomesOf(snapshot)).toEqual(['fs-a', 'fs-a']);
  });

  it.each([
    ['a cap that is reached keeps no VIP from it', 1, { kind: 'refused' }],
    ['and it leaves others what is left of the cap', 2, 'fs-c'],
  ])('count one that goes on to another node once: %s', (_words, maxTransitionsInFlight, ofSecond) => {
    const topology = twoVips({ policy: { ...policy, maxVipsPerNode: 2, maxTransitionsInFlight } });
    const change = aMove({ transition: 'failover', cause: 'suspected-death', detectedAtMs: NOW - 6_000 });
    const target = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
    const moving = heldVip('main', { epoch: 2, status: 'moving', holder: target, changedAtMs: NOW - 5_000 });
    const snapshot = falling({
      ...{ topology, vips: [moving, heldVip('second')], control: { ...healthy().control, transitionsInFlight: 1 } },
      observations: [...dead, ...dead.map((each) => ({ ...each, nodeId: 'fs-b' })), ...seen('fs-c', 'standby')],
    });

    const journals = [journalOf(change, topology, NOW - 5_000, ['fence'])];

    const [main, second] = outcomesOf(snapshot, journals);

    expect(main).toBe('fs-c');
    expect(explain(snapshot, journals, NOW).vips[0]?.decision.does).toBe('goes on to fs-c in place of fs-b');
    expect([second]).toMatchObject([ofSecond]);
  });

  it('begin on the node that carries VIPs from the first, whatever it may carry later', () => {
    const topology = twoVips({ policy: { ...policy, maxVipsPerNode: 1 } });
    const vips = topology.vips.map((vip) => ({ ...vip, firstHolder: 'fs-a' }));
    const unassigned = { holder: null, status: 'unassigned', epoch: 0 } as const;
    const snapshot = healthyPair({
      topology: { ...topology, vips },
      vips: [heldVip('main', unassigned), heldVip('second', unassigned)],
      nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c')],
      observations: [...seen('fs-a', 'standby'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')],
    });

    expect(outcomesOf(snapshot)).toEqual(['fs-a', 'fs-a']);
  });
});
