/** The states that the explorer begins in, and how a cluster is brought there. */
import type { Policy, StepName } from '../../domain/model';
import { STEP_NAMES } from '../../domain/model';
import type { Fault, ScheduledFault } from '../faults/fault';
import { PAIR, type ClusterShape } from '../scenario';
import { faultsOfNode, faultsOfVip, FOR_MS, stuckBeside } from './faults';

/** How a cluster is brought into a state, and when the case's own fault strikes. */
export interface Prelude {
  state: string;
  faults: readonly ScheduledFault[];
  strikes: Strikes;
  /** Steps of the transition that is not over then, at which the failover function can end; empty when there is none. */
  steps: readonly StepName[];
  /** None is moved: there is nothing to write down of them. */
  withoutCalls?: true;
  /** What is written beside the steps meets every fault, too. */
  crossesAll?: true;
  /** In place of the pair. */
  shape?: ClusterShape;
  policy?: Partial<Policy>;
  /** What that shape has besides `fs-1`, `fs-2` and `vip-1`. */
  faultsBeside?: readonly Fault[];
}

/** In milliseconds: of the run, or after an edge of the state machines is first taken, where that has no fixed time. */
export type Strikes = { atMs: number } | { edge: string; afterMs: number };

/** Deployed, assigned, and well for longer than any hold-down. */
const SETTLED_MS = 45_000;
export const at = (atMs: number, fault: Fault): ScheduledFault => ({ atMs, fault });

/** Ten minutes, after which a transition is stuck, and as long as its last try may take. */
const EC2_AWAY_MS = 12 * 60_000;

const EC2_AWAY_FOR_LONG: readonly ScheduledFault[] = [
  at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS }),
  at(SETTLED_MS, { kind: 'service-away', service: 'ec2', forMs: EC2_AWAY_MS }),
  // Nobody is told before: an acknowledgement of what is still tried would begin it anew as soon as it is stuck.
  at(SETTLED_MS, { kind: 'service-away', service: 'sns', forMs: EC2_AWAY_MS / 2 }),
];

/** Nobody is told, for the same reason, and nothing is taken while node-control is away. */
const LAMBDA_AWAY_IN_A_SWITCHOVER: readonly ScheduledFault[] = [
  at(SETTLED_MS - 1_000, { kind: 'service-away', service: 'lambda', forMs: EC2_AWAY_MS }),
  at(SETTLED_MS - 1_000, { kind: 'service-away', service: 'sns', forMs: EC2_AWAY_MS }),
  at(SETTLED_MS, { kind: 'switchover', vipId: 'vip-1' }),
];

const OF_AN_ASSIGNMENT: readonly StepName[] = ['detach', 'attach', 'dns', 'promote', 'verify'];
const OF_A_REINSTATEMENT: readonly StepName[] = ['fence', ...OF_AN_ASSIGNMENT, 'notify'];
const OF_A_SWITCHOVER: readonly StepName[] = [...OF_A_REINSTATEMENT, 'recover', 'ledger'];
const OF_A_PRIVATE_FAILOVER = STEP_NAMES.filter((step) => step !== 'detach' && step !== 'attach');

const THREE_NODES: ClusterShape = { ...PAIR, nodeZones: ['a', 'b', 'c'] };
const SPARE_FOR_TWO: ClusterShape = { ...THREE_NODES, vips: 2 };
const PRIVATE: ClusterShape = { ...PAIR, elasticIps: false };
const GROUP: ClusterShape = { ...SPARE_FOR_TWO, grouped: true };
const EACH_OTHERS_STANDBY: ClusterShape = { ...PAIR, vips: 2 };

const OF_A_THIRD_NODE_AND_A_SECOND_VIP: readonly Fault[] = [
  ...faultsOfNode('fs-3'),
  ...faultsOfVip('vip-2'),
  { kind: 'address-moved', vipId: 'vip-2', toNodeId: 'fs-1' },
];

/** For shorter than any policy waits. */
const SIP_STALLS: Fault = { kind: 'sip-stuck', nodeId: 'fs-1', forMs: 1_200 };

/** After a crash one node carries both, and the other one is back. */
const BOTH_BY_MS = 150_000;

/** Route 53 is away until after the old node is back. */
const NAMELESS: readonly ScheduledFault[] = [
  at(SETTLED_MS, { kind: 'service-away', service: 'route53', forMs: BOTH_BY_MS + 4 * FOR_MS }),
  at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' }),
];

/** As short as a failback can wait, so that a case is one of minutes. */
const FAILS_BACK_SOON: Partial<Policy> = { failback: 'automatic', failbackAfterMs: 60_000, blockPeriodMs: 60_000 };

