/**
 * Stops the old node in the background: `Force` and `SkipOsShutdown`, because a graceful shutdown would send BYEs and
 * delete rows by uuid. Takes 1 to 4 minutes on AWS and stands in nobody's way.
 */
import { ForeignOwner } from '../../domain/errors';
import { done, notYet, type Step } from './context';

export const stopOldNode: Step = async (context) => {
  const nodeId = context.transition.from?.nodeId;
  const node = context.topology.nodes.find((each) => each.id === nodeId);
  if (node === undefined) return done('there is no old node to stop');
  const [view] = await context.deps.instances.describe([node.instanceId]);
  if (view === undefined || view.state === 'stopped' || view.state === 'terminated') {
    return done(`the instance of ${node.id} is ${view?.state ?? 'gone'}`);
  }
  if (view.owner !== null && view.owner !== context.topology.owner) {
    throw new ForeignOwner(`${node.instanceId} is tagged as owned by ${view.owner}: it is not ours to stop`);
  }
  // It came back and was made a holder or a candidate meanwhile: stopping it would make the next outage.
  const snapshot = await context.deps.store.readCluster();
  const inUse = snapshot.vips.find((vip) => vip.holder?.nodeId === node.id);
  if (inUse !== undefined) return done(`${node.id} holds ${inUse.vipId} again: it is left running`);
  if (view.state !== 'stopping') {
    await context.guard();
    await context.deps.instances.forceStop(node.instanceId);
  }
  return notYet(`${node.id} is stopping`);
};
