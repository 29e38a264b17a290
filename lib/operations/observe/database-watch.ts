/** What the zone sees of the shared database: asked beside the looks at the nodes, never waited for. */
import type { DatabaseEvidence, Observation } from '../../domain/model';
import type { Clock, Metrics } from '../../domain/ports';

/** Asks the database whether anybody is there; resolves within `timeoutMs`, never rejects. */
export type AskDatabase = (timeoutMs: number) => Promise<DatabaseEvidence>;

export interface DatabaseWatchDeps {
  clock: Clock;
  metrics: Metrics;
  /** Left out: the cluster has no database. */
  askDatabase?: AskDatabase | undefined;
}

/** A healthy database answers `select 1` in a few milliseconds; FreeSWITCH's own queries give up after 10 s. */
const ANSWER_WITHIN_MS = 1_000;

/**
 * SIP stays silent for up to 17.6 s after a database answers again (FACTS 8.6): until then its silence is still the
 * database's failure.
 */
const AFTERMATH_MS = 30_000;

export class DatabaseWatch {
  private latest: DatabaseEvidence | null = null;
  private askedAtMs: number | null = null;
  private troubledAtMs: number | null = null;

  /** @param written the last look of the observer before us in this zone: SIP waits on for what that one saw */
  constructor(
    private readonly deps: DatabaseWatchDeps,
    written?: Pick<Observation, 'database' | 'observedAtMs'>,
  ) {
    if (written === undefined || written.database === null || written.database.verdict === 'ok') return;
    const { clock } = deps;
    // One that is dated ahead is of now: what it says must not last for longer because a clock is wrong.
    this.troubledAtMs = clock.monotonicMs() - Math.max(0, clock.wallMs() - written.observedAtMs);
  }

  /** Begins a question unless one is under way. Called once a look. */
  ask(): void {
    const { askDatabase, clock, metrics } = this.deps;
    if (askDatabase === undefined || this.askedAtMs !== null) return;
    this.askedAtMs = clock.monotonicMs();
    void askDatabase(ANSWER_WITHIN_MS)
      .catch((): DatabaseEvidence => ({ verdict: 'away', detail: 'it could not be asked', latencyMs: null }))
      .then((evidence) => {
        this.latest = evidence;
        this.askedAtMs = null;
        if (evidence.verdict === 'ok') return;
        this.troubledAtMs = clock.monotonicMs();
        metrics.count('DatabaseAway', 1);
      });
  }

  /** The last answer, or that there is none yet; null before the first and without a database. */
  evidence(): DatabaseEvidence | null {
    const nowMs = this.deps.clock.monotonicMs();
    const waitingMs = this.askedAtMs === null ? 0 : Math.round(nowMs - this.askedAtMs);
    if (waitingMs < ANSWER_WITHIN_MS / 2) return this.inAftermath(nowMs) ?? this.latest;
    return { verdict: 'slow', detail: `no answer to \`select 1\` for ${waitingMs} ms`, latencyMs: null };
  }

  private inAftermath(nowMs: number): DatabaseEvidence | null {
    if (this.troubledAtMs === null || this.latest?.verdict !== 'ok') return null;
    const sinceMs = Math.round(nowMs - this.troubledAtMs);
    if (sinceMs >= AFTERMATH_MS) return null;
    return {
      ...this.latest,
      verdict: 'slow',
      detail: `answers again, and did not ${Math.round(sinceMs / 1000)} s ago`,
    };
  }
}
