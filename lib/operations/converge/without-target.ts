/** A change of holder to a node that the topology does not have: no step can be tried, and nothing else would tell of it. */
import type { Topology, Transition } from '../../domain/model';
import { isSettled, prerequisites } from '../../domain/transition';
import type { ConvergeDeps } from './context';
import { raiseStuck } from './overdue';

/** Whether the topology has the VIP, the node that it moves to, and its address there. */
function knowsTarget({ vips, nodes }: Topology, { vipId, to }: Transition): boolean {
  const node = nodes.find((each) => each.id === to.nodeId);
  return vips.some((each) => each.id === vipId) && node?.vipAddresses[vipId] !== undefined;
}

/** The topology that has the target: what this run has, or one that is read anew, as the decision may be younger. null: neither. */
export async function topologyWithTarget(
  { store }: ConvergeDeps,
  read: Topology,
  transition: Transition,
): Promise<Topology | null> {
  if (knowsTarget(read, transition)) return read;
  const { topology } = await store.readCluster();
  return knowsTarget(topology, transition) ? topology : null;
}

/**
 * Raises the incident at once.
 *
 * @returns whether the journal may be closed as stuck, so that an acknowledgement sends the VIP elsewhere: where something
 * may have been promoted already, that node would be left unfenced
 * Throws what the store throws.
 */
export async function tellWithoutTarget(
  deps: ConvergeDeps,
  { vips }: Topology,
  transition: Transition,
): Promise<boolean> {
  const { vipId, to, steps } = transition;
  const hasElasticIp = vips.find((each) => each.id === vipId)?.elasticIp !== null;
  const mayServe = prerequisites('promote', hasElasticIp).every((step) => isSettled(steps[step]));
  const orElse = mayServe ? '' : `, or acknowledge ${vipId}: it is sent to another node then`;
  await raiseStuck(
    deps,
    transition,
    `moves it to ${to.nodeId}, which the deployed topology does not have: deploy the cluster with that node again${orElse}`,
  );
  return !mayServe;
}
