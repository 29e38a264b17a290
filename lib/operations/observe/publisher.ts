/** Writes what was seen, as seldom as the deciders can bear, and asks for a judgement when a holder is unwell. */
import { describeError } from '../../domain/errors';
import type { Observation, Policy } from '../../domain/model';
import type { Clock, Log, Metrics, StateStore } from '../../domain/ports';
import { LatestOnly } from './latest-only';
import { essence } from './observation';

export interface PublisherDeps {
  store: Pick<StateStore, 'putObservation'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Judges the whole cluster. May throw: the store may be away. */
  evaluate: () => Promise<void>;
  /** A judgement was made: what is known of the VIPs may be out of date. */
  onEvaluated: () => void;
}

/** All observations of one look. */
export interface Report {
  observations: Observation[];
  policy: Policy;
  /** VIPs that need a judgement; while there are any, each look is written. */
  attention: string[];
}

export class Publisher {
  private readonly written = new Map<string, { essence: string; atMs: number }>();
  private readonly writes = new LatestOnly<Report>((report) => this.write(report));
  private readonly judgements = new LatestOnly<string[]>((vipIds) => this.judge(vipIds));

  constructor(private readonly deps: PublisherDeps) {}

  /** Returns at once; a report that is not written when the next one comes gives way to it. */
  offer(report: Report): void {
    this.writes.offer(report);
  }

  async idle(): Promise<void> {
    await this.writes.idle();
    await this.judgements.idle();
  }

  private async write({ observations, policy, attention }: Report): Promise<void> {
    const due = observations.filter((each) => attention.length > 0 || this.isDue(each, policy));
    await Promise.all(due.map((observation) => this.writeOne(observation, policy)));
    // Also when a write failed: the votes of the other zones may be enough.
    if (attention.length > 0) this.judgements.offer(attention);
  }

  private isDue(observation: Observation, policy: Policy): boolean {
    const last = this.written.get(observation.nodeId);
    if (last === undefined || last.essence !== essence(observation, policy)) return true;
    return this.deps.clock.monotonicMs() - last.atMs >= policy.heartbeatMs - policy.probeIntervalMs / 2;
  }

  private async writeOne(observation: Observation, policy: Policy): Promise<void> {
    try {
      await this.deps.store.putObservation(observation, this.deps.clock.wallMs());
      this.written.set(observation.nodeId, {
        essence: essence(observation, policy),
        atMs: this.deps.clock.monotonicMs(),
      });
    } catch (error) {
      // Not remembered as written, so the next look writes it again.
      this.deps.metrics.count('ObservationWriteErrors', 1);
      this.deps.log.warn(`the observation of ${observation.nodeId} could not be written`, {
        error: describeError(error),
      });
    }
  }

  private async judge(vipIds: string[]): Promise<void> {
    try {
      await this.deps.evaluate();
    } catch (error) {
      this.deps.metrics.count('EvaluationErrors', 1);
      this.deps.log.warn('the cluster could not be judged', { vipIds, error: describeError(error) });
    } finally {
      this.deps.onEvaluated();
    }
  }
}
