/**
 * Nodes that a transition took out of service and that a newer one left behind: its journal is closed for good, and
 * nobody would let them in again. Looked for each minute.
 */
import { describeError } from '../domain/errors';
import type { ClusterSnapshot, NodeState, Transition } from '../domain/model';
import type { ConvergeDeps, ConvergeTiming } from './converge/context';
import { Paused } from './converge/context';
import { returnToService } from './return-to-service';

/** Never throws: what could not be done now is looked at in a minute. */
export async function restoreLeftBehind(
  deps: ConvergeDeps,
  snapshot: ClusterSnapshot,
  timing: Pick<ConvergeTiming, 'databaseTimeoutMs'>,
): Promise<void> {
  if (snapshot.control.paused) return;
  const out = snapshot.nodes.filter((node) => node.lockedBy !== null && isLeftBehind(snapshot, node.lockedBy));
  await Promise.all(
    out.map(async (state) => {
      try {
        await restoreOne(deps, snapshot, state, timing);
      } catch (error) {
        deps.metrics.count('ConvergenceErrors', 1, { step: 'restore' });
        deps.log.warn(`${state.nodeId} could not be brought back`, { error: describeError(error) });
      }
    }),
  );
}

/** While its VIP still is at that epoch, the journal's own step `restore` does it. */
function isLeftBehind({ vips }: ClusterSnapshot, lockedBy: string): boolean {
  return !vips.some((vip) => `${vip.vipId}#${vip.epoch}` === lockedBy);
}

async function restoreOne(
  deps: ConvergeDeps,
  snapshot: ClusterSnapshot,
  state: NodeState,
  timing: Pick<ConvergeTiming, 'databaseTimeoutMs'>,
): Promise<void> {
  const node = snapshot.topology.nodes.find((each) => each.id === state.nodeId);
  if (node === undefined || state.lockedBy === null) return;
  const journal = await journalOf(deps, state.lockedBy);
  const uuid = journal?.from?.nodeId === node.id ? journal.from.coreUuid : null;
  const vipId = journal?.vipId ?? null;
  const guard = async (): Promise<void> => {
    const { paused } = vipId === null ? { paused: null } : await deps.store.readStanding(vipId);
    if (paused !== null) throw new Paused(paused);
  };
  const inUse = snapshot.vips.some((vip) => vip.holder?.nodeId === node.id);
  if (inUse) return;
  const [view] = await deps.instances.describe([node.instanceId]);
  const result = await returnToService(deps, { node, oldCoreUuids: uuid === null ? [] : [uuid], guard }, timing);
  const still = (await deps.store.readCluster()).nodes.find((each) => each.nodeId === node.id)?.lockedBy ?? null;
  // The old process may live on: only a stop proves its end.
  if (!result.back && still !== null && view?.state === 'running' && snapshot.topology.policy.stopFailedNode) {
    await guard();
    await deps.instances.forceStop(node.instanceId);
  }
  deps.log.info(`${node.id}, left behind by ${state.lockedBy}`, { result });
}

async function journalOf(deps: ConvergeDeps, id: string): Promise<Transition | null> {
  const at = id.lastIndexOf('#');
  return deps.store.readTransition(id.slice(0, at), Number(id.slice(at + 1)));
}
