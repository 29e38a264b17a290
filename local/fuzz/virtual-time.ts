import type { Clock } from '../../lib/domain/ports';

interface Timer {
  atMs: number;
  order: number;
  run: () => void;
}

/** Time of one exchange: it moves only when nothing else can. Deadlines cost nothing, and none is missed by a slow machine. */
export class VirtualTime implements Clock {
  private nowMs = 0;
  private order = 0;
  private readonly timers = new Map<number, Timer>();
  /** Those that the product set by `setTimeout`: when it is done, none may be left. */
  private readonly products = new Set<number>();

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return Date.UTC(2026, 10, 23) + this.nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** @returns an id for `cancel` */
  after(ms: number, run: () => void): number {
    const order = (this.order += 1);
    this.timers.set(order, { atMs: this.nowMs + Math.max(0, ms), order, run });
    return order;
  }

  cancel(id: unknown): void {
    if (typeof id !== 'number') return;
    this.timers.delete(id);
    this.products.delete(id);
  }

  /** As `after`, for the product. */
  setTimeout(run: () => void, ms: number): number {
    const id = this.after(ms, run);
    this.products.add(id);
    return id;
  }

  get timersOfProduct(): number {
    return this.products.size;
  }

  /** Moves to the next timer and runs it. False when there is none up to `untilMs`. */
  step(untilMs = Infinity): boolean {
    let next: Timer | null = null;
    for (const timer of this.timers.values()) {
      if (next === null || timer.atMs < next.atMs) next = timer;
    }
    if (next === null || next.atMs > untilMs) return false;
    this.nowMs = next.atMs;
    this.cancel(next.order);
    next.run();
    return true;
  }
}

/** Promises and ticks run dry: nothing of an exchange in memory waits for anything but its timers. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** `setTimeout` and `clearTimeout` of the product's code are this time's, until the function that is returned is called. */
export function takeTimers(time: VirtualTime): () => void {
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
  const set = (run: () => void, ms = 0): number => time.setTimeout(run, ms);
  Object.assign(globalThis, { setTimeout: set, clearTimeout: (id: unknown) => time.cancel(id) });
  return () => void Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear });
}
