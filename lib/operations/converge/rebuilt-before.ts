/**
 * What a stuck change, which somebody acknowledged, rebuilt on the process that the next one goes to. It has no row of
 * the old holder any more, and is among the sessions that the old holder had: it is not lost for that.
 */
import type { CallsLedger, Ordered } from '../../domain/model';
import { orderedBefore, towardsTheSame } from '../chain';
import { ledgerOf, ledgerOfOrdered, withFound, type Recovered, type SessionsAtStake } from './calls-ledger';
import type { StepContext } from './context';
import { sessionsAtStake } from './sessions-at-stake';

/** Of a recovery: what is left for it, or where nothing is the ledger of what that change rebuilt. */
export async function ledgerOfRecovered(context: StepContext, result: Recovered): Promise<CallsLedger> {
  const nowMs = context.deps.clock.wallMs();
  const sessions = await sessionsAtStake(context);
  const rebuilt = rebuiltBefore(context, sessions, nowMs);
  if (rebuilt === null || result.stayed !== null) return ledgerOf(result, sessions.ofVip, nowMs);
  if (result.before.legs === 0) return withFound(rebuilt, result);
  const others = `whatever ${rebuilt.countedBy} rebuilt there before it got stuck is not counted here`;
  return ledgerOf({ ...result, notes: [...result.notes, others] }, null, nowMs);
}

/** Of which an order is to answer: not of those that another one had the process rebuild. */
export function ofOrder(
  { earlier, transition }: StepContext,
  { by }: Ordered,
  sessions: SessionsAtStake,
): SessionsAtStake {
  const isSecond = by === transition.id && orderedBefore(earlier, transition) !== null;
  return isSecond ? { ...sessions, ofVip: null } : sessions;
}

/** By that change's ledger, or by what it told the process; null: nothing that anybody knows of. */
function rebuiltBefore(context: StepContext, sessions: SessionsAtStake, nowMs: number): RebuiltBefore | null {
  const ordered = orderedBefore(context.earlier, context.transition);
  const before = ledgerBefore(context);
  if (before !== null || ordered === null) return before;
  const ledger = ledgerOfOrdered(ordered, sessions, nowMs, { reason: 'given-up', why: `${ordered.by} got stuck` });
  return { ...ledger, countedBy: ordered.by };
}

type RebuiltBefore = CallsLedger & { countedBy: string };

/** Of the newest such change that recovered calls: they live there, also where nobody can be asked now. null: none did. */
export function ledgerBefore({ earlier, transition }: StepContext): RebuiltBefore | null {
  const before = towardsTheSame(earlier, transition).findLast(({ calls }) => (calls?.recoveredAtMs ?? null) !== null);
  if (!before?.calls) return null;
  const { id, calls } = before;
  return { ...calls, countedBy: calls.countedBy ?? id, notes: [...calls.notes, `recovered by ${id}, which got stuck`] };
}
