/** The time of a recovery: since when it has been tried, and how far an old holder's clock is still ahead. */
import type { Transition } from '../../domain/model';
import { isPlannedMove } from '../../domain/planned-move';
import type { RecoveryOrder } from '../../domain/ports';
import type { StepContext } from './context';

/** For how long calls have been tried: a planned move may wait for a human long before it takes any. */
export function recoveredForMs(context: StepContext): number {
  const nowMs = context.deps.clock.wallMs();
  return nowMs - (context.timesOf('recover').startedAtMs ?? nowMs);
}

/** Of the clock that was furthest ahead: the rows may be of any of these holders. From where each was left time goes on. */
export function oldClock(context: StepContext): Pick<RecoveryOrder, 'oldClockAheadMs'> {
  const nowMs = context.deps.clock.wallMs();
  const leftAtMs = (journal: Transition): number => {
    if (!isPlannedMove(journal)) return journal.decidedAtMs;
    // It took calls until its process had ended.
    const fence = journal === context.transition ? context.timesOf('fence') : journal.steps.fence;
    return fence.finishedAtMs ?? nowMs;
  };
  // One that no observer ever read counts as right when it was left.
  const ahead = [...context.earlier, context.transition].map(
    (journal) => (journal.oldClockOffsetMs ?? 0) - (nowMs - leftAtMs(journal)),
  );
  return { oldClockAheadMs: Math.max(...ahead) };
}
