/** A question to the outside that may stay without an answer, in virtual time. */
import type { Process } from '../kernel/process';

/** Nobody answers: the asker learns it by its own deadline. */
export const SILENCE: unique symbol = Symbol('silence');

/** The way from here to the nodes, as it is now. */
export interface Route {
  /** Whether packets get to the node, and from it to here. */
  carries(nodeId: string, direction: 'there' | 'back'): boolean;
  /** What a question and its answer take beyond the usual. */
  delayMs(nodeId: string): number;
}

/** A connection is opened, and a datagram is answered, only where both directions carry. */
export function reaches(route: Route, nodeId: string): boolean {
  return route.carries(nodeId, 'there') && route.carries(nodeId, 'back');
}

/**
 * What it causes there happens whatever becomes of the asker, also when the answer would come too late.
 * @returns SILENCE once `timeoutMs` have passed without an answer. Throws what `effect` throws.
 */
export async function ask<T>(
  process: Process,
  latencyMs: number,
  timeoutMs: number,
  effect: () => T | typeof SILENCE,
): Promise<T | typeof SILENCE> {
  const thereMs = Math.floor(latencyMs / 2);
  if (latencyMs > timeoutMs) {
    void process.exchange(thereMs, 0, effect).catch(() => undefined);
    await process.sleep(timeoutMs);
    return SILENCE;
  }
  const answer = await process.exchange(thereMs, latencyMs - thereMs, effect);
  if (answer === SILENCE) await process.sleep(timeoutMs - latencyMs);
  return answer;
}
