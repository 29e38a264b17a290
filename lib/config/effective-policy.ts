/** The policy that holds: what was written, then its preset, then the defaults. Durations become milliseconds. */
import type { Policy } from '../domain/model';
import { DEFAULTS } from './defaults';
import type { Draft } from './draft';
import { durationMs } from './duration';
import { PRESETS } from './presets';
import type { WrittenPolicy } from './schema';

export function effectivePolicy(written: Draft<WrittenPolicy> = {}): Policy {
  const standard = { ...DEFAULTS.policy, ...PRESETS[written.preset ?? DEFAULTS.policy.preset] };
  const stopFailedNode = written.stopFailedNode ?? standard.stopFailedNode;
  return {
    probeIntervalMs: durationMs(written.probeInterval ?? standard.probeInterval),
    probeTimeoutMs: durationMs(written.probeTimeout ?? standard.probeTimeout),
    heartbeatMs: durationMs(written.heartbeat ?? standard.heartbeat),
    freshForMs: durationMs(written.freshFor ?? standard.freshFor),
    suspectAfterMisses: written.suspectAfterMisses ?? standard.suspectAfterMisses,
    sipStuckAfterMisses: written.sipStuckAfterMisses ?? standard.sipStuckAfterMisses,
    missSlack: written.missSlack ?? standard.missSlack,
    dissentHoldMs: durationMs(written.dissentHold ?? standard.dissentHold),
    sipStuckAction: written.sipStuckAction ?? standard.sipStuckAction,
    standbyHolderAfterMisses: written.standbyHolderAfterMisses ?? standard.standbyHolderAfterMisses,
    blockPeriodMs: durationMs(written.blockPeriod ?? standard.blockPeriod),
    holdDownMs: durationMs(written.holdDown ?? standard.holdDown),
    candidateOrder: written.candidateOrder ?? standard.candidateOrder,
    failback: written.failback ?? standard.failback,
    failbackAfterMs: durationMs(written.failbackAfter ?? standard.failbackAfter),
    maxFailoversPerWindow: written.maxFailoversPerWindow ?? standard.maxFailoversPerWindow,
    failoverWindowMs: durationMs(written.failoverWindow ?? standard.failoverWindow),
    maxVipsPerNode: written.maxVipsPerNode ?? standard.maxVipsPerNode,
    maxTransitionsInFlight: written.maxTransitionsInFlight ?? standard.maxTransitionsInFlight,
    maxRetargets: written.maxRetargets ?? standard.maxRetargets,
    stopFailedNode,
    // Who keeps the failed node as it is has said so already: only a written `true` contradicts that, see the rules.
    restoreFailedNode: written.restoreFailedNode ?? (stopFailedNode && standard.restoreFailedNode),
    crashAction: written.crashAction ?? standard.crashAction,
    restartGraceMs: durationMs(written.restartGrace ?? standard.restartGrace),
    recoverForMs: durationMs(written.recoverFor ?? standard.recoverFor),
    maxClockBehindMs: durationMs(written.maxClockBehind ?? standard.maxClockBehind),
  };
}
