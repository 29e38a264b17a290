/** A small cluster for specifications: two nodes (or more), one VIP, three observers, and words to change it. */
import type {
  ClusterSnapshot,
  EslEvidence,
  NodeState,
  Observation,
  Policy,
  SipEvidence,
  Topology,
  VipState,
} from '../../lib/domain/model';

export const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;
export const NOW = 1_800_000_000_000;

export const policy: Policy = {
  probeIntervalMs: 1_000,
  probeTimeoutMs: 400,
  heartbeatMs: 5_000,
  freshForMs: 12_000,
  suspectAfterMisses: 3,
  sipStuckAfterMisses: 4,
  missSlack: 0,
  dissentHoldMs: 5_000,
  sipStuckAction: 'failover',
  standbyHolderAfterMisses: 3,
  blockPeriodMs: 600_000,
  holdDownMs: 0,
  candidateOrder: 'listed',
  failback: 'never',
  failbackAfterMs: 1_800_000,
  maxFailoversPerWindow: 100,
  failoverWindowMs: 3_600_000,
  maxVipsPerNode: 1,
  maxTransitionsInFlight: 10,
  maxRetargets: 3,
  stopFailedNode: true,
  restoreFailedNode: true,
  crashAction: 'failover',
  restartGraceMs: 10_000,
  recoverForMs: 120_000,
  maxClockBehindMs: 1_000,
};

const LETTERS = ['a', 'b', 'c', 'd'] as const;

/** Nodes `fs-a`, `fs-b`, …, each in the zone of its letter (wrapping after c). */
export function topologyOf(nodeCount = 2, overrides: Partial<Topology> = {}): Topology {
  const nodes = LETTERS.slice(0, nodeCount).map((letter, index) => ({
    id: `fs-${letter}`,
    zone: ZONES[index % ZONES.length] ?? ZONES[0],
    instanceId: `i-${letter}`,
    managementAddress: `10.0.${index}.10`,
    eslPort: 8021,
    fingerprint: null,
    networkInterfaceId: `eni-${letter}`,
    vipAddresses: { main: `10.0.${index}.11` },
    // Nodes have roles where there is a database to have them in.
    databaseRole: (overrides.database ?? null) === null ? null : `node_fs_${letter}`,
  }));
  return {
    version: 'v1',
    cluster: 'pbx',
    region: 'us-east-1',
    owner: 'pbx/test',
    observers: [...ZONES],
    nodes,
    vips: [
      {
        id: 'main',
        elasticIp: { allocationId: 'eipalloc-main', publicIp: '198.51.100.10' },
        privateDns: { zoneId: 'Z1', name: 'sip.pbx.internal', ttlS: 5 },
        profiles: ['external'],
        sipPort: 5060,
        candidates: nodes.map((node) => node.id),
        manualOnly: [],
        firstHolder: null,
        serviceAddress: '10.255.0.10',
        group: null,
      },
    ],
    policy,
    database: null,
    nodeControl: {},
    ...overrides,
  };
}

/** The same cluster with a VIP `second` that is like `main`. */
export function withSecondVip(topology: Topology): Topology {
  return { ...topology, vips: topology.vips.flatMap((vip) => [vip, { ...vip, id: 'second' }]) };
}

export function esl(verdict: EslEvidence['verdict'], coreUuid: string | null = null): EslEvidence {
  return {
    verdict,
    detail: verdict,
    latencyMs: null,
    coreUuid,
    sessions: verdict === 'ok' ? 0 : null,
    clockOffsetMs: null,
    shutdownPending: ['ok', 'paused', 'stopping'].includes(verdict) ? false : null,
  };
}

export function sip(verdict: SipEvidence['verdict']): SipEvidence {
  return { verdict, detail: verdict, latencyMs: null };
}

/** The history of so many misses in a row, up to the newest look. */
export const missesInARow = (misses: number): number => 2 ** Math.min(misses, 30) - 1;

