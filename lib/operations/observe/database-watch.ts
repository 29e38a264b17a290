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
 * SIP stays silent after a database answers again, 17.6 s where packets were lost for 35 s (FACTS 8.6): TCP waits twice
 * as long before each packet that it sends again, so about as long as it waited already, and 120 s at most (RFC 6298,
 * Linux). Until then its silence is still the database's failure.
 */
const AFTERMATH_MS = { least: 30_000, most: 125_000 } as const;
/** Trouble is seen so much later than it begins. */
const SEEN_LATE_MS = 5_000;

export class DatabaseWatch {
  private latest: DatabaseEvidence | null = null;
  private askedAtMs: number | null = null;
  /** The last trouble: since when, and when it was last seen. */
  private trouble: { sinceMs: number; atMs: number } | null = null;

  /** @param written the last look of the observer before us in this zone: SIP waits on for what that one saw */
  constructor(
    private readonly deps: DatabaseWatchDeps,
    written?: Pick<Observation, 'database' | 'observedAtMs'>,
  ) {
    if (written === undefined || written.database === null || written.database.verdict === 'ok') return;
    const { clock } = deps;
    // One that is dated ahead is of now: what it says must not last for longer because a clock is wrong.
    const atMs = clock.monotonicMs() - Math.max(0, clock.wallMs() - written.observedAtMs);
    // Since when was not written.
    this.trouble = { sinceMs: atMs - AFTERMATH_MS.most, atMs };
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
        const nowMs = clock.monotonicMs();
        this.trouble = { sinceMs: this.isOver(nowMs) ? nowMs : (this.trouble?.sinceMs ?? nowMs), atMs: nowMs };
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
    if (this.trouble === null || this.latest?.verdict !== 'ok' || this.isOver(nowMs)) return null;
    return {
      ...this.latest,
      verdict: 'slow',
      detail: `answers again, and did not ${Math.round((nowMs - this.trouble.atMs) / 1000)} s ago`,
    };
  }

  /** Whether nothing can wait for the last trouble any more. */
  private isOver(nowMs: number): boolean {
    if (this.trouble === null) return true;
    const lastedMs = this.trouble.atMs - this.trouble.sinceMs + SEEN_LATE_MS;
    return nowMs - this.trouble.atMs >= Math.min(AFTERMATH_MS.most, Math.max(AFTERMATH_MS.least, lastedMs));
  }
}
