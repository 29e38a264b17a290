/** What is simulated: the cluster, how it judges, what befalls it, and for how long. */
import type { Policy } from '../domain/model';
import type { FaultKind } from './faults/fault';

export interface ClusterShape {
  /** Zone letters of the nodes, in order: `['a', 'b']` is the pair. */
  nodeZones: readonly string[];
  /** Zone letters of the observers. */
  observerZones: readonly string[];
  /** How many VIPs: no more than nodes. Each prefers a node of its own; those of a group all the first. */
  vips: number;
  /** VIPs that bridge calls into each other: all in one failover group. */
  grouped: boolean;
  /** So many of the nodes, the last ones, only an operator may choose. */
  manualOnly: number;
  database: boolean;
  /** Whether the VIPs have Elastic IPs; without, they live by their private name alone. */
  elasticIps: boolean;
}

/** Burst loss of probes, as a share of time (0.01 is 1 %), half of it on single paths, half on a whole observer zone. */
export interface Loss {
  share: number;
  meanBurstMs: number;
}

export interface Scenario {
  seed: number;
  /** Virtual time, in milliseconds. */
  durationMs: number;
  shape: ClusterShape;
  policy: Policy;
  loss: Loss;
  /** Faults a year and cluster: a multiplier on the rates of `faults/rates.ts`; 0 for none. */
  faultScale: number;
  /** Only faults of these kinds, companions included; left out: all. */
  faultKinds?: readonly FaultKind[];
  /** Live through every second instead of skipping what is quiet: slow, and the yardstick of the skip. */
  everySecond: boolean;
  /** Between which durations EC2 stops an instance; left out: as long as the real one takes. */
  stopMs?: readonly [number, number];
}

export const YEAR_MS = 365.25 * 24 * 3_600_000;

export const PAIR: ClusterShape = {
  nodeZones: ['a', 'b'],
  observerZones: ['a', 'b', 'c'],
  vips: 1,
  grouped: false,
  manualOnly: 0,
  database: true,
  elasticIps: true,
};
