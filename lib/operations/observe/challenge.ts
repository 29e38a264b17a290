/** The entrance: a challenger reads the cluster, applies the lease rule, and comes in or leaves. */
import { describeError, NotRegistered } from '../../domain/errors';
import type { ClusterSnapshot } from '../../domain/model';
import type { Clock, Log, Metrics, Random, StateStore } from '../../domain/ports';
import type { LeaseKeeper } from './lease-keeper';
import { mayTakeLease, type Challenger, type LeasePolicy, type LeaseRuling, type TakeReason } from './lease-rule';

export interface ChallengeDeps {
  store: Pick<StateStore, 'readCluster' | 'takeObserverLease'>;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
}

export type ChallengeOutcome =
  { outcome: 'entered'; snapshot: ClusterSnapshot; reason: TakeReason } | { outcome: 'left'; reason: string };

/** How often a lease that is neither alive nor run out is asked for again. */
const ASK_AGAIN_MS = 500;
/** Between two tries of a store that does not answer; jitter on top, so that zones do not beat in step. */
const RETRY_MS = 1_000;

/**
 * Ends by the time the next challenger is due at the latest: that one goes on where we gave up. So a store that comes
 * back after an outage finds a challenger at the door, and not one that left a minute ago.
 */
export async function challenge(
  deps: ChallengeDeps,
  mine: Challenger & { zone: string },
  keeper: LeaseKeeper,
  policy: LeasePolicy,
): Promise<ChallengeOutcome> {
  const giveUpAtMs = deps.clock.monotonicMs() + policy.scheduleMs;
  let reason = 'no answer yet';
  while (deps.clock.monotonicMs() < giveUpAtMs) {
    try {
      const snapshot = await deps.store.readCluster();
      const { topology } = snapshot;
      if (!topology.observers.includes(mine.zone)) return { outcome: 'left', reason: `${mine.zone} has no observer` };

      const result = await tryToTake(deps, mine, keeper, topology.version, policy);
      if (result.ruling === 'take') return { outcome: 'entered', snapshot, reason: result.reason };
      if (result.ruling === 'leave') return { outcome: 'left', reason: result.reason };
      reason = result.reason;
      await deps.clock.sleep(ASK_AGAIN_MS);
    } catch (error) {
      reason = describeError(error);
      if (error instanceof NotRegistered) return { outcome: 'left', reason };
      deps.metrics.count('LeaseErrors', 1);
      deps.log.warn('the store does not let a challenger in; trying again', { error: reason });
      await deps.clock.sleep(RETRY_MS * (1 + deps.random.next()));
    }
  }
  return { outcome: 'left', reason: `gave up before the next challenger: ${reason}` };
}

async function tryToTake(
  deps: ChallengeDeps,
  mine: Challenger,
  keeper: LeaseKeeper,
  topologyVersion: string,
  policy: LeasePolicy,
): Promise<LeaseRuling> {
  let ruling: LeaseRuling = { ruling: 'take', reason: 'vacant' };
  const { taken, current } = await deps.store.takeObserverLease(keeper.lease(topologyVersion), (lease) => {
    ruling = mayTakeLease(lease, mine, topologyVersion, deps.clock.wallMs(), policy);
    return ruling.ruling === 'take';
  });
  if (taken) return ruling;
  // Refused by our own rule, or beaten to it by another challenger: then its fresh lease says so.
  const nowMs = deps.clock.wallMs();
  const now = mayTakeLease(current, mine, topologyVersion, nowMs, policy);
  return now.ruling === 'take' ? { ruling: 'wait', reason: 'another challenger came first' } : now;
}
