/** What the rows of a holder do not say that another change of holder had locked out of the database while it served. */
import { describeError } from '../../domain/errors';
import { isPlannedMove } from '../../domain/planned-move';
import { journalNamed } from '../chain';
import type { StepContext } from './context';

/** Notes for the ledger. A failover locks its own old node, and none of its callers was served since. Never throws. */
export async function rowsOfBefore(context: StepContext): Promise<string[]> {
  const { deps, transition, earlier } = context;
  const first = earlier[0] ?? transition;
  const leftId = first.from?.nodeId;
  if (!isPlannedMove(transition)) return [];
  try {
    const { nodes } = await deps.store.readCluster();
    const lockedBy = nodes.find(({ nodeId }) => nodeId === leftId)?.lockedBy ?? null;
    if (lockedBy === null) return [];
    const lock = await journalNamed(deps.store, lockedBy);
    // Locked by this move itself, or by one beside it: by then it served nobody.
    if (lock !== null && lock.decidedAtMs >= first.decidedAtMs) return [];
    return [
      `${leftId ?? ''} was locked out of the database since ${lockedBy}: calls answered since then had no row and are ` +
        'lost, and calls that ended since then count as not rebuilt',
    ];
  } catch (error) {
    deps.log.warn(`whether ${leftId ?? ''} was locked out could not be read`, { error: describeError(error) });
    return [];
  }
}
