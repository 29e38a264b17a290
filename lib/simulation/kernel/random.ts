/**
 * Randomness that a seed and a name repeat, on any machine: integers, IEEE doubles, and `Math.log` and `**`, which V8
 * computes itself (fdlibm) and not by the machine's library. A test pins them to the bit.
 */
import type { Random } from '../../domain/ports';

/** FNV-1a over the name, mixed with the seed: independent streams for independent things. */
function hashOf(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ (seed >>> 0);
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** splitmix32: spreads one word of state over many. */
function splitmix(state: number): () => number {
  let word = state >>> 0;
  return () => {
    word = (word + 0x9e3779b9) >>> 0;
    let mixed = word ^ (word >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, so that a year of draws does not repeat. */
export class Dice implements Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;
  private ids = 0;

  constructor(
    readonly seed: number,
    readonly name: string,
  ) {
    const seeds = splitmix(hashOf(seed, name));
    [this.a, this.b, this.c, this.counter] = [seeds(), seeds(), seeds(), 1];
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** A stream of its own. */
  fork(name: string): Dice {
    return new Dice(this.seed, `${this.name}/${name}`);
  }

  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  id(): string {
    this.ids += 1;
    return `${this.name}-${this.ids}`;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** So many different whole numbers in [0, below), or all of them where there are no more. */
  someBelow(most: number, below: number): number[] {
    const drawn = new Set<number>();
    while (drawn.size < Math.min(most, below)) drawn.add(this.below(below));
    return [...drawn];
  }

  /** Whole numbers in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Time until the next event of a process without memory. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** @throws when there is nothing to pick from */
  pick<T>(items: readonly T[]): T {
    const picked = items[this.below(items.length)];
    if (picked === undefined) throw new Error(`${this.name}: nothing to pick from`);
    return picked;
  }

  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let left = this.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return this.pick(items)[0];
  }
}
