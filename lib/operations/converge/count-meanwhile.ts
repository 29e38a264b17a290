import { describeError } from '../../domain/errors';
import { isSettled, waitingSteps, waitsForName } from '../../domain/transition';
import { isCounted, lookDue } from './calls-ledger';
import { takeLook } from './ledger';
import { runSteps, type Working } from './run-steps';

/**
 * A journal may wait for its proofs long after the calls were rebuilt: they are looked at when their looks are due all the
 * same, because hours later nobody can tell those that were hung up from those that were never rebuilt. Until `signal`.
 */
export async function countMeanwhile(working: Working): Promise<void> {
  const { context, run, signal } = working;
  const { clock, log } = context.deps;
  const { lookAtCallsEveryMs, namePatienceMs } = context.timing;
  for (let restMs = lookAtCallsEveryMs; ;) {
    await clock.sleep(restMs, signal);
    if (signal.aborted || run.superseded) return;
    const why = await countOnce(working).catch((error: unknown) => describeError(error));
    if (why !== null) log.warn(`the calls of ${context.transition.id} could not be counted`, { why });
    restMs = why === null ? lookAtCallsEveryMs : namePatienceMs;
  }
}

/** null, or why a look that was due could not be had. */
async function countOnce({ context, current, run, record }: Working): Promise<string | null> {
  const { clock } = context.deps;
  const { calls } = context.transition;
  if (!isSettled(run.records.recover) || isSettled(run.records.ledger)) return null;
  if (calls !== null && !isCounted(calls)) return lookDue(calls, clock.wallMs()) === null ? null : takeLook(context);
  // Without a public address the journal stays open until the name leads callers there: Route 53 may be away for hours.
  if (context.vip.elasticIp !== null || !waitsForName(waitingSteps(current(), false))) return null;
  context.transition = current();
  await runSteps(context, run, ['ledger'], clock.monotonicMs(), record);
  return null;
}
