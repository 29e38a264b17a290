/**
 * Virtual time. What is due is done in the order of time and, within one instant, in the order in which it was asked
 * for; between two instants everything that can run does run. Nothing here knows the machine's own clock, so that the
 * same seed gives the same run.
 */

/** Something that will happen. */
export interface Entry {
  atMs: number;
  readonly order: number;
  readonly action: () => void;
  /** Belongs to a date and not to the rhythm of a process: it comes nearer when quiet time is skipped. */
  readonly dated: boolean;
  cancelled: boolean;
}

/** 2026-01-01: the first instant of every run. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

export class Kernel {
  private readonly heap: Entry[] = [];
  private orders = 0;
  private now = 0;
  private skipped = 0;
  private readonly skipListeners: ((byMs: number) => void)[] = [];
  /** Instants that were lived through: what a run cost. */
  instants = 0;

  /** Milliseconds since the run began, without what was skipped: the time of processes. */
  get nowMs(): number {
    return this.now;
  }

  /** Milliseconds since the run began, with what was skipped: the time of faults and figures. */
  get elapsedMs(): number {
    return this.now + this.skipped;
  }

  get skippedMs(): number {
    return this.skipped;
  }

  /** Whole milliseconds are enough. @param atMs process time; what is past happens at once */
  at(atMs: number, action: () => void, dated = false): Entry {
    const entry: Entry = {
      atMs: Math.max(Math.ceil(atMs), this.now),
      order: (this.orders += 1),
      action,
      dated,
      cancelled: false,
    };
    this.push(entry);
    return entry;
  }

  after(delayMs: number, action: () => void): Entry {
    return this.at(this.now + Math.max(0, delayMs), action);
  }

  /** At a date of the run, wherever skipping has brought it by then. */
  onDate(elapsedMs: number, action: () => void): Entry {
    return this.at(elapsedMs - this.skipped, action, true);
  }

  cancel(entry: Entry): void {
    entry.cancelled = true;
  }

  /** The next thing that belongs to a date: process time; null when there is none. */
  nextDatedMs(): number | null {
    let next: number | null = null;
    for (const entry of this.heap) {
      if (entry.dated && !entry.cancelled && (next === null || entry.atMs < next)) next = entry.atMs;
    }
    return next;
  }

  onSkip(listener: (byMs: number) => void): void {
    this.skipListeners.push(listener);
  }

  /**
   * Lets quiet time pass without living through it: the clock stands, and everything with a date moves towards it.
   * Whoever keeps times of the past moves them too (`onSkip`). What makes that exact is the caller's to know.
   */
  skip(byMs: number): void {
    this.skipped += byMs;
    for (const entry of this.heap) if (entry.dated) entry.atMs -= byMs;
    this.rebuild();
    for (const listener of this.skipListeners) listener(byMs);
  }

  /** Lives until `untilMs` (process time) or until `done` says so; `after` is called when an instant has settled. */
  async run(untilMs: number, after: () => void, done: () => boolean = () => false): Promise<void> {
    await settle(this.instants);
    while (!done()) {
      const first = this.peek();
      if (first === undefined || first.atMs > untilMs) break;
      this.now = Math.max(this.now, first.atMs);
      this.instants += 1;
      for (let next = this.peek(); next !== undefined && next.atMs <= this.now; next = this.peek()) {
        this.pop();
        next.action();
      }
      await settle(this.instants);
      after();
    }
    if (!done() && Number.isFinite(untilMs)) this.now = Math.max(this.now, untilMs);
  }

  private peek(): Entry | undefined {
    while (this.heap[0]?.cancelled === true) this.pop();
    return this.heap[0];
  }

  private push(entry: Entry): void {
    const { heap } = this;
    heap.push(entry);
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[index] = heap[parent] as Entry;
      index = parent;
    }
    heap[index] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    this.sink(last, 0);
  }

  private sink(entry: Entry, from: number): void {
    const { heap } = this;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child])) child += 1;
      if (!isBefore(heap[child] as Entry, entry)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = entry;
  }

  private rebuild(): void {
    const entries = this.heap.splice(0).filter((entry) => !entry.cancelled);
    for (const entry of entries) this.push(entry);
  }
}

function isBefore(one: Entry, other: Entry | undefined): boolean {
  return other === undefined || one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

const BREATHE_EVERY = 1_000;

/**
 * Everything that is ready runs: a tick asked for now comes only after all microtasks. Ticks starve the process's own
 * sockets, so that it breathes now and then, and hears when its parent has gone.
 */
function settle(instants: number): Promise<void> {
  return new Promise((resolve) => {
    if (instants % BREATHE_EVERY === 0) setImmediate(resolve);
    else process.nextTick(resolve);
  });
}
