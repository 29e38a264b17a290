/**
 * Brings a failed node back as a standby, one thing a look: let into the database again, started, seen fit. Unlocked any
 * earlier than its old process is proved gone, that process would delete the new holder's rows within two seconds
 * (FACTS 8.5).
 */
import { rankCandidates } from '../domain/candidates';
import { ForeignOwner } from '../domain/errors';
import { quorumOf, type ClusterSnapshot, type NodeTopology } from '../domain/model';
import { agreedCoreUuid, votersOn } from '../domain/votes';
import type { ConvergeDeps, ConvergeTiming } from './converge/context';

export interface ReturnOrder {
  node: NodeTopology;
  /** Incarnations that held something when the node failed; none of them may be let in again. */
  oldCoreUuids: readonly string[];
  /** Throws when nothing may be touched now. */
  guard: () => Promise<void>;
}

export type ReturnResult = { back: true; proof: string } | { back: false; why: string };

type ReturnDeps = Pick<ConvergeDeps, 'store' | 'instances' | 'nodeControl' | 'clock'>;

/** Throws what the adapters and the guard throw. */
export async function returnToService(
  deps: ReturnDeps,
  { node, oldCoreUuids, guard }: ReturnOrder,
  timing: Pick<ConvergeTiming, 'databaseTimeoutMs'>,
): Promise<ReturnResult> {
  const snapshot = await deps.store.readCluster();
  const { policy, owner } = snapshot.topology;
  const state = snapshot.nodes.find((each) => each.nodeId === node.id);
  if (state?.paused === true) return notYet(`${node.id} is paused (maintenance)`);
  const [view] = await deps.instances.describe([node.instanceId]);
  if (view === undefined || view.state === 'terminated' || view.state === 'shutting-down') {
    return back(`the instance of ${node.id} is ${view?.state ?? 'gone'}: there is nothing to restore`);
  }
  if (view.owner !== null && view.owner !== owner) {
    throw new ForeignOwner(`${node.instanceId} is tagged as owned by ${view.owner}: it is not ours to start`);
  }
  if (state !== undefined && state.lockedBy !== null) {
    if (!oldProcessIsGone(snapshot, node, view.state, oldCoreUuids, deps.clock.wallMs())) {
      return notYet(`${node.id} stays out of service until its old process is proved gone (${view.state})`);
    }
    await guard();
    if (snapshot.topology.database !== null && node.databaseRole !== null) {
      const answer = await deps.nodeControl.unlockRole(node, timing.databaseTimeoutMs);
      if (!answer.unlocked) return notYet(`${node.id}: ${answer.reason}`);
    }
    await deps.store.setLockedOut(node.id, null);
  }
  if (view.state === 'stopped') {
    if (!policy.stopFailedNode || !policy.restoreFailedNode) {
      return back(`${node.id} is stopped and let in again; its owner starts it (restoreFailedNode: false)`);
    }
    await guard();
    await deps.instances.start(node.instanceId);
    return notYet(`${node.id} was ordered to start`);
  }
  // Read again: it may have been let in just now.
  return seenFit(await deps.store.readCluster(), node, view.state, deps.clock.wallMs());
}

/** EC2 says `stopped`; or a majority sees that nothing listens there any more, or another core_uuid than the old ones. */
function oldProcessIsGone(
  { topology, observations }: ClusterSnapshot,
  node: NodeTopology,
  instanceState: string,
  oldCoreUuids: readonly string[],
  nowMs: number,
): boolean {
  if (instanceState === 'stopped') return true;
  const voters = votersOn(topology, observations, node.id, nowMs, topology.policy.freshForMs);
  const refused = voters.filter((voter) => voter.observation.esl.verdict === 'refused');
  if (refused.length >= quorumOf(topology.observers.length)) return true;
  const running = agreedCoreUuid(topology, observations, node.id, nowMs);
  // Which process was the old one must be known, or nothing is proved by another.
  return running !== null && oldCoreUuids.length > 0 && !oldCoreUuids.includes(running);
}

function seenFit(snapshot: ClusterSnapshot, node: NodeTopology, instanceState: string, nowMs: number): ReturnResult {
  const held = snapshot.nodes.find((each) => each.nodeId === node.id)?.claims ?? [];
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
