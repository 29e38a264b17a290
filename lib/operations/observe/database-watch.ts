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
/** Trouble is seen so much later than it begins; who asked nothing for longer was not there. */
const SEEN_LATE_MS = 5_000;
/** Whose zone was watched until so long ago takes over: a look is written as often as that, and a hand-over takes a moment. */
const TAKES_OVER_WITHIN_MS = 15_000;
/** Who was not there listens for so long: by then it has read what the others wrote since. */
const LISTENS_FOR_MS = 10_000;

/** Since when, and when it was last seen, in milliseconds of whichever clock. */
interface Trouble {
  sinceMs: number;
  atMs: number;
}

/** A look that was written, as far as it says how the database was. */
type Written = Pick<Observation, 'database' | 'observedAtMs'>;

export class DatabaseWatch {
  private latest: DatabaseEvidence | null = null;
  private askedAtMs: number | null = null;
  private answeredAtMs: number | null = null;
  /** The last one, on the monotonic clock. */
  private trouble: Trouble | null = null;
  /** Nothing is known since it: it may have lasted until the next answer, however late that comes. */
  private goesOn = false;

  private listensUntilMs = -Infinity;

  /** @param written the last look of the observer before us in this zone: SIP waits on for what that one saw */
  constructor(
    private readonly deps: DatabaseWatchDeps,
    written?: Written,
  ) {
    if (written === undefined) return;
    this.trouble = this.troubleIn(written);
    const { database, observedAtMs } = written;
    this.goesOn = this.trouble !== null && observedAtMs - (database?.trouble?.atMs ?? observedAtMs) <= SEEN_LATE_MS;
    const ageMs = Math.max(0, deps.clock.wallMs() - observedAtMs);
    if (database !== null && ageMs <= TAKES_OVER_WITHIN_MS) {
      this.answeredAtMs = deps.clock.monotonicMs() - ageMs;
    }
  }

  /** Begins a question unless one is under way. Called once a look. */
  ask(): void {
    const { askDatabase, clock, metrics } = this.deps;
    const askedAtMs = clock.monotonicMs();
    if (askedAtMs - (this.answeredAtMs ?? -Infinity) > TAKES_OVER_WITHIN_MS) {
      this.listensUntilMs = askedAtMs + LISTENS_FOR_MS;
    }
    if (askDatabase === undefined || this.askedAtMs !== null) return;
    this.askedAtMs = askedAtMs;
    void askDatabase(ANSWER_WITHIN_MS)
      .catch((): DatabaseEvidence => ({ verdict: 'away', detail: 'it could not be asked', latencyMs: null }))
      .then((evidence) => {
        const nowMs = clock.monotonicMs();
        const known = this.goesOn || !this.isOver(nowMs) ? this.trouble : null;
        const sinceMs = known?.sinceMs ?? this.beginning(nowMs);
        const isWell = evidence.verdict === 'ok';
        if (!isWell || this.goesOn) this.trouble = { sinceMs, atMs: nowMs };
        this.goesOn = !isWell;
        this.latest = evidence;
        this.askedAtMs = null;
        this.answeredAtMs = nowMs;
        if (!isWell) metrics.count('DatabaseAway', 1);
      });
  }

  /**
   * What the observers of other zones wrote while nobody asked from this one: SIP still waits for what they saw. Who was
   * there knows better, and what one zone alone does not reach is no trouble of the others.
   */
  hear(looks: readonly Written[]): void {
    if (this.deps.clock.monotonicMs() > this.listensUntilMs) return;
    for (const look of looks) {
      const heard = this.troubleIn(look);
      if (heard !== null && heard.atMs > (this.trouble?.atMs ?? -Infinity)) this.trouble = heard;
    }
  }

  /** The last answer, or that there is none yet; null before the first and without a database. */
  evidence(): DatabaseEvidence | null {
    const { clock } = this.deps;
    const nowMs = clock.monotonicMs();
    const seen = this.seen(nowMs);
    if (seen === null) return null;
    const noted = this.isOver(nowMs) ? null : this.trouble;
    // One that hangs is in trouble before its first question has ended.
    const known = noted ?? (seen.verdict === 'ok' ? null : { sinceMs: this.askedAtMs ?? nowMs, atMs: nowMs });
    if (known === null) return seen;
    const { sinceMs, atMs } = known;
    const aheadMs = clock.wallMs() - nowMs;
    const trouble = { sinceMs: sinceMs + aheadMs, atMs: atMs + aheadMs };
    if (seen.verdict !== 'ok') return { ...seen, trouble };
    const detail = `answers again, and did not ${Math.round((nowMs - atMs) / 1000)} s ago`;
    return { ...seen, verdict: 'slow', detail, trouble };
  }

  private seen(nowMs: number): DatabaseEvidence | null {
    const waitingMs = this.askedAtMs === null ? 0 : Math.round(nowMs - this.askedAtMs);
    if (waitingMs < ANSWER_WITHIN_MS / 2) return this.latest;
    return { verdict: 'slow', detail: `no answer to \`select 1\` for ${waitingMs} ms`, latencyMs: null };
  }

  /** Of a trouble that is seen now: who was not there a moment ago knows only when it had not begun. */
  private beginning(nowMs: number): number {
    const beforeMs = this.answeredAtMs ?? nowMs - AFTERMATH_MS.most;
    return nowMs - beforeMs > SEEN_LATE_MS ? beforeMs : nowMs;
  }

  private troubleIn({ database, observedAtMs }: Written): Trouble | null {
    if (database === null || database.verdict === 'ok') return null;
    const { clock } = this.deps;
    // Those of a version that wrote no more than the verdict: since when is not known.
    const told = database.trouble ?? { sinceMs: observedAtMs - AFTERMATH_MS.most, atMs: observedAtMs };
    // One that is dated ahead is of now: what it says must not last for longer because a clock is wrong.
    const atMs = clock.monotonicMs() - Math.max(0, clock.wallMs() - told.atMs);
    return { sinceMs: atMs - (told.atMs - told.sinceMs), atMs };
  }

  /** Whether nothing can wait for the last trouble any more. */
  private isOver(nowMs: number): boolean {
    if (this.trouble === null) return true;
    const lastedMs = this.trouble.atMs - this.trouble.sinceMs + SEEN_LATE_MS;
    return nowMs - this.trouble.atMs >= Math.min(AFTERMATH_MS.most, Math.max(AFTERMATH_MS.least, lastedMs));
  }
}
