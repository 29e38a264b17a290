/**
 * The observer of one zone, inside one invocation of its function: comes in as a challenger, watches until its
 * lifetime ends or another has taken over, and leaves tidily. See DESIGN 2.1 for why it lives this way.
 */
import type { ClusterSnapshot } from '../../domain/model';
import type { Random, StateStore } from '../../domain/ports';
import { challenge } from './challenge';
import { LeaseKeeper } from './lease-keeper';
import { DEFAULT_LEASE_POLICY, type LeasePolicy } from './lease-rule';
import { Watch, type WatchDeps } from './watch';

export interface ObserverDeps extends WatchDeps {
  store: Pick<StateStore, 'readCluster' | 'putObservation' | 'takeObserverLease'>;
  random: Random;
  leasePolicy?: LeasePolicy;
}

export interface ObserverRun {
  zone: string;
  /** Unique per invocation. */
  owner: string;
  /** Version of the deployment that this code came with. */
  version: string;
  /** From now until the last moment of watching. */
  lifetimeMs: number;
  /** Staggers the zones, so that no two hand over at the same moment. */
  startDelayMs: number;
}

export type ObserverOutcome =
  | { outcome: 'left'; reason: string }
  | { outcome: 'watched'; ended: 'lifetime' | 'relieved' | 'zone-removed'; forMs: number };

/** What is under way when the watch ends (a look, a write, a judgement) gets this long to finish. */
const WIND_UP_MS = 4_000;

/** Resolves at most `WIND_UP_MS` and one write to the store after `lifetimeMs`. Rejects only on a bug of ours. */
export async function runObserver(deps: ObserverDeps, run: ObserverRun): Promise<ObserverOutcome> {
  const endAtMs = deps.clock.monotonicMs() + run.lifetimeMs;
  const self = { ...run, startedAtMs: deps.clock.wallMs() };
  await deps.clock.sleep(run.startDelayMs);

  const policy = deps.leasePolicy ?? DEFAULT_LEASE_POLICY;
  const keeper = new LeaseKeeper(deps, self, policy);
  const entrance = await challenge(deps, self, keeper, policy);
  if (entrance.outcome === 'left') {
    deps.log.info('challenger leaves', { zone: run.zone, reason: entrance.reason });
    return entrance;
  }
  deps.metrics.count('HandOver', 1);
  deps.log.info('observer begins', { zone: run.zone, reason: entrance.reason, version: run.version });
  const outcome = await watch(deps, run, keeper, entrance.snapshot, endAtMs);
  deps.log.info('observer ends', { zone: run.zone, ...outcome });
  return outcome;
}

async function watch(
  deps: ObserverDeps,
  run: ObserverRun,
  keeper: LeaseKeeper,
  snapshot: ClusterSnapshot,
  endAtMs: number,
): Promise<ObserverOutcome> {
  const { clock } = deps;
  const startedMs = clock.monotonicMs();
  const stop = new AbortController();
  const parts = new Watch(deps, run, snapshot);

  const watching = parts.run(stop.signal);
  const keeping = keeper.keep(() => parts.topologyVersion, stop.signal);
  try {
    const ended = await Promise.race([
      keeping.then(() => 'relieved' as const),
      parts.zoneRemoved().then(() => 'zone-removed' as const),
      clock.sleep(endAtMs - startedMs, stop.signal).then(() => 'lifetime' as const),
      // Goes on until it is stopped; if it broke, nobody must keep a lease for it.
      watching.then(() => 'lifetime' as const),
    ]);
    stop.abort();
    await windUp(deps, Promise.all([watching, keeping]));
    if (ended !== 'relieved') await keeper.release(parts.topologyVersion);
    return { outcome: 'watched', ended, forMs: clock.monotonicMs() - startedMs };
  } finally {
    stop.abort();
    parts.close();
  }
}

async function windUp({ clock }: ObserverDeps, underWay: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([underWay, clock.sleep(WIND_UP_MS, done.signal)]);
  done.abort();
}