export const PRELUDES: readonly Prelude[] = [
  { state: 'unassigned', faults: [], strikes: { atMs: 2_000 }, steps: OF_AN_ASSIGNMENT },
  { state: 'held', faults: [], strikes: { atMs: SETTLED_MS }, steps: [] },
  {
    state: 'moving: failover of a dead process',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 600 },
    steps: STEP_NAMES,
  },
  {
    state: 'moving: failover of a frozen process',
    faults: [at(SETTLED_MS, { kind: 'freeze', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 3_200 },
    steps: STEP_NAMES,
    crossesAll: true,
  },
  {
    state: 'moving: failover of a stuck SIP stack',
    faults: [at(SETTLED_MS, { kind: 'sip-stuck', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 3_700 },
    steps: STEP_NAMES,
  },
  {
    state: 'moving: reinstatement of a restarted holder',
    faults: [
      at(SETTLED_MS, { kind: 'switch-paused', nodeId: 'fs-2', forMs: FOR_MS }),
      at(SETTLED_MS + 5_000, { kind: 'crash', nodeId: 'fs-1' }),
    ],
    strikes: { atMs: SETTLED_MS + 9_800 },
    steps: OF_A_SWITCHOVER,
  },
  {
    state: 'moving: promotion of a holder in standby',
    faults: [at(SETTLED_MS, { kind: 'fall-into-standby', nodeId: 'fs-1' })],
    strikes: { atMs: SETTLED_MS + 3_000 },
    steps: OF_A_REINSTATEMENT,
  },
  {
    state: 'moving: switchover with its calls',
    faults: [at(SETTLED_MS, { kind: 'switchover', vipId: 'vip-1' })],
    strikes: { atMs: SETTLED_MS + 1_000 },
    steps: OF_A_SWITCHOVER,
    crossesAll: true,
  },
  {
    state: 'held, and the failed node is being restored',
    faults: [at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' })],
    strikes: { atMs: SETTLED_MS + 15_000 },
    steps: [],
    // A table from before that failover: its name tells of an epoch that the table does not know.
    faultsBeside: [{ kind: 'table-restored', olderByMs: FOR_MS }],
  },
  {
    state: 'held, and no standby is fit',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-2', forMs: 3 * FOR_MS })],
    strikes: { atMs: SETTLED_MS + 20_000 },
    steps: [],
  },
  {
    state: 'held, and its VIP in maintenance',
    faults: [at(SETTLED_MS, { kind: 'paused', subject: 'vip', id: 'vip-1', forMs: 3 * FOR_MS, withWindow: true })],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
  },
  {
    state: 'held, and the cluster in maintenance',
    faults: [
      at(SETTLED_MS, { kind: 'paused', subject: 'cluster', id: 'cluster', forMs: 3 * FOR_MS, withWindow: true }),
    ],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
  },
  ...['fs-1', 'fs-2'].map((id): Prelude => ({
    state: `held, and its ${id === 'fs-1' ? 'holder' : 'standby'} in maintenance`,
    faults: [at(SETTLED_MS, { kind: 'paused', subject: 'node', id, forMs: 3 * FOR_MS, withWindow: true })],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
  })),
  {
    state: 'held, and a supervisor is given the time to restart the holder',
    faults: [at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' })],
    strikes: { atMs: SETTLED_MS + 2_500 },
    steps: [],
    policy: { crashAction: 'restart-in-place' },
  },
  {
    state: 'held, and a stuck SIP stack is only paged',
    faults: [at(SETTLED_MS, { kind: 'sip-stuck', nodeId: 'fs-1', forMs: 4 * FOR_MS })],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
    policy: { sipStuckAction: 'page' },
  },
  {
    state: 'held, and the event socket of the holder is closed, without an Elastic IP',
    faults: [at(SETTLED_MS, { kind: 'esl-closed', nodeId: 'fs-1', forMs: 4 * FOR_MS })],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
    shape: PRIVATE,
    faultsBeside: [SIP_STALLS],
  },
  {
    state: 'held, and the event socket of the holder hangs',
    faults: [at(SETTLED_MS, { kind: 'esl-hangs', nodeId: 'fs-1', forMs: 4 * FOR_MS })],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
    faultsBeside: [SIP_STALLS],
  },
  {
    state: 'stuck: no address could be moved for longer than a convergence is tried',
    faults: EC2_AWAY_FOR_LONG,
    strikes: { atMs: SETTLED_MS + EC2_AWAY_MS - 1_000 },
    steps: [],
  },
  {
    state: 'stuck: a switchover that has taken nothing, and its old holder serves',
    faults: LAMBDA_AWAY_IN_A_SWITCHOVER,
    strikes: { atMs: SETTLED_MS + EC2_AWAY_MS + 15_000 },
    steps: [],
  },
  {
    state: 'moving: retargeted, because the node that was to take over died too',
    faults: [
      at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS }),
      at(SETTLED_MS + 600, { kind: 'no-restart', nodeId: 'fs-2', forMs: FOR_MS }),
    ],
    strikes: { edge: 'vip/moving/retargeting', afterMs: 50 },
    steps: STEP_NAMES,
    shape: THREE_NODES,
    faultsBeside: faultsOfNode('fs-3'),
  },
  {
    state: 'moving: failover of one of two VIPs that share a spare',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 600 },
    steps: STEP_NAMES,
    shape: SPARE_FOR_TWO,
    faultsBeside: OF_A_THIRD_NODE_AND_A_SECOND_VIP,
  },
  {
    state: 'moving: failover of a frozen holder that has no Elastic IP',
    faults: [at(SETTLED_MS, { kind: 'freeze', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 3_200 },
    steps: OF_A_PRIVATE_FAILOVER,
    shape: PRIVATE,
  },
  {
    state: 'held, and its private name is not written yet',
    faults: NAMELESS,
    strikes: { atMs: SETTLED_MS + BOTH_BY_MS },
    steps: ['dns'],
  },
  {
    state: 'moving: failover without an Elastic IP, and the private name is not written yet',
    faults: NAMELESS,
    strikes: { atMs: SETTLED_MS + BOTH_BY_MS },
    steps: ['dns', 'verify', 'notify'],
    shape: PRIVATE,
  },
  {
    state: 'held, and being drained',
    faults: [at(SETTLED_MS, { kind: 'drain', vipId: 'vip-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 10_000 },
    steps: [],
  },
  {
    state: 'moving: switchover of what was drained',
    faults: [at(SETTLED_MS, { kind: 'drain', vipId: 'vip-1', forMs: 5_000 })],
    strikes: { edge: 'vip/held/switchover', afterMs: 500 },
    steps: OF_A_SWITCHOVER,
    withoutCalls: true,
  },
  {
    state: 'moving: automatic failback',
    faults: [at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' })],
    strikes: { edge: 'vip/held/automatic-failback', afterMs: 1_000 },
    steps: OF_A_SWITCHOVER,
    policy: FAILS_BACK_SOON,
  },
  {
    state: 'moving: automatic failback without an Elastic IP',
    faults: [at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' })],
    strikes: { edge: 'vip/held/automatic-failback', afterMs: 400 },
    steps: OF_A_SWITCHOVER.filter((step) => step !== 'detach' && step !== 'attach'),
    shape: PRIVATE,
    policy: FAILS_BACK_SOON,
  },
  {
    state: 'moving: retried after an acknowledgement',
    faults: EC2_AWAY_FOR_LONG,
    strikes: { edge: 'vip/stuck/retry', afterMs: 500 },
    steps: STEP_NAMES,
  },
  {
    state: 'moving: failover of a failover group',
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 600 },
    steps: STEP_NAMES,
    shape: GROUP,
    policy: { maxVipsPerNode: 2 },
    faultsBeside: [...OF_A_THIRD_NODE_AND_A_SECOND_VIP, ...stuckBeside('vip-2', ['fs-1', 'fs-2', 'fs-3'])],
  },
  {
    state: "moving: failover to the node that carries another VIP, each the other's standby",
    faults: [at(SETTLED_MS, { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS })],
    strikes: { atMs: SETTLED_MS + 600 },
    steps: STEP_NAMES,
    shape: EACH_OTHERS_STANDBY,
    policy: { maxVipsPerNode: 2 },
    faultsBeside: [
      ...faultsOfVip('vip-2'),
      ...stuckBeside('vip-2', ['fs-1', 'fs-2']),
      { kind: 'address-moved', vipId: 'vip-2', toNodeId: 'fs-1' },
    ],
  },
  {
    state: 'held, and the profiles of one of two VIPs on a node are stuck, in the block period',
    faults: [
      at(SETTLED_MS, { kind: 'crash', nodeId: 'fs-1' }),
      at(SETTLED_MS + BOTH_BY_MS, { kind: 'sip-stuck', nodeId: 'fs-2', vipId: 'vip-1', forMs: 4 * FOR_MS }),
    ],
    strikes: { atMs: SETTLED_MS + BOTH_BY_MS + 10_000 },
    steps: [],
    shape: EACH_OTHERS_STANDBY,
    policy: { maxVipsPerNode: 2 },
    faultsBeside: [...faultsOfVip('vip-2'), ...stuckBeside('vip-2', ['fs-1', 'fs-2'])],
  },
];
