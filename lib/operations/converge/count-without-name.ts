import { isSettled, waitingSteps, waitsForName } from '../../domain/transition';
import { runSteps, type Working } from './run-steps';

/**
 * Without a public address the journal stays open until the name leads callers to the new holder, and Route 53 may be
 * away for hours: the calls that were rebuilt are counted in time all the same. Looked for now and then until `signal`.
 */
export async function countWithoutName({ context, current, run, record, signal }: Working): Promise<void> {
  const { deps, timing } = context;
  for (;;) {
    await deps.clock.sleep(timing.namePatienceMs, signal);
    if (signal.aborted || isSettled(run.records.ledger)) return;
    if (!waitsForName(waitingSteps(current(), false))) continue;
    context.transition = current();
    await runSteps(context, run, ['ledger'], deps.clock.monotonicMs(), record);
  }
}
