/** Which node-control functions are asked for an order, one after the other, and for how long each. No I/O, no clock. */
import { describeError, OutsideTimeout } from './errors';
import type { NodeTopology } from './model';
import type { NodeControlAnswer } from './node-control';

/** Share of the time that the first zone gets; the second gets what is left. */
const FIRST_SHARE = 0.6;

/** Kept back of each share for the invocation itself: 20 to 60 ms warm, and a cold start in a VPC up to 400 ms. */
const INVOCATION_MS = 400;

/** A function given less than this could not even connect. */
const MIN_WORK_MS = 100;

/** A path that is cut is seldom whole again at once, and each order that finds it so has lost half of its time. */
const SHUT_FOR_MS = 60_000;

/** Who is asked first, how the zones share an order's time, and after which failure of the first the second is asked. */
export interface Turns {
  /** The function beside the node. */
  ownZone: 'first' | 'last';
  firstShare: number;
  mayAskElsewhere: (failure: unknown) => boolean;
  /** A "no" says whether another function was asked before, of which nothing was heard (`unheard`). */
  tellsUnheard: boolean;
}

export const IN_TURNS: Turns = {
  ownZone: 'first',
  firstShare: FIRST_SHARE,
  mayAskElsewhere: () => true,
  tellsUnheard: false,
};

/**
 * Whoever is beside a node in a zone that is cut off sees it serve, and is alone with that: the own zone is asked only
 * where the function outside failed, and no zone outside says that it got no answer.
 */
export const FROM_OUTSIDE: Turns = { ...IN_TURNS, ownZone: 'last' };

/** The function answered: from its zone no answer of what the order is about is to be had. */
class GotNowhere extends Error {
  override readonly name = 'GotNowhere';
}

/**
 * The whole time for the first zone; another one only where it is certain that nothing is at work any more.
 * @param isOver says whether a failure proves that: the function ended, or was never begun
 */
export function oneAtATime(isOver: (failure: unknown) => boolean): Turns {
  const mayAskElsewhere = (failure: unknown): boolean => failure instanceof GotNowhere || isOver(failure);
  return { ...IN_TURNS, firstShare: 1, mayAskElsewhere, tellsUnheard: true };
}

/** Which functions gave no answer a moment ago, and which did not reach a node. */
export class ShutWays {
  private readonly untilMs = new Map<string, number>();

  /** @param nodeId null: the function itself, whatever it is asked about */
  shut(zone: string, nodeId: string | null, nowMs: number): void {
    this.untilMs.set(wayOf(zone, nodeId), nowMs + SHUT_FOR_MS);
  }

  open(zone: string, nodeId: string | null): void {
    this.untilMs.delete(wayOf(zone, nodeId));
  }

  isShut(zone: string, nodeId: string, nowMs: number): boolean {
    return [null, nodeId].some((each) => nowMs < (this.untilMs.get(wayOf(zone, each)) ?? -Infinity));
  }
}

const wayOf = (zone: string, nodeId: string | null): string => `${zone}>${nodeId ?? '*'}`;

export interface Order {
  action: string;
  node: NodeTopology;
  timeoutMs: number;
}

/** One order on its way through the zones: whom to ask next, and what their answers come to. All times are monotonic. */
export class Inquiry<T extends NodeControlAnswer> {
  private readonly deadlineMs: number;
  private readonly zones: readonly string[];
  private readonly failures: unknown[] = [];
  private answer: T | null = null;
  /** The first "no" of a zone that got no answer. */
  private nowhere: T | null = null;

  /** @param zones that have a function */
  constructor(
    private readonly order: Order,
    zones: readonly string[],
    private readonly turns: Turns,
    private readonly ways: ShutWays,
    nowMs: number,
  ) {
    const { node, timeoutMs } = order;
    this.deadlineMs = nowMs + timeoutMs;
    const isShut = (zone: string): boolean => ways.isShut(zone, node.id, nowMs);
    this.zones = zonesToAsk({ zone: node.zone, is: turns.ownZone }, zones, isShut);
  }

  /** For how long in all; null: nobody any more. */
  next(nowMs: number): { zone: string; shareMs: number } | null {
    if (this.answer !== null) return null;
    const leftMs = this.deadlineMs - nowMs;
    const turn = nextTurn(this.zones, this.turns, this.failures, leftMs);
    if (turn === null || this.nowhere === null) return turn;
    // What one of them said is worth more than the silence of another that has no time to say anything.
    if (leftMs < INVOCATION_MS + MIN_WORK_MS) return null;
    // Beside a node that nobody reaches from outside: see `FROM_OUTSIDE`.
    return this.turns.ownZone === 'last' && turn.zone === this.order.node.zone ? null : turn;
  }

  /** A "no" is an answer and is not asked again elsewhere, unless it says that its zone got no answer. */
  answered(zone: string, answer: T, nowMs: number): void {
    const { node } = this.order;
    const isUnreached = 'unreached' in answer && answer.unreached === true;
    // A recovery whose database is away is over for now, because callers wait for it: the next one goes another way.
    const isShut = isUnreached || ('away' in answer && answer.away);
    this.ways.open(zone, null);
    if (isShut) this.ways.shut(zone, node.id, nowMs);
    else this.ways.open(zone, node.id);
    if (!isUnreached) this.answer = answer;
    else {
      this.nowhere ??= answer;
      this.failures.push(new GotNowhere(`it got no answer of ${node.id}`));
    }
  }

  /** The function did not answer, failed or was refused. */
  failed(zone: string, error: unknown, nowMs: number): void {
    this.ways.shut(zone, null, nowMs);
    this.failures.push(error);
  }

  /**
   * Once nobody is to be asked any more. Where nobody did better, the first who got no answer is believed: that nothing
   * is proved is all that it says.
   * @throws OutsideTimeout when no zone's function answered: whether anything was done is unknown
   */
  outcome(): T {
    const said = this.answer ?? this.nowhere;
    if (said === null) throw nobodyAnswered(this.order, this.zones, this.failures);
    const isUnheard = this.failures.some((failure) => !(failure instanceof GotNowhere));
    return isUnheard && this.turns.tellsUnheard && 'reason' in said ? { ...said, unheard: true } : said;
  }
}

/**
 * Whom to ask next, and for how long in all; null: nobody any more.
 * @param zones those of `zonesToAsk`, of which the first so many have failed
 */
function nextTurn(
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

/**
 * Two at most: their time is all there is. Those whose way is shut come after the others, and before the own one where
 * that is to be last: what it sees is nothing to go by.
 * @param own the node's
 */
export function zonesToAsk(
  own: { zone: string; is: Turns['ownZone'] },
  zones: readonly string[],
  isShut: (zone: string) => boolean = () => false,
): string[] {
  const shutLast = (some: readonly string[]): string[] => [
    ...some.filter((zone) => !isShut(zone)),
    ...some.filter(isShut),
  ];
  const others = zones.filter((zone) => zone !== own.zone).sort();
  const beside = zones.filter((zone) => zone === own.zone);
  return (own.is === 'first' ? shutLast([...beside, ...others]) : [...shutLast(others), ...beside]).slice(0, 2);
}

/** No zone's function answered: whether anything was done is unknown. */
function nobodyAnswered(
  { action, node }: Order,
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