/**
 * One look; what is not said is healthy. Misses are counted as long before `NOW` as the policy needs, and the histories
 * follow the counts.
 */
export function look(
  nodeId: string,
  zone: string,
  eslVerdict: EslEvidence['verdict'],
  sipVerdict: SipEvidence['verdict'],
  overrides: Partial<Observation> = {},
): Observation {
  const eslBad = !['ok', 'paused', 'stopping'].includes(eslVerdict);
  const sipBad = !['ok', 'busy', 'standby'].includes(sipVerdict);
  const eslMisses = overrides.eslMisses ?? (eslBad ? 10 : 0);
  const sipMisses = overrides.sipMisses ?? { main: sipBad ? 10 : 0 };
  return {
    nodeId,
    zone,
    observedAtMs: NOW - 100,
    blind: false,
    muted: false,
    mutedWhy: null,
    mutedSinceMs: null,
    esl: esl(eslVerdict, eslBad ? null : `uuid-${nodeId}`),
    sip: { main: sip(sipVerdict) },
    eslMisses,
    eslMissingSinceMs: eslBad ? NOW - 2_000 : null,
    eslRefusedSinceMs: eslVerdict === 'refused' ? (overrides.eslMissingSinceMs ?? NOW - 2_000) : null,
    sipMisses,
    sipMissingSinceMs: { main: sipBad ? NOW - 1_900 : null },
    eslHistory: missesInARow(eslMisses),
    sipHistory: Object.fromEntries(Object.entries(sipMisses).map(([vipId, misses]) => [vipId, missesInARow(misses)])),
    eslWellSinceMs: eslVerdict === 'ok' ? NOW - 3_600_000 : null,
    withdrawnSinceMs: eslVerdict === 'paused' || eslVerdict === 'stopping' ? NOW - 2_000 : null,
    sipStandbys: { main: sipVerdict === 'standby' ? 100 : 0 },
    database: null,
    coreUuid: `uuid-${nodeId}`,
    lastSessions: 0,
    lastClockOffsetMs: null,
    codeVersion: 'v1',
    topologyVersion: 'v1',
    ...overrides,
  };
}

/** The same looks at a node on which somebody typed `fsctl shutdown elegant`, or `asap`. */
export const withShutdownPending = (seen: readonly Observation[]): Observation[] =>
  seen.map((each) => ({ ...each, esl: { ...each.esl, shutdownPending: true } }));

/** The same look from every zone. */
export function looks(
  nodeId: string,
  eslVerdict: EslEvidence['verdict'],
  sipVerdict: SipEvidence['verdict'],
  overrides: Partial<Observation> = {},
): Observation[] {
  return ZONES.map((zone) => look(nodeId, zone, eslVerdict, sipVerdict, overrides));
}

export function vipState(overrides: Partial<VipState> = {}): VipState {
  return {
    vipId: 'main',
    epoch: 1,
    holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
    status: 'held',
    changedAtMs: NOW - 3_600_000,
    paused: false,
    pausedUntilMs: null,
    lastAutomaticFailoverAtMs: null,
    recentFailoversAtMs: [],
    failoverEvents: {},
    acknowledgedAtMs: null,
    ...overrides,
  };
}

export function nodeState(nodeId: string, overrides: Partial<NodeState> = {}): NodeState {
  return { nodeId, paused: false, pausedUntilMs: null, claims: [], lockedBy: null, ...overrides };
}

/** fs-a holds `main` and serves, fs-b is a healthy standby, all three observers see it so. */
export function healthy(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    topology: topologyOf(),
    control: { paused: false, pausedReason: null, pausedUntilMs: null, transitionsInFlight: 0 },
    nodes: [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b')],
    vips: [vipState()],
    observations: [...looks('fs-a', 'ok', 'ok'), ...looks('fs-b', 'ok', 'standby')],
    instances: [],
    leases: [],
    ...overrides,
  };
}
