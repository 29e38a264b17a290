/** Waiting for conditions, never for times. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UnderstudyError } from '../../lib/domain/errors';

const LOOK_EVERY_MS = 50;

/**
 * Looks until `look` has an answer.
 * @throws UnderstudyError after `withinMs`, naming what was waited for
 */
export async function until<T>(what: string, withinMs: number, look: () => T | null | Promise<T | null>): Promise<T> {
  const endAtMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() >= endAtMs) throw new UnderstudyError(`${what}: not within ${withinMs / 1000} s`);
    await sleep(LOOK_EVERY_MS);
  }
}
