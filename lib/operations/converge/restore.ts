/** Restores the redundancy that a failover spent: the failed nodes come back as standbys, on other hardware. */
import type { Holder, Transition } from '../../domain/model';
import { losesNode } from '../../domain/transition';
import { returnToService } from '../return-to-service';
import { done, notYet, type Step } from './context';

/** The holders and candidates that failed in a chain. */
export function lostBy(chain: readonly Transition[]): Holder[] {
  return chain.filter(({ kind, cause }) => losesNode(kind, cause)).flatMap(({ from }) => (from === null ? [] : [from]));
}

export const restoreOldNodes: Step = async (context) => {
  const { earlier, transition, topology, to, deps, timing } = context;
  const failed = lostBy([...earlier, transition]);
  const nodes = topology.nodes.filter(
    (node) => node.id !== to.id && failed.some((holder) => holder.nodeId === node.id),
  );
  const results = await Promise.all(
    nodes.map((node) => {
      const uuids = failed.flatMap((holder) => (holder.nodeId === node.id ? (holder.coreUuid ?? []) : []));
      return returnToService(deps, { node, oldCoreUuids: uuids, guard: () => context.guard() }, timing);
    }),
  );
  const open = results.find((result) => !result.back);
  if (open !== undefined && !open.back) return notYet(open.why);
  return done(results.map((result) => (result.back ? result.proof : '')).join('; ') || 'no node was lost');
};
