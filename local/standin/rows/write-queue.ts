import type { LabTime } from '../lab-time';
import { RowsAway } from './row-store';

/** FACTS 8.4: a statement is tried once a second, 120 times, then given up. */
export const RETRY_EVERY_MS = 1_000;
export const MOST_TRIES = 120;

interface Write {
  run: () => Promise<void>;
  dueAtMs: number;
}

/**
 * FreeSWITCH's SQL queue: statements are written one after another, a little later than what caused them. While the
 * database lets nobody in they wait; the one that is executed when the connection breaks is lost.
 */
export class WriteQueue {
  private readonly waiting: Write[] = [];
  private running = false;
  private closed = false;
  private lostWrites = 0;
  private refusals = 0;
  private whenIdle: (() => void)[] = [];

  /** @param delayMs between a `push` and its statement, times the time's scale */
  constructor(
    private readonly time: LabTime,
    private readonly delayMs: number,
  ) {}

  /** Statements that are not in the database yet. */
  get pending(): number {
    return this.waiting.length;
  }

  /** Statements that never reached it. */
  get lost(): number {
    return this.lostWrites;
  }

  /** How often nobody let us in. */
  get refused(): number {
    return this.refusals;
  }

  push(run: () => Promise<void>): void {
    if (this.closed) return;
    this.waiting.push({ run, dueAtMs: this.time.wallMs() + this.delayMs * this.time.scale });
    void this.drain();
  }

  /** Resolves when everything was written or given up; never when it was closed before that. */
  idle(): Promise<void> {
    if (!this.running && this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  /** The process is gone: what waits is lost. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
  }

  private async drain(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      await this.pause((next.dueAtMs - this.time.wallMs()) / this.time.scale);
      if (this.closed) break;
      await this.write(next);
      this.waiting.shift();
    }
    this.running = false;
    for (const resolve of this.whenIdle.splice(0)) if (!this.closed) resolve();
  }

  private async write({ run }: Write): Promise<void> {
    for (let attempt = 1; attempt <= MOST_TRIES && !this.closed; attempt++) {
      try {
        await run();
        return;
      } catch (error) {
        // Cut in the middle, or refused for good: FreeSWITCH does not try that statement again.
        if (!(error instanceof RowsAway)) break;
        this.refusals += 1;
      }
      await this.pause(RETRY_EVERY_MS);
    }
    this.lostWrites += 1;
  }

  private pause(delayMs: number): Promise<void> {
    if (delayMs <= 0) return Promise.resolve();
    return new Promise((resolve) => void this.time.after(delayMs, resolve));
  }
}
