/** What the explorer lets strike: each kind of fault on everything that it can strike. */
import type { Fault } from '../faults/fault';

/** A while, for faults that last: longer than a detection, shorter than a patience. */
export const FOR_MS = 25_000;
/** Longer than calls are tried, for what nothing may wait for: other zones reach the node. */
const LONG_MS = 150_000;
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

export function faultsOfNode(nodeId: string): Fault[] {
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
    { kind: 'esl-closed', nodeId, forMs: FOR_MS },
    { kind: 'esl-hangs', nodeId, forMs: FOR_MS },
    { kind: 'database-cut', nodeId, forMs: FOR_MS },
    { kind: 'clock-behind', nodeId, byMs: 5_000, forMs: FOR_MS },
    { kind: 'clock-ahead', nodeId, byMs: 5_000, forMs: FOR_MS },
    { kind: 'host', nodeId, forMs: FOR_MS },
    { kind: 'node-cut', nodeId, forMs: FOR_MS },
    ...ZONES.map((zone): Fault => ({ kind: 'path-cut', zone, nodeId, forMs: LONG_MS })),
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

/** Its profiles on a node that carries another VIP, too. */
export function stuckBeside(vipId: string, nodeIds: readonly string[]): Fault[] {
  return nodeIds.map((nodeId) => ({ kind: 'sip-stuck', nodeId, vipId, forMs: FOR_MS }));
}

export function faultsOfVip(vipId: string): Fault[] {
  return [
    { kind: 'switchover', vipId },
    { kind: 'drain', vipId, forMs: FOR_MS },
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
    { kind: 'isolation', zone, forMs: LONG_MS },
    { kind: 'observer-frozen', zone, forMs: 5_000 },
    { kind: 'clock-stepped', zone, byMs: 5_000 },
  ]),
  // Back by more than a look is fresh: until the clock has caught up, nothing new is written of what its observer sees.
  { kind: 'clock-stepped', zone: 'us-east-1a', byMs: -15_000 },
  ...[false, true].flatMap((silencesSip): Fault[] => [
    { kind: 'database-away', forMs: FOR_MS, silencesSip },
    { kind: 'database-slow', forMs: FOR_MS, silencesSip },
  ]),
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
