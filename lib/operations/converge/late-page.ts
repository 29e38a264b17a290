/** The page of a change of holder whose outcome is late. */
import { describeError } from '../../domain/errors';
import type { StepRecord } from '../../domain/model';
import { isSettled } from '../../domain/transition';
import { pageTransition, reachedNow } from './notify';
import type { Working } from './run-steps';

/** DESIGN 2.4: the page goes out when the outcome is known, or 60 s after the decision whatever the state. */
export async function pageWhenLate({ context, current, run, record, signal }: Working): Promise<void> {
  const { clock, log } = context.deps;
  const notify = run.records.notify;
  // Where the outcome is known, the page with it is next.
  if (isSettled(notify) || notify.proof !== null || context.transition.status === 'done') return;
  const waitMs = context.transition.decidedAtMs + context.timing.pageAfterMs - clock.wallMs();
  if (waitMs > 0) await clock.sleep(waitMs, signal);
  if (signal.aborted) return;
  try {
    // A promotion ends with a 200 that was read: whom the address or the name leads there is served, if it still answers.
    const promoted = run.records.attach.status === 'done' && run.records.promote.status === 'done';
    await pageTransition(context, current(), promoted ? await reachedNow(context) : null);
    const next: StepRecord = { ...run.records.notify, proof: 'an early page was sent: the outcome was late' };
    run.records.notify = next;
    await record('notify', next);
  } catch (error) {
    log.warn(`early page of ${context.transition.id} not sent`, { error: describeError(error) });
  }
}
