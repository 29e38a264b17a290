/** An order to recover whose sender was killed: what it had the new holder rebuild is in no journal. */
import type { StepName, StepRecord } from '../../domain/model';
import { isSettled } from '../../domain/transition';
import type { StepContext } from './context';

/**
 * Writes down that there may be one, before the next attempt, which may find nobody to ask: what was rebuilt would be
 * called lost. Throws what the store throws.
 */
export async function noteLostOrder(
  context: StepContext,
  records: Record<StepName, StepRecord>,
  record: (step: StepName, next: StepRecord) => Promise<boolean>,
): Promise<void> {
  if (isSettled(records.recover) || context.ordered() !== null) return;
  records.recover = { ...records.recover, ordered: { by: context.transition.id, calls: null, legs: null } };
  await record('recover', records.recover);
}
