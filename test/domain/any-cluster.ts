/** Any cluster of two VIPs over three nodes, with any evidence: what properties of the judgement are checked on. */
import fc from 'fast-check';
import type { Change } from '../../lib/domain/decision';
import type {
  ClusterSnapshot,
  DatabaseEvidence,
  EslEvidence,
  Observation,
  Policy,
  SipEvidence,
  StepName,
  Transition,
  VipState,
} from '../../lib/domain/model';
import { esl, missesInARow, nodeState, NOW, policy, sip, ZONES } from '../support/cluster';
import { aMove, journalOf } from '../support/moves';
import { twoVips, VIPS } from '../support/two-vips';

type Seen = readonly [EslEvidence['verdict'], SipEvidence['verdict'], SipEvidence['verdict']];

const eslVerdict = fc.constantFrom<EslEvidence['verdict'][]>(
  ...(['ok', 'paused', 'stopping', 'refused', 'silent', 'rejected', 'malformed'] as const),
);
const sipVerdict = fc.constantFrom<SipEvidence['verdict'][]>(
  ...(['ok', 'busy', 'standby', 'refused', 'silent', 'malformed'] as const),
);

/** What all observers of a node see, if nothing is in their way: the cases that matter come often. */
const anyCondition: fc.Arbitrary<Seen> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Seen[]>(['ok', 'ok', 'ok'], ['ok', 'standby', 'standby']) },
  { weight: 4, arbitrary: fc.constantFrom<Seen[]>(['refused', 'silent', 'silent'], ['silent', 'silent', 'silent']) },
  { weight: 2, arbitrary: fc.constantFrom<Seen[]>(['ok', 'silent', 'silent'], ['ok', 'silent', 'ok']) },
  { weight: 1, arbitrary: fc.tuple(eslVerdict, sipVerdict, sipVerdict) },
);

const anyStandby = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Seen>(['ok', 'standby', 'standby']) },
  { weight: 1, arbitrary: anyCondition },
);

/** The first nearly always, the others now and then. */
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** How one observer differs from that. */
const anyNoise = fc.record({
  seesOtherwise: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: anyCondition }),
  misses: fc.oneof({ weight: 4, arbitrary: fc.constant(12) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 6 }) }),
  missingForMs: fc.integer({ min: 0, max: 60_000 }),
  standbys: mostly(100, 0, 1),
  ageMs: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 3_000 }) }, fc.integer({ min: 0, max: 20_000 })),
  voteless: mostly('no', 'blind', 'muted'),
  anotherUuid: mostly(false, true),
  shutdownPending: mostly<boolean | null>(false, true, null),
  database: mostly<DatabaseEvidence['verdict']>('ok', 'slow', 'away'),
});

type Noise = typeof anyNoise extends fc.Arbitrary<infer T> ? T : never;

