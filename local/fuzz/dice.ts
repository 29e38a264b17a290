import type { Random } from '../../lib/domain/ports';

/** Small, fast, and the same on every machine: what exchange `index` of a run does is a function of (seed, index). */
export class Dice implements Random {
  private state: number;

  constructor(seed: number, index: number) {
    this.state = mix(mix(seed | 0) ^ Math.imul(index + 1, 0x9e3779b1));
  }

  /** Uniform in [0, 1). The generator is mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let word = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from 0 to `below - 1`. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws Error for an empty list */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  /** In the shape of a UUID. */
  id(): string {
    const word = (): string => this.below(0x10000).toString(16).padStart(4, '0');
    return `${word()}${word()}-${word()}-${word()}-${word()}-${word()}${word()}${word()}`;
  }
}

function mix(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
