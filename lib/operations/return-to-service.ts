/**
 * Brings a failed node back as a standby, one thing a look: stopped, let into the database again, started, seen fit.
 * Unlocked any earlier than its old process is proved gone, that process would delete the new holder's rows within two
 * seconds (FACTS 8.5).
 */
import { rankCandidates } from '../domain/candidates';
import { ForeignOwner } from '../domain/errors';
import { isPaused } from '../domain/maintenance';
import type { ClusterSnapshot, NodeTopology, VipState } from '../domain/model';
import { judgeHolder } from '../domain/votes';
import type { ConvergeDeps, ConvergeTiming } from './converge/context';
import { notLeftYet } from './converge/not-left';
import { successorOn } from './converge/proved-gone';

export interface ReturnOrder {
  node: NodeTopology;
  /** Incarnations that held something when the node failed; none of them may be let in again. */
  oldCoreUuids: readonly string[];
  /** Throws when nothing may be touched now. */
  guard: () => Promise<void>;
}

export type ReturnResult = { back: true; proof: string } | { back: false; why: string };

type ReturnDeps = Pick<ConvergeDeps, 'store' | 'instances' | 'nodeControl' | 'clock' | 'log'>;

/** Throws what the adapters and the guard throw. */
export async function returnToService(
  deps: ReturnDeps,
  { node, oldCoreUuids, guard }: ReturnOrder,
  timing: Pick<ConvergeTiming, 'databaseTimeoutMs'>,
): Promise<ReturnResult> {
  const snapshot = await deps.store.readCluster();
  const { policy, owner } = snapshot.topology;
  const state = snapshot.nodes.find((each) => each.nodeId === node.id);
  if (state !== undefined && isPaused(state, deps.clock.wallMs())) return notYet(`${node.id} is paused (maintenance)`);
  const [view] = await deps.instances.describe([node.instanceId]);
  if (view === undefined || view.state === 'terminated' || view.state === 'shutting-down') {
    return back(`the instance of ${node.id} is ${view?.state ?? 'gone'}: there is nothing to restore`);
  }
  if (view.owner !== null && view.owner !== owner) {
    throw new ForeignOwner(`${node.instanceId} is tagged as owned by ${view.owner}: it is not ours to start`);
  }
  if (state !== undefined && state.lockedBy !== null) {
    if (!oldProcessIsGone(snapshot, node, view.state, oldCoreUuids, deps.clock.wallMs())) {
      return getItStopped(deps, snapshot, { node, guard }, view.state);
    }
    await guard();
    if (snapshot.topology.database !== null && node.databaseRole !== null) {
      const answer = await deps.nodeControl.unlockRole(node, timing.databaseTimeoutMs);
      if (!answer.unlocked) return notYet(`${node.id}: ${answer.reason}`);
    }
  }
  const isStopped = view.state === 'stopped';
  const isOursToStart = policy.stopFailedNode && policy.restoreFailedNode;
  if (isStopped && isOursToStart) {
    await guard();
    await deps.instances.start(node.instanceId);
  }
  // Last: whoever ends before leaves a node of which everybody knows that it is to be brought back.
  if (state !== undefined && state.lockedBy !== null) await deps.store.setLockedOut(node.id, null);
  if (isStopped) {
    return isOursToStart
      ? notYet(`${node.id} was ordered to start`)
      : back(`${node.id} is stopped and let in again; its owner starts it (restoreFailedNode: false)`);
  }
  // Read again: it may have been let in just now.
  return seenFit(await deps.store.readCluster(), node, view.state, deps.clock.wallMs());
}

/**
 * EC2 says `stopped`, or, on a running node that we configured, a majority sees another core_uuid than the old ones. A refused
 * port proves nothing here: a process that was told to end while its role is locked closes its ports, never exits, and
 * deletes the rows once it may log in (FACTS 8.5).
 */
