/** A planned move that was closed as stuck before it took anything: its old holder serves on, and is watched. */
import type { Change } from '../../../lib/domain/decision';
import { explain } from '../../../lib/domain/explain';
import type { ClusterSnapshot, Observation, StepName, Transition } from '../../../lib/domain/model';
import { healthy, look, looks, nodeState, NOW, policy, sip, topologyOf, vipState, ZONES } from '../../support/cluster';
import { aMove, journalOf } from '../../support/moves';
import { decideOne, forLong } from './stage';

const topology = topologyOf(3);
const decidedAtMs = NOW - 900_000;
const moving = vipState({
  ...{ epoch: 2, status: 'moving', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' }, changedAtMs: decidedAtMs },
});
const serving = looks('fs-a', 'ok', 'ok');
const dead = looks('fs-a', 'refused', 'silent');
const standby = looks('fs-b', 'ok', 'standby');
const noStandby = [...looks('fs-b', 'refused', 'silent'), ...looks('fs-c', 'refused', 'silent')];

/** From fs-a to fs-b, closed as stuck with these steps done. */
const stuck = (change: Partial<Change> = {}, done: readonly StepName[] = []): Transition => ({
  ...journalOf(aMove({ detectedAtMs: decidedAtMs, ...change }), topology, decidedAtMs, done),
  ...{ status: 'stuck', closedAtMs: NOW - 300_000 },
});

function cluster(observations: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const nodes = [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { claims: ['main'] }), nodeState('fs-c')];
  return healthy({ topology, nodes, vips: [moving], observations, ...overrides });
}

const failover = {
  ...{ kind: 'change', transition: 'failover', from: { nodeId: 'fs-a' }, to: { nodeId: 'fs-b' } },
  ...{ expectedEpoch: 2, startsBlock: true, follows: null },
};
const waits = { kind: 'none', well: false };

