import type { Cancel, LabTime } from '../../../local/standin/lab-time';

/** The day of the recordings; any other would do. */
const EPOCH_MS = Date.UTC(2026, 10, 23, 13, 0, 0);

/** Time that passes only when the test says so: a recording of thirty seconds is replayed at once. */
export class ManualTime implements LabTime {
  readonly scale = 1;
  private timers: { atMs: number; action: () => void }[] = [];

  /** Milliseconds of the recording; it may begin before zero, when FreeSWITCH started. */
  constructor(private now: number) {}

  get nowMs(): number {
    return this.now;
  }

  wallMs(): number {
    return EPOCH_MS + this.now;
  }

  after(delayMs: number, action: () => void): Cancel {
    const timer = { atMs: this.now + delayMs, action };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Runs what is due on the way, in order. Never goes back. */
  advanceTo(atMs: number): void {
    for (;;) {
      const due = this.timers.filter((timer) => timer.atMs <= atMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.now = Math.max(this.now, due.atMs);
      due.action();
    }
    this.now = Math.max(this.now, atMs);
  }
}
