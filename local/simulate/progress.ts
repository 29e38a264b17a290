/** One line every few seconds for somebody who waits. */

const EVERY_MS = 5_000;

export interface Standing {
  failovers: number;
  violations: number;
  lost: number;
}

export class Progress {
  private readonly startedMs: number;
  private shownMs: number;
  private done = 0;

  /** @param runs how many there are to do @param nowMs a clock that never goes backwards */
  constructor(
    private readonly runs: number,
    private readonly nowMs: () => number,
    private readonly say: (line: string) => void,
  ) {
    this.startedMs = nowMs();
    this.shownMs = this.startedMs;
  }

  /** One more run is over. */
  step(standing: Standing): void {
    this.done += 1;
    const nowMs = this.nowMs();
    if (nowMs - this.shownMs < EVERY_MS && this.done < this.runs) return;
    this.shownMs = nowMs;
    this.say(this.line(standing, (nowMs - this.startedMs) / 60_000));
  }

  private line({ failovers, violations, lost }: Standing, minutes: number): string {
    const perMinute = this.done / Math.max(minutes, 1 / 60_000);
    const left = Math.ceil((this.runs - this.done) / perMinute);
    return [
      `${this.done} of ${this.runs} years`,
      `${failovers} failovers`,
      `${violations} violations`,
      ...(lost === 0 ? [] : [`${lost} LOST`]),
      `${perMinute.toFixed(perMinute < 10 ? 1 : 0)} a minute`,
      ...(this.done === this.runs ? [] : [`${left} min left`]),
    ].join(', ');
  }
}
