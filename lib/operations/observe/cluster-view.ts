/**
 * What the observer knows of the cluster (nodes to look at, policy, who holds what), refreshed in the background so
 * that no look waits for the store. While the store is away the last view stands: looking goes on.
 */
import { describeError } from '../../domain/errors';
import type { ClusterSnapshot } from '../../domain/model';
import type { Clock, Log, Metrics, StateStore } from '../../domain/ports';
import { LatestOnly } from './latest-only';

export interface ClusterViewDeps {
  store: Pick<StateStore, 'readCluster'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** After each attempt; with the last view when the store did not answer. */
  onRefreshed: (snapshot: ClusterSnapshot) => void;
}

/** One strongly consistent query each; see docs/state.md for its cost. */
const REFRESH_EVERY_MS = 5_000;

export class ClusterView {
  private readonly refreshes = new LatestOnly<null>(() => this.refresh());
  private refreshedAtMs: number;

  constructor(
    private snapshot: ClusterSnapshot,
    private readonly deps: ClusterViewDeps,
  ) {
    this.refreshedAtMs = deps.clock.monotonicMs();
  }

  get current(): ClusterSnapshot {
    return this.snapshot;
  }

  /** Returns at once. */
  refreshIfDue(): void {
    if (this.deps.clock.monotonicMs() - this.refreshedAtMs >= REFRESH_EVERY_MS) this.refreshes.offer(null);
  }

  /** Something changed the cluster: do not wait for the interval. */
  expire(): void {
    this.refreshes.offer(null);
  }

  async idle(): Promise<void> {
    await this.refreshes.idle();
  }

  private async refresh(): Promise<void> {
    this.refreshedAtMs = this.deps.clock.monotonicMs();
    try {
      const before = this.snapshot.topology.version;
      this.snapshot = await this.deps.store.readCluster();
      const now = this.snapshot.topology.version;
      if (before !== now) this.deps.log.info('a new topology was registered', { before, now });
    } catch (error) {
      this.deps.metrics.count('ClusterReadErrors', 1);
      this.deps.log.warn('the cluster could not be read; the last view stands', { error: describeError(error) });
    }
    this.deps.onRefreshed(this.snapshot);
  }
}
