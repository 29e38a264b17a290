/** Holds a zone's lease while its observer watches, and notices when a challenger has taken it. */
import { describeError } from '../../domain/errors';
import type { ObserverLease } from '../../domain/model';
import type { Clock, Log, Metrics, StateStore } from '../../domain/ports';
import type { Challenger, LeasePolicy } from './lease-rule';

export interface LeaseKeeperDeps {
  store: Pick<StateStore, 'takeObserverLease'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

export class LeaseKeeper {
  constructor(
    private readonly deps: LeaseKeeperDeps,
    private readonly self: Challenger & { zone: string; startedAtMs: number },
    private readonly policy: LeasePolicy,
  ) {}

  /** The lease as we would write it now; `validForMs` 0 is one that has run out already. */
  lease(topologyVersion: string, validForMs = this.policy.leaseMs): ObserverLease {
    const nowMs = this.deps.clock.wallMs();
    return {
      zone: this.self.zone,
      owner: this.self.owner,
      startedAtMs: this.self.startedAtMs,
      renewedAtMs: nowMs,
      untilMs: nowMs + validForMs,
      codeVersion: this.self.version,
      topologyVersion,
    };
  }

  /**
   * Renews until the signal aborts (`stopped`) or the lease is another's (`lost`). A store that is away loses nothing:
   * we go on watching, and whoever comes first when it is back holds the lease.
   */
  async keep(topologyVersion: () => string, signal: AbortSignal): Promise<'lost' | 'stopped'> {
    while (!signal.aborted) {
      await this.deps.clock.sleep(this.policy.renewEveryMs, signal);
      if (signal.aborted) break;
      try {
        const { taken, current } = await this.deps.store.takeObserverLease(this.lease(topologyVersion()), () => false);
        if (!taken && current !== null && current.owner !== this.self.owner) return 'lost';
      } catch (error) {
        this.deps.metrics.count('LeaseErrors', 1);
        this.deps.log.warn('the lease could not be renewed; watching goes on', { error: describeError(error) });
      }
    }
    return 'stopped';
  }

  /** Lets the next challenger in without waiting for the lease to run out. Best effort: it runs out anyway. */
  async release(topologyVersion: string): Promise<void> {
    try {
      await this.deps.store.takeObserverLease(this.lease(topologyVersion, 0), () => false);
    } catch (error) {
      this.deps.log.warn('the lease could not be released; it runs out by itself', { error: describeError(error) });
    }
  }
}