describe('the old holder of a planned move that got stuck before it took anything', () => {
  it.each([
    ['by an operator', { transition: 'switchover', cause: 'operator' }],
    ['by an operator, back home', { transition: 'failback', cause: 'operator' }],
    ['by itself, back home', { transition: 'failback', cause: 'preferred-node-back' }],
  ] as const)('is failed over when it dies: moved %s', (_, change) => {
    const decision = decideOne(cluster([...dead, ...standby]), [stuck(change)]);

    expect(decision).toMatchObject({ ...failover, cause: 'conclusive-death' });
    expect(decision.reasons.join('; ')).toMatch(/fs-a: conclusive-death.*its planned move got stuck/);
  });

  it('is left alone while it serves: a human is waited for, and the incident stands', () => {
    const decision = decideOne(cluster([...serving, ...standby]), [stuck()]);

    expect(decision).toMatchObject(waits);
    expect(decision.reasons).toEqual([expect.stringMatching(/^main#2 is stuck/), 'fs-a serves']);
  });

  it('is failed over to another node where the one that it was to go to is paused', () => {
    const nodes = [
      nodeState('fs-a', { claims: ['main'] }),
      nodeState('fs-b', { claims: ['main'], paused: true }),
      nodeState('fs-c'),
    ];
    const seen = cluster([...dead, ...standby, ...looks('fs-c', 'ok', 'standby')], { nodes });

    expect(decideOne(seen, [stuck()])).toMatchObject({ ...failover, to: { nodeId: 'fs-c' } });
  });

  it('is told from the paused node that it was to go to', () => {
    const nodes = [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { claims: ['main'], paused: true })];

    expect(decideOne(cluster([...serving, ...standby], { nodes }), [stuck()]).reasons).toEqual([
      'fs-b, where it is on its way to, is paused (maintenance)',
      'fs-a serves',
    ]);
  });

  it('is failed over by a majority alone, which has to last where not everybody agrees', () => {
    const [first, second, third] = ZONES;
    const silentFrom = (zones: readonly string[], overrides: Partial<Observation> = {}): Observation[] =>
      [first, second, third].map((zone) =>
        zones.includes(zone) ? look('fs-a', zone, 'silent', 'silent', overrides) : look('fs-a', zone, 'ok', 'ok'),
      );

    expect(decideOne(cluster([...silentFrom([first], forLong), ...standby]), [stuck()])).toMatchObject(waits);
    expect(decideOne(cluster([...silentFrom([first, second]), ...standby]), [stuck()])).toMatchObject(waits);
    expect(decideOne(cluster([...silentFrom([first, second], forLong), ...standby]), [stuck()])).toMatchObject({
      ...failover,
      cause: 'suspected-death',
    });
  });

  it('waits for the end of a block period like any other', () => {
    const vips = [{ ...moving, lastAutomaticFailoverAtMs: NOW - 1_000 }];

    expect(decideOne(cluster([...dead, ...standby], { vips }), [stuck()])).toMatchObject({
      incident: { kind: 'blocked' },
    });
  });

  it('is counted in the limit of the fleet like any other', () => {
    const limited = { ...topology, policy: { ...policy, blockPeriodMs: 60_000, maxFailoversPerWindow: 1 } };
    const vips = [{ ...moving, lastAutomaticFailoverAtMs: NOW - 120_000 }];

    expect(decideOne(cluster([...dead, ...standby], { vips, topology: limited }), [stuck()])).toMatchObject({
      incident: { kind: 'failover-limit' },
    });
  });

  it.each([
    ['cluster', { control: { paused: true, pausedReason: 'drill', pausedUntilMs: null, transitionsInFlight: 0 } }],
    ['VIP', { vips: [{ ...moving, paused: true }] }],
    ['node', { nodes: [nodeState('fs-a', { claims: ['main'], paused: true }), nodeState('fs-b')] }],
  ])('is not failed over while the %s is paused', (_, overrides) => {
    expect(decideOne(cluster([...dead, ...standby], overrides), [stuck()])).toMatchObject(waits);
  });

  it('is paged for when it dies and no other node is fit', () => {
    expect(decideOne(cluster([...dead, ...noStandby]), [stuck()])).toMatchObject({
      incident: { kind: 'no-candidate' },
    });
  });

  it('is promoted again in place when it comes back as another FreeSWITCH, or falls into standby', () => {
    const again = looks('fs-a', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-again' },
    }));
    const toItself = { kind: 'change', transition: 'reinstatement', startsBlock: false, to: { nodeId: 'fs-a' } };

    expect(decideOne(cluster([...again, ...standby]), [stuck()])).toMatchObject({ ...toItself, cause: 'restarted' });
    expect(decideOne(cluster([...looks('fs-a', 'ok', 'standby'), ...standby]), [stuck()])).toMatchObject({
      ...toItself,
      cause: 'holder-in-standby',
    });
  });

  it('is paged for when it is taken out of service, or nobody is there to judge it', () => {
    const paused = looks('fs-a', 'paused', 'busy', { withdrawnSinceMs: NOW - 600_000 });
    const unseen = looks('fs-a', 'ok', 'ok', { observedAtMs: NOW - 600_000 });

    expect(decideOne(cluster([...paused, ...standby]), [stuck()])).toMatchObject({
      incident: { kind: 'holder-withdrawn', nodeId: 'fs-a' },
    });
    expect(decideOne(cluster([...unseen, ...standby]), [stuck()])).toMatchObject({ incident: { kind: 'quorum-lost' } });
  });

  it('is left by the second try as soon as a human acknowledges, and watched where none can begin', () => {
    const vips = [{ ...moving, acknowledgedAtMs: NOW - 100 }];
    const unfit = [...looks('fs-b', 'stopping', 'standby'), ...looks('fs-c', 'refused', 'silent')];

    for (const old of [serving, dead]) {
      expect(decideOne(cluster([...old, ...standby], { vips }), [stuck()])).toMatchObject({
        ...{ transition: 'switchover', cause: 'operator', follows: { id: 'main#2' } },
      });
    }
    expect(decideOne(cluster([...serving, ...unfit], { vips }), [stuck()])).toMatchObject({
      incident: { kind: 'no-candidate' },
    });
    const again = looks('fs-a', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-again' },
    }));
    expect(decideOne(cluster([...again, ...unfit], { vips }), [stuck()])).toMatchObject({
      ...{ transition: 'reinstatement', to: { nodeId: 'fs-a' } },
    });
  });

  it('is not moved home, nor any other VIP, while the human is waited for', () => {
    const homeIsB = { ...topology, policy: { ...policy, failback: 'automatic' as const, failbackAfterMs: 60_000 } };
    const [vip] = homeIsB.vips;
    if (vip === undefined) throw new Error('no VIP');
    const homeward = { ...homeIsB, vips: [{ ...vip, candidates: ['fs-b', 'fs-a', 'fs-c'] }] };

    expect(decideOne(cluster([...serving, ...standby], { topology: homeward }), [stuck()])).toMatchObject(waits);
  });
});

