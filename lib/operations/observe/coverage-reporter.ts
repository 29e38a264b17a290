/** Emits quorum coverage twice a minute; which observer does is settled by `speaksForAll`. */
import type { ClusterSnapshot } from '../../domain/model';
import type { Clock, Log, Metrics } from '../../domain/ports';
import {
  coveragePercent,
  hasQuorum,
  openWindow,
  sample,
  speaksForAll,
  watchingZones,
  type CoverageWindow,
} from './quorum-coverage';

/** Half the alarm's period: a hand-over of whoever speaks must not leave two periods without a word. */
const WINDOW_MS = 30_000;

export class CoverageReporter {
  private window: CoverageWindow;
  private covered = true;

  constructor(
    private readonly deps: { clock: Clock; metrics: Metrics; log: Log },
    private readonly zone: string,
  ) {
    this.window = openWindow(deps.clock.monotonicMs());
  }

  /** To be called with each fresh snapshot, and with the last one when the store did not answer. */
  sample(snapshot: ClusterSnapshot): void {
    const wallMs = this.deps.clock.wallMs();
    const nowMs = this.deps.clock.monotonicMs();
    const covered = hasQuorum(snapshot, wallMs);
    this.window = sample(this.window, covered, nowMs);
    if (covered !== this.covered) {
      this.deps.log.warn(covered ? 'a quorum of observers watches' : 'no quorum of observers', {
        watching: watchingZones(snapshot, wallMs),
      });
    }
    this.covered = covered;
    if (nowMs - this.window.startedAtMs < WINDOW_MS) return;
    if (speaksForAll(this.zone, snapshot, wallMs)) {
      this.deps.metrics.count('QuorumCoverage', coveragePercent(this.window));
    }
    this.window = openWindow(nowMs);
  }
}
