/** Counts the calls that live on the new holder, 5 s and 30 s after the recovery, and says how many were saved. */
import { describeError } from '../../domain/errors';
import { done, notYet, type Step, type StepContext } from './context';
import { callsLost, isCounted, lookDue, survivalPercent, withLook } from './calls-ledger';
import { orderOf } from './recover';

/** Belongs to the schedule: by then the page has gone out with the first count. */
export const closeLedger: Step = async (context) => {
  const { calls } = context.transition;
  if (calls === null) return done('no calls were to be recovered');
  if (!isCounted(calls)) {
    const why = await takeLook(context);
    if (why !== null) return notYet(why);
  }
  const ledger = context.transition.calls ?? calls;
  if (!isCounted(ledger)) return notYet('30 s have not passed since the recovery');
  const percent = survivalPercent(ledger);
  if (percent !== null) context.deps.metrics.count('CallSurvivalPercent', Math.round(percent));
  context.deps.metrics.count('CallsLost', callsLost(ledger));
  return done(`${ledger.aliveAfter30s ?? 0} of ${ledger.before} calls live`);
};

/** Looks a few times until the 5 s are over, so that the page can say how many calls were kept. Never throws. */
export async function firstCount(context: StepContext, everyMs: number): Promise<void> {
  const { clock, log } = context.deps;
  for (;;) {
    const { calls } = context.transition;
    if (calls === null || calls.recoveredAtMs === null || calls.aliveAfter5s !== null) return;
    // Nothing to count: the page need not wait for it.
    const leftMs = calls.recoveredAtMs + 5_000 - clock.wallMs();
    if (leftMs < -everyMs * 5) return;
    await clock.sleep(calls.before === 0 ? 0 : Math.max(0, Math.min(everyMs, leftMs)));
    const why = await takeLook(context).catch((error: unknown) => describeError(error));
    if (why !== null) log.warn(`the calls of ${context.transition.id} could not be counted`, { why });
    if (calls.before === 0) return;
  }
}

/** One look; null, or why it could not be had. */
async function takeLook(context: StepContext): Promise<string | null> {
  const { transition, deps, to, vip, timing } = context;
  const { calls } = transition;
  if (calls === null) return null;
  const look = await deps.nodeControl.countAlive(to, vip, orderOf(context), timing.nodeTimeoutMs);
  if (!look.known) return look.reason;
  await context.keepCalls(withLook(calls, look, lookDue(calls, deps.clock.wallMs())));
  return null;
}
