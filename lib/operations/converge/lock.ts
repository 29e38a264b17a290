/**
 * Locks the old node out of the shared database: NOLOGIN and its sessions ended. It fences the rows and not the traffic
 * (a locked node looks healthy, takes calls and leaks sockets, FACTS 8.4), so the address goes all the same. While the
 * database is away it is tried again for as long as the old process may still write.
 */
import { REFUSED_ALREADY } from '../../domain/node-control';
import type { Cause, NodeTopology, Transition } from '../../domain/model';
import { done, notYet, type Step, type StepContext, type StepResult } from './context';
import { provesStop } from './stop';

export const lockOldRole: Step = async (context) => {
  const results = await Promise.all(rolesToLock(context).map((node) => lockOne(context, node)));
  const open = results.find((result) => !result.done);
  const proofs = results.map((result) => (result.done ? result.proof : ''));
  return open ?? done(proofs.length === 0 ? 'no other node had the role of a holder' : proofs.join('; '));
};

/** A retargeting inherits what its predecessors had not locked yet. Never the node that takes over. */
function rolesToLock(context: StepContext): NodeTopology[] {
  const owed = context.earlier.filter((journal) => journal.steps.lock.status === 'pending' || lacksRowProof(journal));
  const ids = new Set([...owed, context.transition].flatMap((journal) => journal.from?.nodeId ?? []));
  return context.topology.nodes.filter(
    (node) => ids.has(node.id) && node.id !== context.to.id && node.databaseRole !== null,
  );
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

/** (a) conclusive death, (b) ended by order, (e) stopped. That the address or the port is gone says nothing about rows. */
export function provesRows(fenceProof: string | null): boolean {
  return fenceProof !== null && !fenceProof.includes('(d)') && !fenceProof.includes(REFUSED_ALREADY);
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
