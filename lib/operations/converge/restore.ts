/** Restores the redundancy that a failover spent: the failed nodes come back as standbys, on other hardware. */
import { losesNode } from '../../domain/transition';
import { returnToService } from '../return-to-service';
import { done, notYet, type Step } from './context';

export const restoreOldNodes: Step = async (context) => {
  const { earlier, transition, topology, to, deps, timing } = context;
  const lost = [...earlier, transition].filter(({ kind, cause }) => losesNode(kind, cause));
  const failed = lost.flatMap(({ from }) => (from === null ? [] : [from]));
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
