/**
 * Goes through every state that a VIP can be in, every single fault in it, and an end of the failover function at every
 * step of the transition that is under way: before the step is written down, and after. Exhaustive and small: each case
 * is a run of minutes that must come to rest with its callers served.
 */
import type { StepName } from '../domain/model';
import { STEP_NAMES } from '../domain/model';
import type { Fault, ScheduledFault } from './faults/fault';
import type { ChangeOfHolder, RunResult } from './results';
import type { RunOptions } from './run';
import { PAIR, type ClusterShape, type Scenario } from './scenario';

/** How a cluster is brought into a state, and how long after the first fault of it the case's own fault strikes. */
export interface Prelude {
  state: string;
  faults: readonly ScheduledFault[];
  /** In milliseconds of the run. */
  strikesAtMs: number;
  /** Steps of the transition that is under way then, at which the failover function can end; empty when none is. */
  steps: readonly StepName[];
  /** In place of the pair. Its ends meet no fault and its faults no end: the pair's do. */
  shape?: ClusterShape;
  /** What that shape has besides `fs-1`, `fs-2` and `vip-1`. */
  faultsBeside?: readonly Fault[];
}

export interface Case {
  prelude: Prelude;
  /** null: nothing more befalls it. */
  fault: Fault | null;
  /** The failover function ends here; null: it does not. */
  crash: Crash | null;
}

export interface Crash {
  step: StepName;
  moment: 'before' | 'after';
}

export interface Finding {
  what: string;
  violations: string[];
  trace: string[];
}

type Run = (scenario: Scenario, options: RunOptions) => Promise<RunResult>;

/** Deployed, assigned, and well for longer than any hold-down. */
const SETTLED_MS = 45_000;
const at = (atMs: number, fault: Fault): ScheduledFault => ({ atMs, fault });
/** A while, for faults that last: longer than a detection, shorter than a patience. */
const FOR_MS = 25_000;
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

/** Ten minutes, after which a transition is stuck, and as long as its last try may take. */
const EC2_AWAY_MS = 12 * 60_000;

const OF_AN_ASSIGNMENT: readonly StepName[] = ['detach', 'attach', 'dns', 'promote', 'verify'];
const OF_A_REINSTATEMENT: readonly StepName[] = ['fence', ...OF_AN_ASSIGNMENT, 'notify'];
const OF_A_SWITCHOVER: readonly StepName[] = [...OF_A_REINSTATEMENT, 'recover', 'ledger'];
const OF_A_PRIVATE_FAILOVER = STEP_NAMES.filter((step) => step !== 'detach' && step !== 'attach');

const THREE_NODES: ClusterShape = { ...PAIR, nodeZones: ['a', 'b', 'c'] };
const SPARE_FOR_TWO: ClusterShape = { ...THREE_NODES, vips: 2 };
const PRIVATE: ClusterShape = { ...PAIR, elasticIps: false };

