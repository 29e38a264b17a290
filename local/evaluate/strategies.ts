/** What a team would weigh against each other. Each differs from the first, the yardstick, in what its name says. */
import type { Draft } from '../../lib/config/draft';
import { effectivePolicy } from '../../lib/config/effective-policy';
import type { WrittenPolicy } from '../../lib/config/schema';
import type { ClusterShape } from '../../lib/simulation/scenario';
import { SHAPES } from '../simulate/shapes';
import { monthlyUsdPerVip } from './cost';

export interface Strategy {
  /** On the command line. */
  id: string;
  name: string;
  shape: ClusterShape;
  /** As it would be written in `understudy.yaml`. */
  policy: Draft<WrittenPolicy>;
}

const { pair, trio, 'n+1': spareForTwo, active, bare } = SHAPES;
const balanced = { preset: 'balanced' } as const;

export const YARDSTICK: Strategy = { id: 'pair', name: 'primary and standby, balanced', shape: pair, policy: balanced };

export const STRATEGIES: readonly Strategy[] = [
  YARDSTICK,
  { id: 'conservative', name: 'preset conservative', shape: pair, policy: { preset: 'conservative' } },
  { id: 'aggressive', name: 'preset aggressive', shape: pair, policy: { preset: 'aggressive' } },
  {
    id: 'probe-5s',
    name: 'probing every 5 s',
    shape: pair,
    // Nothing can be written more often than it is looked at, and a vote must outlive two looks.
    policy: { ...balanced, probeInterval: '5s', heartbeat: '5s', freshFor: '15s' },
  },
  {
    id: 'restart-first',
    name: 'restart in place first',
    shape: pair,
    policy: { ...balanced, crashAction: 'restart-in-place' },
  },
  { id: 'two-observers', name: 'two observers', shape: { ...pair, observerZones: pair.nodeZones }, policy: balanced },
  { id: 'no-database', name: 'without a database', shape: bare, policy: balanced },
  { id: 'three-zones', name: 'two standbys, in three zones', shape: trio, policy: balanced },
  { id: 'n+1', name: 'N+1: two VIPs, one spare', shape: spareForTwo, policy: balanced },
  { id: 'active', name: 'active: three VIPs on four nodes', shape: active, policy: balanced },
];

const setting = (id: string, name: string, policy: Draft<WrittenPolicy> = {}): Strategy => ({
  ...{ id, name, shape: pair },
  policy: { ...balanced, ...policy },
});

/** Settings of detection: each differs from the yardstick in one number, and in what that number demands of others. */
export const DETECTION: readonly Strategy[] = [
  setting('k5', 'balanced: 5 of 5 misses, looks each 1 s'),
  setting('k2', '2 of 2 misses', { suspectAfterMisses: 2 }),
  setting('k3', '3 of 3 misses', { suspectAfterMisses: 3 }),
  setting('k8', '8 of 8 misses', { suspectAfterMisses: 8, sipStuckAfterMisses: 9 }),
  setting('k5-of-7', '5 of 7 misses', { missSlack: 2 }),
  setting('every-500ms', 'looks each 0.5 s', { probeInterval: '500ms' }),
  setting('every-2s', 'looks each 2 s', { probeInterval: '2s' }),
  setting('every-5s', 'looks each 5 s', { probeInterval: '5s', freshFor: '15s' }),
  setting('timeout-200ms', 'deadline 200 ms instead of 400', { probeTimeout: '200ms' }),
  setting('timeout-800ms', 'deadline 800 ms instead of 400', { probeTimeout: '800ms' }),
  setting('hold-1s', 'dissent held for 1 s instead of 5', { dissentHold: '1s' }),
];

/** USD a month and VIP. */
export function costOf({ shape, policy }: Strategy): number {
  return monthlyUsdPerVip({
    nodes: shape.nodeZones.length,
    vips: shape.vips,
    observers: shape.observerZones.length,
    database: shape.database,
    elasticIps: shape.elasticIps,
    heartbeatMs: effectivePolicy(policy).heartbeatMs,
  });
}
