/** A small cluster for the stores' specification: three nodes, two VIPs, three observers. */
import { STEP_NAMES, transitionId } from '../../lib/domain/model';
import type { Observation, StepName, StepRecord, Topology, Transition } from '../../lib/domain/model';

export function aTopology(): Topology {
  return {
    version: 't1',
    cluster: 'pbx',
    region: 'us-east-1',
    owner: 'cluster/pbx',
    observers: ['z1', 'z2', 'z3'],
    nodes: ['a', 'b', 'c'].map((letter, index) => ({
      id: `fs-${letter}`,
      zone: `z${index + 1}`,
      instanceId: `i-${letter}`,
      managementAddress: `127.64.${index}.10`,
      eslPort: 8021,
      fingerprint: null,
      networkInterfaceId: `eni-${letter}`,
      vipAddresses: { main: `127.64.${index}.11`, second: `127.64.${index}.12` },
      databaseRole: `node_fs_${letter}`,
    })),
    vips: ['main', 'second'].map((id) => ({
      id,
      elasticIp: { allocationId: `eipalloc-${id}`, publicIp: '127.65.0.10' },
      privateDns: { zoneId: 'Z1', name: `${id}.pbx.internal`, ttlS: 5 },
      profiles: [`external-${id}`],
      sipPort: 5060,
      candidates: ['fs-a', 'fs-b', 'fs-c'],
      manualOnly: id === 'main' ? ['fs-c'] : [],
      firstHolder: null,
      serviceAddress: id === 'main' ? '10.255.0.10' : null,
      group: null,
    })),
    policy: {
      probeIntervalMs: 1000,
      probeTimeoutMs: 400,
      heartbeatMs: 5000,
      freshForMs: 12000,
      suspectAfterMisses: 3,
      sipStuckAfterMisses: 4,
      missSlack: 1,
      dissentHoldMs: 5_000,
      sipStuckAction: 'failover',
      standbyHolderAfterMisses: 3,
      blockPeriodMs: 600_000,
      holdDownMs: 30_000,
      candidateOrder: 'least-loaded',
      failback: 'manual',
      failbackAfterMs: 900_000,
      maxFailoversPerWindow: 3,
      failoverWindowMs: 600_000,
      maxVipsPerNode: 1,
      maxTransitionsInFlight: 10,
      maxRetargets: 3,
      stopFailedNode: true,
      restoreFailedNode: true,
      crashAction: 'failover',
      restartGraceMs: 10_000,
      recoverForMs: 120_000,
      maxClockBehindMs: 1_000,
    },
    database: { host: '127.0.0.1', port: 5432, name: 'freeswitch' },
    nodeControl: { z1: 'node-control-1', z2: 'node-control-2', z3: 'node-control-3' },
  };
}

const PENDING: StepRecord = {
  status: 'pending',
  attempts: 0,
  startedAtMs: null,
  finishedAtMs: null,
  proof: null,
  error: null,
};

export function aTransition(over: Partial<Transition> & Pick<Transition, 'vipId' | 'epoch' | 'to'>): Transition {
  return {
    id: transitionId(over.vipId, over.epoch),
    kind: 'failover',
    cause: 'conclusive-death',
    from: null,
    reasons: ['seen from z1, z2'],
    sessionsBefore: 12,
    detectedAtMs: 1_799_999_999_000,
    decidedAtMs: 1_800_000_000_000,
    decidedBy: 'observer-1',
    chain: { rootEpoch: over.epoch, retargets: 0 },
    status: 'open',
    closedAtMs: null,
    lease: null,
    steps: Object.fromEntries(STEP_NAMES.map((name) => [name, { ...PENDING }])) as Record<StepName, StepRecord>,
    calls: null,
    ...over,
  };
}

export function anObservation(nodeId: string, zone: string, observedAtMs: number): Observation {
  return {
    nodeId,
    zone,
    observedAtMs,
    blind: false,
    muted: false,
    mutedWhy: null,
    mutedSinceMs: null,
    esl: { verdict: 'ok', detail: '+OK', latencyMs: 2, coreUuid: `uuid-${nodeId}`, sessions: 3, clockOffsetMs: -3 },
    sip: { main: { verdict: 'ok', detail: '200 OK', latencyMs: 1 } },
    eslMisses: 0,
    eslMissingSinceMs: null,
    sipMisses: { main: 0 },
    sipMissingSinceMs: { main: null },
    eslHistory: 0b1000,
    sipHistory: { main: 0b10 },
    eslWellSinceMs: observedAtMs - 60_000,
    sipStandbys: { main: 0 },
    database: { verdict: 'ok', detail: 'select 1', latencyMs: 1 },
    coreUuid: `uuid-${nodeId}`,
    lastSessions: 3,
    codeVersion: 'c1',
    topologyVersion: 't1',
  };
}
