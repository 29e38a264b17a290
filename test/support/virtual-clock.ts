/**
 * Time that stands still until a test moves it. Sleepers wake in the order of their due times; between two of them
 * everything that can run does run. The same seed gives the same run: it breaks ties between sleepers due at once.
 */
import type { Clock, Random } from '../../lib/domain/ports';

interface Sleeper {
  atMs: number;
  tie: number;
  wake: () => void;
}

export class VirtualClock implements Clock {
  private nowMs = 0;
  private wallOffsetMs: number;
  private readonly sleepers: Sleeper[] = [];
  private readonly ties: () => number;

  constructor(options: { startMs?: number; seed?: number } = {}) {
    this.wallOffsetMs = options.startMs ?? Date.UTC(2026, 0, 1);
    this.ties = uniform(options.seed ?? 1);
  }

  wallMs(): number {
    return this.wallOffsetMs + this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { atMs: this.nowMs + Math.max(0, ms), tie: this.ties(), wake: () => finish() };
      const onAbort = (): void => {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
        finish();
      };
      const finish = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.insert(sleeper);
    });
  }

  /** Lets `ms` pass, waking every sleeper at its time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settle();
    for (let next = this.sleepers[0]; next !== undefined && next.atMs <= untilMs; next = this.sleepers[0]) {
      this.sleepers.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.wake();
      await settle();
    }
    this.nowMs = untilMs;
  }

  /** Lets time pass in small steps until `holds`; throws when it does not within `limitMs`. Returns the time it took. */
  async until(holds: () => boolean, limitMs: number, stepMs = 10): Promise<number> {
    const startMs = this.nowMs;
    await settle();
    while (!holds()) {
      if (this.nowMs - startMs >= limitMs)
        throw new Error(`not so within ${limitMs} ms of virtual time: ${String(holds)}`);
      await this.advance(stepMs);
    }
    return this.nowMs - startMs;
  }

  /** The process is frozen: time goes by, nobody is woken, and everything that came due is late. */
  freeze(ms: number): void {
    this.nowMs += ms;
  }

  /** Someone sets the wall clock; the monotonic one goes on as before. */
  stepWall(ms: number): void {
    this.wallOffsetMs += ms;
  }

  /** How many are asleep: what is left at the end of a run is a leak. */
  get asleep(): number {
    return this.sleepers.length;
  }

  private insert(sleeper: Sleeper): void {
    let low = 0;
    let high = this.sleepers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.sleepers[middle];
      const before =
        other !== undefined && (other.atMs < sleeper.atMs || (other.atMs === sleeper.atMs && other.tie <= sleeper.tie));
      if (before) low = middle + 1;
      else high = middle;
    }
    this.sleepers.splice(low, 0, sleeper);
  }
}

/** Everything that is ready runs: a macrotask comes only after all microtasks. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** mulberry32: small, fast and good enough for tests. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Randomness that a seed repeats. */
export function seededRandom(seed: number): Random {
  const next = uniform(seed);
  let ids = 0;
  return { next, id: () => `id-${seed}-${(ids += 1)}` };
}