function lookOf(nodeId: string, zone: string, condition: Seen, noise: Noise): Observation {
  const [eslSeen, ...sipSeen] = noise.seesOtherwise ?? condition;
  const eslBad = !['ok', 'paused', 'stopping'].includes(eslSeen);
  const misses = (bad: boolean): number => (bad ? noise.misses : 0);
  const perVip = <T>(value: (seen: SipEvidence['verdict'], bad: boolean) => T): Record<string, T> =>
    Object.fromEntries(
      VIPS.map((vipId, index) => {
        const seen = sipSeen[index] ?? 'ok';
        return [vipId, value(seen, !['ok', 'busy', 'standby'].includes(seen))];
      }),
    );
  const shutdownPending = eslBad ? null : noise.shutdownPending;
  const uuid = `uuid-${nodeId}${noise.anotherUuid ? '-again' : ''}`;
  return {
    nodeId,
    zone,
    observedAtMs: NOW - noise.ageMs,
    blind: noise.voteless === 'blind',
    muted: noise.voteless === 'muted',
    mutedWhy: noise.voteless === 'no' ? null : noise.voteless,
    mutedSinceMs: null,
    esl: { ...esl(eslSeen, eslBad ? null : uuid), shutdownPending },
    sip: perVip((seen) => sip(seen)),
    eslMisses: misses(eslBad),
    eslMissingSinceMs: eslBad ? NOW - noise.missingForMs : null,
    eslRefusedSinceMs: eslSeen === 'refused' ? NOW - noise.missingForMs : null,
    eslHistory: missesInARow(misses(eslBad)),
    eslWellSinceMs: eslSeen === 'ok' ? NOW - 3_600_000 : null,
    withdrawnSinceMs:
      eslSeen === 'paused' || eslSeen === 'stopping' || shutdownPending === true ? NOW - noise.missingForMs : null,
    sipMisses: perVip((_seen, bad) => misses(bad)),
    sipMissingSinceMs: perVip((_seen, bad) => (bad ? NOW - noise.missingForMs : null)),
    sipHistory: perVip((_seen, bad) => missesInARow(misses(bad))),
    sipStandbys: perVip((seen) => (seen === 'standby' ? noise.standbys : 0)),
    database: { verdict: noise.database, detail: noise.database, latencyMs: null },
    coreUuid: uuid,
    lastSessions: 0,
    lastClockOffsetMs: null,
    codeVersion: 'v1',
    topologyVersion: 'v1',
  };
}

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    sipStuckAction: fc.constantFrom<Policy['sipStuckAction'][]>('failover', 'page'),
    crashAction: fc.constantFrom<Policy['crashAction'][]>('failover', 'failover', 'restart-in-place'),
    missSlack: fc.constantFrom(0, 2),
    maxVipsPerNode: fc.constantFrom(1, 2),
    maxFailoversPerWindow: fc.constantFrom(1, 100),
  })
  .map((drawn) => ({ ...policy, ...drawn }));

const anyVip = (vipId: string): fc.Arbitrary<VipState> =>
  fc
    .record({
      nodeId: mostly('fs-a', 'fs-b'),
      paused: mostly(false, true),
      changedMsAgo: mostly(3_600_000, 500),
      failedOverMsAgo: mostly<number | null>(null, 60_000),
    })
    .map(({ nodeId, paused, changedMsAgo, failedOverMsAgo }) => ({
      vipId,
      epoch: 4,
      holder: { nodeId, coreUuid: `uuid-${nodeId}` },
      status: 'held',
      changedAtMs: NOW - changedMsAgo,
      paused,
      pausedUntilMs: null,
      lastAutomaticFailoverAtMs: failedOverMsAgo === null ? null : NOW - failedOverMsAgo,
      recentFailoversAtMs: [],
      failoverEvents: {},
      acknowledgedAtMs: null,
    }));

const nodeIds = ['fs-a', 'fs-b', 'fs-c'];

export const anyCluster: fc.Arbitrary<ClusterSnapshot> = fc
  .record({
    conditions: fc.tuple(anyCondition, anyStandby, anyStandby),
    noises: fc.array(anyNoise, { minLength: 9, maxLength: 9 }),
    policy: anyPolicy,
    vips: fc.tuple(anyVip('main'), anyVip('second')),
    group: mostly<string | null>(null, 'together'),
    instances: fc.array(
      fc.record({
        nodeId: fc.constantFrom(...nodeIds),
        state: fc.constantFrom('running', 'stopping', 'stopped'),
        atMs: fc.constantFrom(NOW - 1_000, NOW - 600_000),
      }),
      { maxLength: 1 },
    ),
    clusterPaused: mostly(false, true),
    transitionsInFlight: mostly(0, 10),
  })
  .map((drawn) => ({
    topology: twoVips({ policy: drawn.policy }, drawn.group),
    control: {
      paused: drawn.clusterPaused,
      pausedReason: null,
      pausedUntilMs: null,
      transitionsInFlight: drawn.transitionsInFlight,
    },
    nodes: nodeIds.map((nodeId) =>
      nodeState(nodeId, {
        claims: drawn.vips.filter((vip) => vip.holder?.nodeId === nodeId).map((vip) => vip.vipId),
      }),
    ),
    vips: drawn.vips,
    observations: nodeIds.flatMap((nodeId, node) =>
      ZONES.flatMap((zone, index) => {
        const noise = drawn.noises[3 * node + index];
        const condition = drawn.conditions[node];
        return noise === undefined || condition === undefined ? [] : [lookOf(nodeId, zone, condition, noise)];
      }),
    ),
    instances: drawn.instances,
    leases: [],
  }));

