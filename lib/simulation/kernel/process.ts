/**
 * A process of the control plane in virtual time: a Lambda invocation that can be killed at any await, frozen, and whose
 * clock can be wrong. What it asks of the outside happens outside: its answer comes to whoever still lives.
 */
import type { Clock } from '../../domain/ports';
import { EPOCH_MS, type Entry, type Kernel } from './kernel';

export class Process implements Clock {
  private readonly pending = new Set<Entry>();
  private dead = false;
  private end: Entry | null = null;
  private frozenUntilMs = 0;
  /** Set by somebody on this machine; AWS slews its clocks. */
  wallOffsetMs = 0;
  private readonly deathListeners: (() => void)[] = [];

  constructor(
    private readonly kernel: Kernel,
    readonly name: string,
  ) {}

  get alive(): boolean {
    return !this.dead;
  }

  wallMs(): number {
    return EPOCH_MS + this.kernel.nowMs + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.kernel.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.dead) return never();
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.kernel.cancel(entry);
        this.pending.delete(entry);
        resolve();
      };
      const entry = this.wake(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * An exchange with the outside: `effect` happens after the way there whatever becomes of us meanwhile, its answer or
   * its error is ours after the way back. Never settles once the process is dead.
   */
  exchange<T>(thereMs: number, backMs: number, effect: () => T): Promise<T> {
    if (this.dead) return never();
    return new Promise((resolve, reject) => {
      this.kernel.after(thereMs, () => {
        let settle: () => void;
        try {
          const answer = effect();
          settle = () => resolve(answer);
        } catch (error) {
          settle = () => reject(asError(error));
        }
        if (!this.dead) this.wake(backMs, settle);
      });
    });
  }

  /** What another process answers, after the way back to us. */
  answerOf<T>(work: Promise<T>, backMs: number): Promise<T> {
    if (this.dead) return never();
    return new Promise((resolve, reject) => {
      const arrive = (settle: () => void): void => {
        if (!this.dead) this.wake(backMs, settle);
      };
      work.then(
        (answer) => arrive(() => resolve(answer)),
        (error: unknown) => arrive(() => reject(asError(error))),
      );
    });
  }

  /** Killed: nothing that it waits for ever comes, and what it sent goes on. */
  kill(): void {
    if (this.dead) return;
    this.dead = true;
    for (const entry of this.pending) this.kernel.cancel(entry);
    this.pending.clear();
    if (this.end !== null) this.kernel.cancel(this.end);
    for (const listener of this.deathListeners) listener();
  }

  onDeath(listener: () => void): void {
    this.deathListeners.push(listener);
  }

  /** Killed when so much time is over, frozen or not. */
  endAfter(ms: number): void {
    this.end = this.kernel.after(ms, () => this.kill());
  }

  /** Nothing of it runs for so long, and whatever came due meanwhile is late. */
  freeze(ms: number): void {
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.kernel.nowMs + ms);
    for (const entry of [...this.pending]) {
      if (entry.atMs >= this.frozenUntilMs) continue;
      this.kernel.cancel(entry);
      this.pending.delete(entry);
      this.wake(0, entry.action);
    }
  }

  /**
   * Brings its end and a long sleep nearer or further: for skipping quiet time, where the age of a process moves on, and
   * back where it stands for its successor.
   */
  shiftSleepsBeyond(horizonMs: number, byMs: number): void {
    if (this.end !== null) {
      this.kernel.cancel(this.end);
      this.endAfter(this.end.atMs - this.kernel.nowMs + byMs);
    }
    for (const entry of [...this.pending]) {
      if (entry.atMs - this.kernel.nowMs <= horizonMs) continue;
      this.kernel.cancel(entry);
      this.pending.delete(entry);
      this.wake(entry.atMs - this.kernel.nowMs + byMs, entry.action);
    }
  }

  private wake(ms: number, action: () => void): Entry {
    const dueMs = Math.max(this.kernel.nowMs + ms, this.frozenUntilMs);
    const entry = this.kernel.after(dueMs - this.kernel.nowMs, () => {
      this.pending.delete(entry);
      action();
    });
    this.pending.add(entry);
    return entry;
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