describe('what is not watched at its old holder', () => {
  it.each<[string, Transition]>([
    ['a move that is open still: it goes on by itself', { ...stuck(), status: 'open', closedAtMs: null }],
    ['a move that has ended its process', stuck({}, ['fence'])],
    ['a move that has taken its address', stuck({}, ['detach'])],
    ['a move of a VIP that was drained: nobody was served', stuck({ cause: 'operator-drained' })],
    ['a failover', stuck({ transition: 'failover', cause: 'suspected-death' })],
    [
      'a second try: what the first one took is not in its journal',
      { ...stuck(), chain: { rootEpoch: 1, retargets: 0 } },
    ],
    ['a move of another epoch', { ...stuck(), epoch: 1 }],
    ['a move of another VIP', { ...stuck(), vipId: 'other' }],
  ])('%s', (_, journal) => {
    expect(decideOne(cluster([...dead, ...standby]), [journal])).toMatchObject(waits);
  });

  it('is the same without an Elastic IP, where a detached address is none', () => {
    const vips = topology.vips.map((vip) => ({ ...vip, elasticIp: null }));
    const seen = cluster([...dead, ...standby], { topology: { ...topology, vips } });

    expect(decideOne(seen, [stuck({}, ['detach', 'attach'])])).toMatchObject(failover);
    expect(decideOne(seen, [stuck({}, ['fence', 'detach', 'attach'])])).toMatchObject(waits);
  });
});

describe('VIPs of one node whose planned move got stuck before it took anything', () => {
  const [vip] = topology.vips;
  if (vip === undefined) throw new Error('no VIP');
  const both = (group: string | null) => ({
    ...topology,
    policy: { ...policy, maxVipsPerNode: 2 },
    vips: ['main', 'second'].map((id) => ({ ...vip, id, group })),
  });
  const forBoth = (seen: Observation[]): Observation[] =>
    seen.map((each) => {
      const of = <T>(value: T | undefined): Record<string, T> =>
        value === undefined ? {} : { main: value, second: value };
      return {
        ...each,
        sip: of(each.sip['main']),
        sipMisses: of(each.sipMisses['main']),
        sipMissingSinceMs: of(each.sipMissingSinceMs['main']),
        sipHistory: of(each.sipHistory['main']),
        sipStandbys: of(each.sipStandbys['main']),
      };
    });

  it('leave it together, to a node that is fit for both', () => {
    const onlyForMain = forBoth(standby).map((each) => ({ ...each, sip: { ...each.sip, second: sip('silent') } }));
    const snapshot = cluster([...forBoth([...dead, ...looks('fs-c', 'ok', 'standby')]), ...onlyForMain], {
      topology: both('one'),
      vips: [moving, { ...moving, vipId: 'second' }],
    });
    const journals = [stuck(), stuck({ vipId: 'second' })];

    for (const state of snapshot.vips) {
      const told = explain(snapshot, journals, NOW).vips.find(({ vipId }) => vipId === state.vipId);
      expect(told?.decision.does).toBe('fails over to fs-c');
    }
  });
});

describe('explained', () => {
  it('it is the old holder that serves, and would be failed over', () => {
    const told = explain(cluster([...serving, ...standby]), [stuck()], NOW);

    expect(told.headline).toMatch(/^Callers are served/);
    expect(told.vips[0]).toMatchObject({ status: 'stuck', holder: 'fs-a', served: 'yes', standby: 'fs-b' });
    expect(told.vips[0]?.decision.does).toMatch(/main#2 is stuck: do what its page says, then acknowledge main/);
    const killed = told.whatIf.find(({ failure }) => failure.kind === 'node' && failure.nodeId === 'fs-a');
    expect(killed?.effects).toMatchObject([{ says: 'fails over to fs-b', staysServed: true }]);
  });

  it('a move that goes on is on its way to its target', () => {
    const told = explain(cluster([...serving, ...standby]), [{ ...stuck(), status: 'open' }], NOW);

    expect(told.vips[0]).toMatchObject({ holder: 'fs-b', served: 'no' });
  });
});
