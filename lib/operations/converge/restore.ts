/** Restores the redundancy that a failover spent: the failed nodes come back as standbys, on other hardware. */
import type { Holder, Transition } from '../../domain/model';
import { losesNode } from '../../domain/transition';
import { returnToService } from '../return-to-service';
import { journalNamed } from '../chain';
import { done, notYet, type Step, type StepContext } from './context';

/** The holders and candidates that failed in a chain. */
export function lostBy(chain: readonly Transition[]): Holder[] {
  return chain.filter(({ kind, cause }) => losesNode(kind, cause)).flatMap(({ from }) => (from === null ? [] : [from]));
}

/**
 * A later change, of another VIP, that took the node out of service since: its old process is another one, and whoever
 * lets the node in for this change lets that process in. Its own `restore` brings the node back, for both.
 */
async function whoElseLeft({ deps, transition }: StepContext, nodeId: string): Promise<string | null> {
  const { nodes } = await deps.store.readCluster();
  const lockedBy = nodes.find((node) => node.nodeId === nodeId)?.lockedBy ?? null;
  if (lockedBy === null) return null;
  const journal = await journalNamed(deps.store, lockedBy);
  return journal !== null && journal.decidedAtMs > transition.decidedAtMs ? lockedBy : null;
}

export const restoreOldNodes: Step = async (context) => {
  const { earlier, transition, topology, to, deps, timing } = context;
  const failed = lostBy([...earlier, transition]);
  const nodes = topology.nodes.filter(
    (node) => node.id !== to.id && failed.some((holder) => holder.nodeId === node.id),
  );
  const results = await Promise.all(
    nodes.map(async (node) => {
      const other = await whoElseLeft(context, node.id);
      if (other !== null) return { back: false as const, why: `${node.id} is out of service for ${other} by now, too` };
      const uuids = failed.flatMap((holder) => (holder.nodeId === node.id ? (holder.coreUuid ?? []) : []));
      return returnToService(deps, { node, oldCoreUuids: uuids, guard: () => context.guard() }, timing);
    }),
  );
  const open = results.find((result) => !result.back);
  if (open !== undefined && !open.back) return notYet(open.why);
  return done(results.map((result) => (result.back ? result.proof : '')).join('; ') || 'no node was lost');
};
