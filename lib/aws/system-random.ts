import { randomUUID } from 'node:crypto';
import type { Random } from '../domain/ports';

/** The machine's randomness: jitter needs no more than Math.random, identifiers must not collide across functions. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random();
  }

  id(): string {
    return randomUUID();
  }
}