function oldProcessIsGone(
  snapshot: ClusterSnapshot,
  node: NodeTopology,
  instanceState: string,
  oldCoreUuids: readonly string[],
  nowMs: number,
): boolean {
  if (instanceState === 'stopped') return true;
  // Not on its way down: let in there it would be stopped a moment later, and nobody's to start.
  if (instanceState !== 'running') return false;
  // Our unit kills all that is left of the old process before it starts the next one. That of an adopted node is its
  // owner's: it may start a second one beside a first that hangs with its ports closed.
  if (node.fingerprint === null) return false;
  return successorOn(snapshot, node.id, oldCoreUuids, nowMs) !== null;
}

/**
 * No new process comes up before the role is let in again (`wait-for-database`), so that without a stop this would wait
 * for ever. Stopping is done once more than step `stop` does it: that one left the node running if it held a VIP then.
 */
async function getItStopped(
  deps: ReturnDeps,
  snapshot: ClusterSnapshot,
  { node, guard }: Pick<ReturnOrder, 'node' | 'guard'>,
  instanceState: string,
): Promise<ReturnResult> {
  if (instanceState !== 'running') return notYet(`${node.id} stays out until EC2 says stopped (now ${instanceState})`);
  const nowMs = deps.clock.wallMs();
  const held = snapshot.vips.find((vip) => vip.holder?.nodeId === node.id && !isDeadHolder(snapshot, vip, nowMs));
  if (held !== undefined) {
    return notYet(`${node.id} stays out of service, and running while it may serve ${held.vipId}: move that VIP away`);
  }
  const leaving = (await notLeftYet(deps, snapshot, node.id)).find((vip) => !isDeadHolder(snapshot, vip, nowMs));
  if (leaving !== undefined) {
    const why = `it may serve ${leaving.vipId}, which has not left it`;
    return notYet(`${node.id} stays out of service, and running while ${why}`);
  }
  if (!snapshot.topology.policy.stopFailedNode) {
    const why = humanStep(node);
    deps.log.warn(`${node.id} waits for a human`, { why });
    return notYet(why);
  }
  await guard();
  await deps.instances.forceStop(node.instanceId);
  return notYet(`${node.id} was ordered to stop: nothing else proves that its old process is gone`);
}

/** Nothing listens there, so that nobody loses anything by the stop, and only after it can the node serve again. */
function isDeadHolder({ topology, observations }: ClusterSnapshot, vip: VipState, nowMs: number): boolean {
  if (vip.holder === null) return true;
  const verdict = judgeHolder(topology, observations, vip, vip.holder, nowMs);
  return verdict.kind === 'against' && verdict.cause === 'conclusive-death';
}

function humanStep({ id, instanceId }: NodeTopology): string {
  const command = `aws ec2 stop-instances --instance-ids ${instanceId} --force --skip-os-shutdown`;
  return (
    `${id} stays out of service until its old process is proved gone, and stopFailedNode is false: stop its instance ` +
    `(${command}), and start it when status has it in service again`
  );
}

function seenFit(snapshot: ClusterSnapshot, node: NodeTopology, instanceState: string, nowMs: number): ReturnResult {
  const held = snapshot.vips.flatMap(({ vipId, holder }) => (holder?.nodeId === node.id ? vipId : []));
  if (held.length > 0) return back(`${node.id} is back and holds ${held.join(', ')}`);
  const judged = snapshot.topology.vips
    .filter((vip) => vip.candidates.includes(node.id))
    .map((vip) => rankCandidates(snapshot, vip, null, nowMs).find((each) => each.nodeId === node.id));
  if (judged.length === 0) return back(`${node.id} is ${instanceState} and candidate of no VIP`);
  if (judged.some((each) => each?.eligible === true)) return back(`${node.id} is back as a standby`);
  const why = judged.flatMap((each) => (each === undefined || each.eligible ? [] : [each.why]));
  return notYet(`${node.id} is ${instanceState} and not fit yet: ${why[0] ?? 'nobody sees it'}`);
}

const back = (proof: string): ReturnResult => ({ back: true, proof });
const notYet = (why: string): ReturnResult => ({ back: false, why });
