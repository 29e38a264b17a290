/** Which node-control functions are asked for an order, one after the other, and for how long each. */
import { describeError, OutsideTimeout } from './errors';
import type { NodeTopology } from './model';
import type { Clock } from './ports';

/** Share of the time that the first zone gets; the second gets what is left. */
const FIRST_SHARE = 0.6;

/** Kept back of each share for the invocation itself: 20 to 60 ms warm, and a cold start in a VPC up to 400 ms. */
const INVOCATION_MS = 400;

/** A function given less than this could not even connect. */
const MIN_WORK_MS = 100;

/** How the zones share an order's time, and after which failure of the first the second is asked. */
export interface Turns {
  firstShare: number;
  mayAskElsewhere: (failure: unknown) => boolean;
}

export const IN_TURNS: Turns = { firstShare: FIRST_SHARE, mayAskElsewhere: () => true };

/**
 * The whole time for the first zone; another one only where it is certain that nothing is at work any more.
 * @param isOver says whether a failure proves that: the function ended, or was never begun
 */
export function oneAtATime(isOver: (failure: unknown) => boolean): Turns {
  return { firstShare: 1, mayAskElsewhere: isOver };
}

export interface TurnsOrder<T> {
  /** What is ordered, as the error says it. */
  action: string;
  node: NodeTopology;
  timeoutMs: number;
  /** Where there is a node-control function. */
  zones: readonly string[];
  turns: Turns;
  /** Resolves with any answer, a "no" as well; rejects when the function failed, was refused or said nothing. */
  ask: (zone: string, timeoutMs: number) => Promise<T>;
}

/** @throws OutsideTimeout when no zone's function answered: whether anything was done is unknown */
export async function askInTurns<T>(order: TurnsOrder<T>, clock: Pick<Clock, 'monotonicMs'>): Promise<T> {
  const zones = zonesToAsk(order.node.zone, order.zones);
  const deadlineMs = clock.monotonicMs() + order.timeoutMs;
  const failures: string[] = [];
  for (const [index, zone] of zones.entries()) {
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) break;
    try {
      return await order.ask(zone, index < zones.length - 1 ? leftMs * order.turns.firstShare : leftMs);
    } catch (error) {
      failures.push(`${zone}: ${describeError(error)}`);
      if (!order.turns.mayAskElsewhere(error)) break;
    }
  }
  const tried = failures.length === 0 ? 'there is no node-control function' : failures.join('; ');
  throw new OutsideTimeout(
    `no node-control function could ${order.action} ${order.node.id}: ${tried}. ` +
      'Look at the log groups of these functions; convergence tries again',
  );
}

/** What the function itself may take of its zone's share. */
export function workMsOf(shareMs: number): number {
  return Math.max(MIN_WORK_MS, Math.round(shareMs - INVOCATION_MS));
}

/** The node's own zone first where it has a function, then one other: two zones' time is all there is. */
export function zonesToAsk(nodeZone: string, zones: readonly string[]): string[] {
  const others = zones.filter((zone) => zone !== nodeZone).sort();
  return [...(zones.includes(nodeZone) ? [nodeZone] : []), ...others].slice(0, 2);
}
