/** The parts of one observer, put together: who looks, who writes, who keeps the view up to date. */
import type { ClusterSnapshot } from '../../domain/model';
import type { Clock, Log, Metrics, StateStore } from '../../domain/ports';
import { ClusterView } from './cluster-view';
import { CoverageReporter } from './coverage-reporter';
import type { AskDatabase } from './database-watch';
import { LookOut } from './look-out';
import { ProbeSet, type OpenProbe } from './probe-set';
import { Publisher } from './publisher';
import { Ticker } from './tick';

export interface WatchDeps {
  store: Pick<StateStore, 'readCluster' | 'putObservation'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  openProbe: OpenProbe;
  /** Whether anything in another zone answers; resolves within `timeoutMs`. */
  controlTargetAnswers: (timeoutMs: number) => Promise<boolean>;
  /** Left out: the cluster has no database. */
  askDatabase?: AskDatabase | undefined;
  /** Judges the whole cluster and writes what was decided. May throw: the store may be away. */
  evaluate: () => Promise<void>;
}

export class Watch {
  private readonly view: ClusterView;
  private readonly probes: ProbeSet;
  private readonly publisher: Publisher;
  private readonly lookOut: LookOut;
  private readonly ticker: Ticker;
  private readonly removed: Promise<void>;

  /** `snapshot` is the cluster as it was read at the entrance. Nothing runs before `run`. */
  constructor(deps: WatchDeps, self: { zone: string; version: string }, snapshot: ClusterSnapshot) {
    const coverage = new CoverageReporter(deps, self.zone);
    let onRemoved = (): void => undefined;
    this.removed = new Promise((resolve) => {
      onRemoved = resolve;
    });
    this.view = new ClusterView(snapshot, {
      ...deps,
      onRefreshed: (latest) => {
        coverage.sample(latest);
        if (!latest.topology.observers.includes(self.zone)) onRemoved();
      },
    });
    this.probes = new ProbeSet({
      ...deps,
      onConnectionLost: (nodeId) => {
        // A probe that misses closes its own connection: only the loss of a node that was well is news.
        if (this.lookOut.lastSawWell(nodeId)) this.ticker.nudge();
      },
    });
    this.publisher = new Publisher({ ...deps, onEvaluated: () => this.view.expire() });
    this.lookOut = new LookOut({ ...deps, probes: this.probes, view: this.view, publisher: this.publisher }, self);
    this.ticker = new Ticker({
      ...deps,
      look: (plannedMs) => this.lookOut.look(plannedMs),
      rhythm: () => {
        const { probeIntervalMs, probeTimeoutMs } = this.view.current.topology.policy;
        return { intervalMs: probeIntervalMs, spacingMs: probeTimeoutMs };
      },
    });
  }

  /** A new topology is followed in place: ending would leave the zone unwatched until the next challenger. */
  get topologyVersion(): string {
    return this.view.current.topology.version;
  }

  /** Resolves when the zone has no observer any more by the topology. */
  zoneRemoved(): Promise<void> {
    return this.removed;
  }

  /** Looks until the signal aborts, then until what is under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    await this.ticker.run(signal);
    await this.publisher.idle();
    await this.view.idle();
  }

  close(): void {
    this.probes.close();
  }
}
