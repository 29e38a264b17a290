/**
 * Stops the old node in the background: `Force` and `SkipOsShutdown`, because a graceful shutdown would send BYEs and
 * delete rows by uuid. Takes 1 to 4 minutes on AWS and stands in nobody's way.
 */
import { ForeignOwner } from '../../domain/errors';
import { isPaused } from '../../domain/maintenance';
import type { ClusterSnapshot, NodeTopology, Transition, VipState } from '../../domain/model';
import { isPlannedMove } from '../../domain/planned-move';
import { endsByOrder, losesNode } from '../../domain/transition';
import { judgeHolder } from '../../domain/votes';
import { done, notYet, oldNodes, type Step, type StepContext, type StepResult } from './context';
import { notLeftYet } from './not-left';
import { otherJournals } from './other-journals';

const stoppedProof = (nodeId: string, state: string): string => `the instance of ${nodeId} is ${state}`;

/** Whether a step `stop` that is settled says that this very node ended. It is settled for one that is left running, too. */
export function provesStop(proof: string | null, nodeId: string): boolean {
  return proof !== null && ENDED.some((state) => proof.includes(stoppedProof(nodeId, state)));
}

/** `gone`: EC2 does not know it any more. */
const ENDED = ['stopped', 'terminated', 'gone'] as const;

export const stopOldNode: Step = async (context) => {
  const nodeIds = [...context.earlier, context.transition]
    .filter((journal) => losesNode(journal.kind, journal.cause) || owesItsEnd(context, journal))
    .flatMap((journal) => journal.from?.nodeId ?? []);
  const { nodes, unknown } = oldNodes(context, nodeIds);
  const results = [...(await Promise.all(nodes.map((node) => stopOne(context, node)))), ...unknown];
  if (results.length === 0) return done('there is no old node to stop');
  const open = results.find((result) => !result.done);
  return open ?? done(results.map((result) => (result.done ? result.proof : '')).join('; '));
};

/**
 * Where the node held several VIPs, the change of one of them may have seen its instance stopped since this one was
 * decided, and started it again: whatever runs there now is no process that was left. In words; null where none did.
 * Throws what the store throws.
 */
export async function stoppedForAnother(
  context: StepContext,
  vips: readonly VipState[],
  nodeId: string,
): Promise<string | null> {
  const left = [...context.earlier, context.transition].filter(({ from }) => from?.nodeId === nodeId);
  const leftAtMs = Math.max(...left.map(({ decidedAtMs }) => decidedAtMs));
  const saw = (await otherJournals(context, vips)).find(
    ({ journal: { steps } }) => provesStop(steps.stop.proof, nodeId) && (steps.stop.finishedAtMs ?? 0) > leftAtMs,
  );
  return saw === undefined ? null : `${stoppedProof(nodeId, 'stopped')}, as ${saw.journal.id} saw`;
}

/** Its process was to end by order and has not proved it. */
function owesItsEnd(context: StepContext, journal: Transition): boolean {
  if (!endsByOrder(journal.cause) || context.statusOf('fence') === 'done') return false;
  return journal.id === context.transition.id || journal.steps.fence.status === 'pending';
}

/** Nothing else ends what may act there for this VIP: whoever leaves the node running leaves this VIP unserved. */
function isOnlyFence(context: StepContext): boolean {
  return context.vip.elasticIp === null && context.proofOf('fence') === null;
}

/**
 * No caller of it loses anything by the stop, also where a human has paused it, or it has no other node to go to. One
 * that some zone is still answered for is no such VIP, and neither is one of which SIP alone is stuck. Callers of an
 * Elastic IP may reach a node that the observers do not: there only a process that has ended serves nobody.
 */
function isDeadThere({ topology, observations }: ClusterSnapshot, vip: VipState, nowMs: number): boolean {
  if (vip.holder === null) return true;
  const verdict = judgeHolder(topology, observations, vip, vip.holder, nowMs);
  if (verdict.kind !== 'against' || verdict.gray.length > 0) return false;
  const hasElasticIp = topology.vips.some(({ id, elasticIp }) => id === vip.vipId && elasticIp !== null);
  return verdict.cause === 'conclusive-death' || (verdict.cause === 'suspected-death' && !hasElasticIp);
}

/** A planned move asks for them before it begins, and ends with its own VIP what ends with the process. */
async function leavingByPlan(
  { deps, transition }: StepContext,
  snapshot: ClusterSnapshot,
  node: NodeTopology,
): Promise<VipState[]> {
  return isPlannedMove(transition) ? [] : notLeftYet(deps, snapshot, node.id);
}

async function stopOne(context: StepContext, node: NodeTopology): Promise<StepResult> {
  const [view] = await context.deps.instances.describe([node.instanceId]);
  if (view === undefined || view.state === 'stopped' || view.state === 'terminated') {
    return done(stoppedProof(node.id, view?.state ?? 'gone'));
  }
  // Whose it is was not said either.
  if (view.state === 'unknown') return notYet(`EC2 does not say what state the instance of ${node.id} is in`);
  if (view.owner !== null && view.owner !== context.topology.owner) {
    throw new ForeignOwner(`${node.instanceId} is tagged as owned by ${view.owner}: it is not ours to stop`);
  }
  const snapshot = await context.deps.store.readCluster();
  const seen = await stoppedForAnother(context, snapshot.vips, node.id);
  if (seen !== null) return done(seen);
  // It came back and was made a holder or a candidate meanwhile: stopping it would make the next outage.
  const inUse = snapshot.vips.filter((vip) => vip.holder?.nodeId === node.id);
  const [held] = inUse;
  if (held !== undefined && !isOnlyFence(context)) {
    return done(`${node.id} holds ${held.vipId} again: it is left running`);
  }
  const isServed = (vip: VipState): boolean => !isDeadThere(snapshot, vip, context.deps.clock.wallMs());
  const served = inUse.find(isServed);
  if (served !== undefined) {
    return notYet(`${node.id} is left running while it may serve ${served.vipId}: move that VIP away`);
  }
  const leaving = (await leavingByPlan(context, snapshot, node)).find(isServed);
  if (leaving !== undefined) {
    return notYet(`${node.id} is left running while it may serve ${leaving.vipId}, which has not left it`);
  }
  const state = snapshot.nodes.find((each) => each.nodeId === node.id);
  if (state !== undefined && isPaused(state, context.deps.clock.wallMs())) {
    return notYet(`${node.id} is paused (maintenance)`);
  }
  if (view.state !== 'stopping') {
    await context.guard();
    // Let in again by step `restore`, or where that has nothing to do by whoever looks for nodes left behind.
    await context.deps.store.setLockedOut(node.id, context.transition.id);
    await context.deps.instances.forceStop(node.instanceId);
  }
  return notYet(`${node.id} is stopping`);
}
