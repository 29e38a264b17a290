/** What must hold of the established calls of a change of holder: by their names, whatever any ledger says of them. */
import type { CallsLedger, LossReason, Transition } from '../../domain/model';
import { callIdsIn, type Leg } from '../freeswitch/recovery-table';
import type { Strike } from './struck';

/**
 * Of the old holder: `no-row` counts sessions, of which a call here has two. What was hung up is no loss, and what nobody
 * fenced are calls of another process, given up long ago.
 */
const SHARE_OF_A_CALL: Readonly<Partial<Record<LossReason, number>>> = {
  ...{ 'connection-oriented': 1, 'not-rebuilt': 1, 'database-unreachable': 1, 'given-up': 1 },
  'no-row': 0.5,
};

export const LEDGER_INVARIANT = {
  invariant: '3. no ledger says that a call is lost which is alive on the new holder',
  /**
   * A ledger counts and names nobody: what it says is lost and what is alive are no more than there were.
   * @param atStake calls of the old holder when the change was decided, and of those before it in the same chain
   * @param alive those of them that are alive on the new holder
   */
  broken: (
    { id, calls }: Pick<Transition, 'id' | 'calls'>,
    { atStake, alive }: { atStake: number; alive: number },
  ): string | null => {
    // Sessions may have been counted before a stop that hung them up: of the dead nothing is asked.
    if (calls === null || alive === 0) return null;
    const lost = lostOf(calls);
    // Those that came after the decision have rows, too.
    return lost + alive <= Math.max(atStake, calls.before)
      ? null
      : `${id}: ${lost} of ${calls.before} are lost by the ledger, and ${alive} of ${atStake} are alive`;
  },
};

function lostOf({ lost }: CallsLedger): number {
  return Math.floor(lost.reduce((sum, { reason, count }) => sum + count * (SHARE_OF_A_CALL[reason] ?? 0), 0));
}

/** A planned move with its calls, and whatever it was retargeted to. Elapsed time. */
export interface PlannedMove {
  id: string;
  vipId: string;
  rootEpoch: number;
  from: { nodeId: string; coreUuid: string };
  /** Nodes that were to take it, in turn. */
  targets: string[];
  /** Calls that the old holder had when the move was decided, by name. */
  calls: ReadonlySet<string>;
  decidedAtMs: number;
  /** The old holder served its callers no more; null while it does. */
  takenAtMs: number | null;
  /**
   * Legs that lived on a target when something struck it, and have had no row since: their process took them up and was
   * lost before it had written them (FACTS 3 and 7.5), so that no node can.
   */
  unwritten: readonly Leg[];
}

/**
 * A recovery is tried again for `recoverFor` (two minutes), on the next node where one died. What is over sooner than
 * this costs no call: a crash, a moment's partition.
 */
const LASTING_MS = 30_000;
/** Between the last look at a target and the end of the old process lies one order on its way. */
const ORDER_MS = 500;
/** Until everybody who decides can know of a database that is slow or away, or of a clock that is wrong. */
const KNOWN_AFTER_MS = 5_000;

export const PLANNED_MOVE_INVARIANT = {
  invariant: '9. a planned move loses no call, unless something that it needs was struck meanwhile',
  /** @param kept names of calls that live on the new holder, or have a row that a process of it wrote */
  broken: (move: PlannedMove, kept: ReadonlySet<string>, strikes: readonly Strike[], nowMs: number): string | null => {
    const unwritten = callIdsIn(move.unwritten);
    const lost = [...move.calls].filter((call) => !kept.has(call) && !unwritten.has(call));
    if (lost.length === 0 || strikes.some((strike) => excuses(strike, move, nowMs))) return null;
    return `${move.id}: ${lost.length} of ${move.calls.size} calls lost`;
  },
};

/**
 * Only what lasted while the move was under way, or hung up its calls; and of that: what struck the old holder before
 * the move took from it; a target after that, because before it the move could have stayed or gone elsewhere; the
 * database, unless its trouble was known when the move was decided; the control plane at any time, which nobody watches.
 */
function excuses(strike: Strike, { from, targets, decidedAtMs, takenAtMs }: PlannedMove, nowMs: number): boolean {
  const { nodeIds, losesCalls, database, controlPlane, atMs, untilMs } = strike;
  const wasKnown = atMs < (losesCalls === 'hung-up' ? decidedAtMs : decidedAtMs - KNOWN_AFTER_MS);
  const lasted = Math.min(untilMs, nowMs) - Math.max(atMs, decidedAtMs) >= LASTING_MS;
  if (!lasted && (losesCalls === null || wasKnown)) return false;
  const struckHolder = nodeIds.includes(from.nodeId) && (lasted || losesCalls !== 'numbered-behind');
  if (struckHolder && atMs <= (takenAtMs ?? nowMs)) return true;
  if (nodeIds.some((id) => targets.includes(id)) && takenAtMs !== null && atMs >= takenAtMs - ORDER_MS) return true;
  return controlPlane || (database && !wasKnown);
}