export const PRELUDES: readonly Prelude[] = [
  { state: 'unassigned', faults: [], strikesAtMs: 2_000, steps: OF_AN_ASSIGNMENT },
  { state: 'held', faults: [], strikesAtMs: SETTLED_MS, steps: [] },
  {
    state: 'moving: failover of a dead process',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS })],
    strikesAtMs: SETTLED_MS + 600,
    steps: STEP_NAMES,
  },
  {
    state: 'moving: failover of a frozen process',
    faults: [at(SETTLED_MS, { kind: 'freeze', nodeId: 'fs-1', forMs: FOR_MS })],
    strikesAtMs: SETTLED_MS + 3_200,
    steps: STEP_NAMES,
  },
  {
    state: 'moving: failover of a stuck SIP stack',
    faults: [at(SETTLED_MS, { kind: 'sip-stuck', nodeId: 'fs-1', forMs: FOR_MS })],
    strikesAtMs: SETTLED_MS + 3_700,
    steps: STEP_NAMES,
  },
  {
    state: 'moving: reinstatement of a restarted holder',
    faults: [
      at(SETTLED_MS, { kind: 'switch-paused', nodeId: 'fs-2', forMs: FOR_MS }),
      at(SETTLED_MS + 5_000, { kind: 'crash', nodeId: 'fs-1' }),
    ],
    strikesAtMs: SETTLED_MS + 9_800,
    steps: OF_A_SWITCHOVER,
  },
  {
    state: 'moving: promotion of a holder in standby',
    faults: [at(SETTLED_MS, { kind: 'fall-into-standby', nodeId: 'fs-1' })],
    strikesAtMs: SETTLED_MS + 3_000,
    steps: OF_A_REINSTATEMENT,
  },
  {
    state: 'moving: switchover with its calls',
    faults: [at(SETTLED_MS, { kind: 'switchover', vipId: 'vip-1' })],
    strikesAtMs: SETTLED_MS + 1_000,
    steps: OF_A_SWITCHOVER,
  },
  {
    state: 'held, and the failed node is being restored',
    faults: [at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' })],
    strikesAtMs: SETTLED_MS + 45_000,
    steps: [],
  },
  {
    state: 'held, and no standby is fit',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-2', forMs: 3 * FOR_MS })],
    strikesAtMs: SETTLED_MS + 20_000,
    steps: [],
  },
  {
    state: 'held, in maintenance',
    faults: [at(SETTLED_MS, { kind: 'paused', subject: 'vip', id: 'vip-1', forMs: 3 * FOR_MS, withWindow: true })],
    strikesAtMs: SETTLED_MS + 10_000,
    steps: [],
  },
  {
    state: 'stuck: no address could be moved for longer than a convergence is tried',
    faults: [
      at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS }),
      at(SETTLED_MS, { kind: 'service-away', service: 'ec2', forMs: EC2_AWAY_MS }),
      // Nobody is told before: an acknowledgement of what is still tried would begin it anew as soon as it is stuck.
      at(SETTLED_MS, { kind: 'service-away', service: 'sns', forMs: EC2_AWAY_MS / 2 }),
    ],
    strikesAtMs: SETTLED_MS + EC2_AWAY_MS - 1_000,
    steps: [],
  },
  {
    state: 'moving: retargeted, because the node that was to take over died too',
    faults: [
      at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS }),
      at(SETTLED_MS + 600, { kind: 'no-restart', nodeId: 'fs-2', forMs: FOR_MS }),
    ],
    strikesAtMs: SETTLED_MS + 1_600,
    steps: STEP_NAMES,
    shape: THREE_NODES,
    faultsBeside: faultsOfNode('fs-3'),
  },
  {
    state: 'moving: failover of one of two VIPs that share a spare',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS })],
    strikesAtMs: SETTLED_MS + 600,
    steps: STEP_NAMES,
    shape: SPARE_FOR_TWO,
    faultsBeside: [
      ...faultsOfNode('fs-3'),
      ...faultsOfVip('vip-2'),
      { kind: 'address-moved', vipId: 'vip-2', toNodeId: 'fs-1' },
    ],
  },
  {
    state: 'moving: failover of a frozen holder that has no Elastic IP',
    faults: [at(SETTLED_MS, { kind: 'freeze', nodeId: 'fs-1', forMs: FOR_MS })],
    strikesAtMs: SETTLED_MS + 3_200,
    steps: OF_A_PRIVATE_FAILOVER,
    shape: PRIVATE,
  },
];

function faultsOfNode(nodeId: string): Fault[] {
  return [
    { kind: 'crash', nodeId },
    { kind: 'no-restart', nodeId, forMs: FOR_MS },
    { kind: 'crash-loop', nodeId, afterMs: 8_000, forMs: 2 * FOR_MS },
    { kind: 'freeze', nodeId, forMs: FOR_MS },
    { kind: 'sip-stuck', nodeId, forMs: FOR_MS },
    { kind: 'fall-into-standby', nodeId },
    { kind: 'busy', nodeId, forMs: FOR_MS },
    { kind: 'switch-paused', nodeId, forMs: FOR_MS },
    { kind: 'rejects', nodeId, forMs: FOR_MS },
    { kind: 'clock-behind', nodeId, byMs: 5_000, forMs: FOR_MS },
    { kind: 'host', nodeId, forMs: FOR_MS },
    { kind: 'node-cut', nodeId, forMs: FOR_MS },
    ...ZONES.map((zone): Fault => ({ kind: 'path-cut', zone, nodeId, forMs: FOR_MS })),
    { kind: 'one-way', zone: null, nodeId, lost: 'back', forMs: FOR_MS },
    { kind: 'one-way', zone: null, nodeId, lost: 'there', forMs: FOR_MS },
    { kind: 'one-way', zone: 'us-east-1c', nodeId, lost: 'there', forMs: FOR_MS },
    { kind: 'delay', zone: null, nodeId, byMs: 700, forMs: FOR_MS },
    { kind: 'delay', zone: 'us-east-1c', nodeId, byMs: 700, forMs: FOR_MS },
    { kind: 'stopped-gracefully', nodeId },
    { kind: 'instance-stopped', nodeId, forMs: FOR_MS },
    { kind: 'paused', subject: 'node', id: nodeId, forMs: FOR_MS, withWindow: true },
    { kind: 'address-moved', vipId: 'vip-1', toNodeId: nodeId },
  ];
}

function faultsOfVip(vipId: string): Fault[] {
  return [
    { kind: 'switchover', vipId },
    { kind: 'paused', subject: 'vip', id: vipId, forMs: FOR_MS, withWindow: false },
  ];
}

