/** Which node-control functions are asked for an order, one after the other, and for how long each. Pure. */
import { describeError, OutsideTimeout } from './errors';
import type { NodeTopology } from './model';

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

/**
 * Whom to ask next, and for how long in all; null: nobody any more.
 * @param zones those of `zonesToAsk`, of which the first so many have failed
 */
export function nextTurn(
  zones: readonly string[],
  { firstShare, mayAskElsewhere }: Turns,
  failures: readonly unknown[],
  leftMs: number,
): { zone: string; shareMs: number } | null {
  const zone = zones[failures.length];
  if (zone === undefined || leftMs <= 0) return null;
  if (failures.length > 0 && !mayAskElsewhere(failures.at(-1))) return null;
  const isLast = failures.length === zones.length - 1;
  return { zone, shareMs: isLast ? leftMs : leftMs * firstShare };
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

/** No zone's function answered: whether anything was done is unknown. */
export function nobodyAnswered(
  action: string,
  node: NodeTopology,
  zones: readonly string[],
  failures: readonly unknown[],
): OutsideTimeout {
  const each = failures.map((failure, index) => `${zones[index]}: ${describeError(failure)}`);
  const tried = each.length === 0 ? 'there is no node-control function' : each.join('; ');
  return new OutsideTimeout(
    `no node-control function could ${action} ${node.id}: ${tried}. ` +
      'Look at the log groups of these functions; convergence tries again',
  );
}
