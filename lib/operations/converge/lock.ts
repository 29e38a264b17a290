/**
 * Locks the old node out of the shared database: NOLOGIN and its sessions ended. It fences the rows and not the traffic
 * (a locked node looks healthy, takes calls and leaks sockets, FACTS 8.4), so the address goes all the same. While the
 * database is away it is tried again for as long as the old process may still write.
 */
import { describeError } from '../../domain/errors';
import type { Cause, NodeTopology, Transition } from '../../domain/model';
import { done, notYet, oldNodes, type Step, type StepContext, type StepResult } from './context';
import { awaitEndElsewhere, provesRows, whyReplaced } from './proved-gone';
import { provesStop } from './stop';

export const lockOldRole: Step = async (context) => {
  const owed = journalsOwed(context);
  const leftAt = (nodeId: string): Transition[] => owed.filter(({ from }) => from?.nodeId === nodeId);
  const { nodes, unknown } = oldNodes(
    context,
    owed.flatMap(({ from }) => from?.nodeId ?? []),
  );
  const withRole = nodes.filter(({ databaseRole }) => databaseRole !== null);
  const locked = await Promise.all(withRole.map((node) => lockWhereNeeded(context, node, leftAt(node.id))));
  const results = [...locked, ...unknown];
  if (results.length === 0) return done('no other node had the role of a holder');
  const open = results.find((result) => !result.done);
  return open ?? done(results.map((result) => (result.done ? result.proof : '')).join('; '));
};

/** A retargeting inherits what its predecessors had not locked yet. */
function journalsOwed({ earlier, transition }: StepContext): Transition[] {
  return [...earlier.filter(owesRows), transition];
}

/** Whoever runs there by now has the role, too: it may hold another VIP, and would be locked out for good. */
async function lockWhereNeeded(
  context: StepContext,
  node: NodeTopology,
  left: readonly Transition[],
): Promise<StepResult> {
  const gone = await whyGone(context, left).catch((error: unknown) => {
    // The calls wait for this step.
    context.deps.log.warn(`${node.id} is locked: what runs there could not be read`, { error: describeError(error) });
    return null;
  });
  return gone === null ? lockOne(context, node) : done(gone);
}

/** Of the processes that these journals left; null where one of them may live. */
async function whyGone(context: StepContext, left: readonly Transition[]): Promise<string | null> {
  const snapshot = await context.deps.store.readCluster();
  const proofs = await Promise.all(
    left.map(async (journal) => {
      const replaced = await whyReplaced(context, snapshot, journal);
      if (replaced !== null || journal.from === null || !lacksRowProof(journal)) return replaced;
      return awaitEndElsewhere(context, journal.from);
    }),
  );
  return proofs.every((proof) => proof !== null) ? proofs.join('; ') : null;
}

/** Nothing fences yet what the old holder of an earlier journal may write. */
export function owesRows(journal: Transition): boolean {
  return journal.steps.lock.status === 'pending' || lacksRowProof(journal);
}

/** The lock was skipped because the process was to end by order, and it could not be proved that it did. */
function lacksRowProof({ cause, steps }: Transition): boolean {
  if (livesOn(cause)) return false;
  return steps.lock.status === 'skipped' && steps.recover.status !== 'skipped' && !provesRows(steps.fence.proof);
}

/** The old holder goes on with its other VIPs: neither is its role locked, nor are its calls taken from it. */
export function livesOn(cause: Cause): boolean {
  return cause === 'operator-drained';
}

export async function lockOne(context: StepContext, node: NodeTopology): Promise<StepResult> {
  await context.guard();
  // Marked first: a node that is locked in the database must never count as a standby.
  await context.deps.store.setLockedOut(node.id, context.transition.id);
  const result = await context.deps.nodeControl.lockRole(node, context.timing.databaseTimeoutMs);
  if (result.locked) return done(`(c) ${result.proof}`);
  if (!provesStop(context.proofOf('stop'), node.id)) return notYet(`${node.id}: ${result.reason}`);
  return done(`(e) the instance of ${node.id} was stopped before its role could be locked (${result.reason})`);
}