/** Each kind of fault on everything in a pair that it can strike: of zones and services those that differ. */
export const FAULTS: readonly Fault[] = [
  ...['fs-1', 'fs-2'].flatMap(faultsOfNode),
  ...faultsOfVip('vip-1'),
  ...ZONES.flatMap((zone): Fault[] => [
    { kind: 'zone', zone, forMs: FOR_MS },
    { kind: 'isolation', zone, forMs: FOR_MS },
    { kind: 'observer-frozen', zone, forMs: 5_000 },
    { kind: 'clock-stepped', zone, byMs: 5_000 },
  ]),
  { kind: 'database-away', forMs: FOR_MS },
  { kind: 'database-slow', forMs: FOR_MS },
  ...(['dynamodb', 'ec2', 'route53', 'lambda', 'sns'] as const).map((service): Fault => ({
    kind: 'service-away',
    service,
    forMs: FOR_MS,
  })),
  // A quarter each throttled, refused, without an answer, and applied with the answer lost.
  ...(['dynamodb', 'ec2', 'route53', 'lambda', 'sns'] as const).map((service): Fault => ({
    kind: 'storm',
    service,
    share: 0.8,
    forMs: FOR_MS,
  })),
  { kind: 'stale-reads', staleMs: 4_000, forMs: FOR_MS },
  { kind: 'functions-frozen', name: 'failover', forMs: FOR_MS },
  { kind: 'functions-frozen', name: 'node-control', forMs: FOR_MS },
  { kind: 'functions-killed', name: 'observer', times: 1 },
  { kind: 'functions-killed', name: 'node-control', times: 2 },
  { kind: 'deploy' },
  { kind: 'paused', subject: 'cluster', id: 'cluster', forMs: FOR_MS, withWindow: false },
  { kind: 'table-restored', olderByMs: 5_000 },
];

/**
 * All of them. What was done and not written down is the dangerous end: it meets every fault. What was written down is
 * the beginning of the next step, and meets none beside it.
 */
export function allCases(): Case[] {
  return PRELUDES.flatMap((prelude) => {
    const crashes = (moment: Crash['moment']): Crash[] => prelude.steps.map((step) => ({ step, moment }));
    const beside = (fault: Fault | null, among: readonly Crash[]): Case[] =>
      [null, ...among].map((crash) => ({ prelude, fault, crash }));
    return [
      ...beside(null, [...crashes('before'), ...crashes('after')]),
      ...FAULTS.flatMap((fault) => beside(fault, prelude.shape === undefined ? crashes('before') : [])),
      ...(prelude.faultsBeside ?? []).flatMap((fault) => beside(fault, [])),
    ];
  });
}

export function wordsOf({ prelude, fault, crash }: Case): string {
  const what = fault === null ? 'nothing more' : JSON.stringify(fault);
  const end = crash === null ? '' : `, the failover function ends ${crash.moment} "${crash.step}" is written`;
  return `${prelude.state}; ${what}${end}`;
}

/** A stop that is waited for says no more after minutes than after half of one. */
const STOP_MS = [20_000, 40_000] as const;

/** How long a case may take: two failovers, their stops and starts, and on-call's ten minutes. */
const CASE_MS = 45 * 60_000;

/**
 * What no invariant forbids and nothing here excuses: a holder left that was well, calls lost though nothing kept them
 * from being taken up.
 */
function wrongChanges(changes: readonly ChangeOfHolder[], fault: Fault | null): string[] {
  return changes.flatMap(({ vipId, epoch, kind, cause, struckBy, callsBefore, callsLost }) => {
    const name = `${vipId}#${epoch} (${kind}, ${cause})`;
    const isFalse = kind === 'failover' && struckBy === 'nothing';
    return [
      ...(isFalse ? [`${name}: nothing ailed the old holder`] : []),
      ...(fault === null && callsLost > 0 ? [`${name}: ${callsLost} of ${callsBefore} calls lost`] : []),
    ];
  });
}

export interface Explored {
  /** null when everything held, and the run came to rest. */
  finding: Finding | null;
  /** The failover function ended where the case says; under a fault it may never have come there. null: it was not to. */
  ended: boolean | null;
  /** Edges of the state machines that were taken, by id. */
  edges: string[];
}

export async function explore(
  base: Omit<Scenario, 'seed' | 'durationMs'>,
  each: Case,
  seed: number,
  run: Run,
): Promise<Explored> {
  const { prelude, fault, crash } = each;
  const faults = [...prelude.faults, ...(fault === null ? [] : [at(prelude.strikesAtMs, fault)])];
  const shape = prelude.shape ?? base.shape;
  const scenario: Scenario = { ...base, shape, seed, durationMs: CASE_MS, stopMs: STOP_MS };
  const result = await run(scenario, { faults, ...(crash === null ? {} : { crash }), untilRest: true });
  const violations = result.violations.map(({ invariant, detail }) => `${invariant}: ${detail}`);
  if (!result.atRest) violations.push(`not at rest after ${Math.round(result.ranForMs / 60_000)} minutes`);
  violations.push(...wrongChanges(result.changes, fault));
  if (crash !== null && fault === null && !result.crashed)
    violations.push(`the failover function never came to write "${crash.step}": this case tested nothing`);
  const finding = violations.length === 0 ? null : { what: wordsOf(each), violations, trace: result.trace };
  return { finding, ended: crash === null ? null : result.crashed, edges: result.edges };
}