/** What becomes of a node that a VIP moves to. Some live, and can all the same not be promoted. */
const anyTarget = fc.oneof(
  { weight: 2, arbitrary: anyCondition },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Seen[]>(
      ['paused', 'standby', 'standby'],
      ['rejected', 'silent', 'silent'],
      ['silent', 'standby', 'standby'],
    ),
  },
);

/** Steps that are done. Where a planned move took nothing its old holder goes on. */
const anyDone = fc.oneof(fc.constant<StepName[]>([]), fc.subarray<StepName>(['fence', 'detach', 'attach', 'promote']));

type Began = Pick<Change, 'transition' | 'cause' | 'from'>;

const HERE = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };

/** Such a cluster whose VIP `main` is on its way to fs-b: by a journal that is open, or was closed as stuck. */
export const anyMoving: fc.Arbitrary<{ snapshot: ClusterSnapshot; journal: Transition }> = fc
  .record({
    cluster: anyCluster,
    target: fc.tuple(anyTarget, fc.array(anyNoise, { minLength: 3, maxLength: 3 })),
    began: fc.constantFrom<Began[]>(
      { transition: 'failover', cause: 'suspected-death', from: HERE },
      { transition: 'switchover', cause: 'operator', from: HERE },
      { transition: 'failback', cause: 'preferred-node-back', from: HERE },
      { transition: 'reinstatement', cause: 'restarted', from: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b-before' } },
    ),
    done: anyDone,
    isStuck: fc.boolean(),
    acknowledged: mostly(false, true),
    retargets: mostly(0, 2),
  })
  .map(({ cluster, target: [condition, noises], began, done, isStuck, acknowledged, retargets }) => {
    const decidedAtMs = NOW - (isStuck ? 900_000 : 100_000);
    const change = aMove({ ...began, expectedEpoch: 4, detectedAtMs: decidedAtMs });
    const open = journalOf(change, cluster.topology, decidedAtMs, done);
    const journal: Transition = {
      ...open,
      chain: { ...open.chain, retargets },
      ...(isStuck ? { status: 'stuck' as const, closedAtMs: NOW - 300_000 } : {}),
    };
    const onItsWay = { holder: journal.to, epoch: journal.epoch, changedAtMs: decidedAtMs, status: 'moving' as const };
    const claims = (nodeId: string): string[] =>
      [journal.from?.nodeId, journal.to.nodeId].includes(nodeId) ? ['main'] : [];
    const snapshot: ClusterSnapshot = {
      ...cluster,
      vips: cluster.vips.map((vip) =>
        vip.vipId === 'main' ? { ...vip, ...onItsWay, acknowledgedAtMs: acknowledged ? NOW - 100 : null } : vip,
      ),
      nodes: cluster.nodes.map((node) => ({
        ...node,
        claims: [...claims(node.nodeId), ...node.claims.filter((vipId) => vipId !== 'main')],
      })),
      observations: [
        ...cluster.observations.filter(({ nodeId }) => nodeId !== 'fs-b'),
        ...ZONES.flatMap((zone, index) => {
          const noise = noises[index];
          return noise === undefined ? [] : [lookOf('fs-b', zone, condition, noise)];
        }),
      ],
    };
    return { snapshot, journal };
  });
