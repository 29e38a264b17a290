/**
 * The rhythm of looking: on a grid of the policy's interval that does not drift; at once when a kept connection
 * closes; and again without waiting while nothing can be said yet (a node has missed, but not often enough to be
 * judged; the observer is too new to vote), so that k misses of a frozen node take k deadlines and not k intervals.
 */
import { describeError } from '../../domain/errors';
import type { Clock, Log, Metrics } from '../../domain/ports';

export interface Rhythm {
  /** How often to look, in milliseconds. */
  intervalMs: number;
  /**
   * Least time between the beginnings of two looks. It is the probe's deadline: a miss stands for that much silence,
   * also when it is known sooner, so that a SIP stack that restarts is not "stuck" after four resets in a millisecond.
   */
  spacingMs: number;
}

export interface TickerDeps {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Read before each wait: a new topology may bring a new policy. */
  rhythm: () => Rhythm;
  look: (plannedMs: number) => Promise<{ unsettled: boolean }>;
}

export class Ticker {
  /** Ends the present wait, when there is one. */
  private waiting: { end: () => void; nudgeable: boolean } | null = null;
  private nudged = false;
  private lastHurriedMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly deps: TickerDeps) {}

  /** Look at once, or right after the look that is under way. */
  nudge(): void {
    this.nudged = true;
    if (this.waiting?.nudgeable === true) this.waiting.end();
  }

  /** Looks until the signal aborts. Never rejects: a look that throws is told, and the next one comes. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.waiting?.end();
    signal.addEventListener('abort', stop, { once: true });
    let gridMs = this.deps.clock.monotonicMs();
    let plannedMs = gridMs;
    while (!signal.aborted) {
      const startedMs = this.deps.clock.monotonicMs();
      const unsettled = await this.lookSafely(plannedMs);
      if (signal.aborted) break;
      const { intervalMs, spacingMs } = this.deps.rhythm();
      const nowMs = this.deps.clock.monotonicMs();
      gridMs = nextOnGrid(gridMs, intervalMs, nowMs);
      const dueMs = Math.max(startedMs + spacingMs, unsettled ? nowMs : gridMs);
      if (!this.nudged) await this.sleepUntil(dueMs, true);
      plannedMs = this.nudged && !signal.aborted ? await this.hurry(dueMs, spacingMs) : dueMs;
    }
    signal.removeEventListener('abort', stop);
  }

  /**
   * A peer that accepts and hangs up again and again must not make us look without pause: nudges are spaced too, and
   * those that come meanwhile are served by the same look. Returns when the look was due, for the check of the clock.
   */
  private async hurry(dueMs: number, spacingMs: number): Promise<number> {
    const nowMs = this.deps.clock.monotonicMs();
    const hurriedMs = Math.max(Math.min(nowMs, dueMs), this.lastHurriedMs + spacingMs);
    if (hurriedMs > nowMs) await this.sleepUntil(hurriedMs, false);
    this.nudged = false;
    this.lastHurriedMs = this.deps.clock.monotonicMs();
    return hurriedMs;
  }

  private async sleepUntil(atMs: number, nudgeable: boolean): Promise<void> {
    const wake = new AbortController();
    this.waiting = { end: () => wake.abort(), nudgeable };
    await this.deps.clock.sleep(Math.max(0, atMs - this.deps.clock.monotonicMs()), wake.signal);
    this.waiting = null;
  }

  private async lookSafely(plannedMs: number): Promise<boolean> {
    try {
      return (await this.deps.look(plannedMs)).unsettled;
    } catch (error) {
      this.deps.metrics.count('LookErrors', 1);
      this.deps.log.error('a look failed; the next one comes', { error: describeError(error) });
      return false;
    }
  }
}

/** The first point of the grid after `nowMs`, `lastMs` if that is it. Points that were missed are not made up for. */
export function nextOnGrid(lastMs: number, intervalMs: number, nowMs: number): number {
  const steps = Math.max(0, Math.floor((nowMs - lastMs) / intervalMs) + 1);
  return lastMs + steps * intervalMs;
}
