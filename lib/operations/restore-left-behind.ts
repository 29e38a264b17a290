/**
 * Nodes that a transition took out of service and that a newer one left behind: its journal is closed for good, and
 * nobody would let them in again. Looked for each minute.
 */
import { describeError } from '../domain/errors';
import { isPaused } from '../domain/maintenance';
import type { ClusterSnapshot, NodeState, Transition } from '../domain/model';
import { isSettled } from '../domain/transition';
import { earlierInChain, journalNamed } from './chain';
import type { ConvergeDeps, ConvergeTiming } from './converge/context';
import { Paused } from './converge/context';
import { lostBy } from './converge/restore';
import { returnToService } from './return-to-service';

/** Never throws: what could not be done now is looked at in a minute. */
export async function restoreLeftBehind(
  deps: ConvergeDeps,
  snapshot: ClusterSnapshot,
  timing: Pick<ConvergeTiming, 'databaseTimeoutMs'>,
): Promise<void> {
  if (isPaused(snapshot.control, deps.clock.wallMs())) return;
  await Promise.all(
    snapshot.nodes.map(async (state) => {
      try {
        await restoreOne(deps, snapshot, state, timing);
      } catch (error) {
        deps.metrics.count('ConvergenceErrors', 1, { step: 'restore' });
        deps.log.warn(`${state.nodeId} could not be brought back`, { error: describeError(error) });
      }
    }),
  );
}

async function restoreOne(
  deps: ConvergeDeps,
  snapshot: ClusterSnapshot,
  state: NodeState,
  timing: Pick<ConvergeTiming, 'databaseTimeoutMs'>,
): Promise<void> {
  const node = snapshot.topology.nodes.find((each) => each.id === state.nodeId);
  if (node === undefined || state.lockedBy === null || isPaused(state, deps.clock.wallMs())) return;
  const journal = await journalNamed(deps.store, state.lockedBy);
  const chain = journal === null ? [] : [...(await earlierInChain(deps.store, journal)), journal];
  if (isItsOwn(snapshot, journal, chain, node.id)) return;
  const guard = async (): Promise<void> => {
    const paused = await whyPaused(deps, journal);
    if (paused !== null) throw new Paused(paused);
  };
  const order = { node, oldCoreUuids: oldCoreUuids(chain, node.id), guard };
  const result = await returnToService(deps, order, timing);
  deps.log.info(`${node.id}, left behind by ${state.lockedBy}`, { result });
}

/** Read anew before each mutation. Without a journal nobody knows the VIP, and only the cluster can be paused. */
async function whyPaused({ store, clock }: ConvergeDeps, journal: Transition | null): Promise<string | null> {
  if (journal !== null) return (await store.readStanding(journal.vipId, clock.wallMs())).paused;
  const { control } = await store.readCluster();
  return isPaused(control, clock.wallMs())
    ? `the cluster is paused: ${control.pausedReason ?? 'no reason given'}`
    : null;
}

/**
 * While its VIP is at that epoch, the journal's own step `restore` does it; unless it is stuck, or done and has none to
 * do. None to do with the holder of a planned move, which is well and may have been locked out all the same.
 */
function isItsOwn(
  { vips }: ClusterSnapshot,
  journal: Transition | null,
  chain: readonly Transition[],
  nodeId: string,
): boolean {
  if (journal === null || journal.status === 'stuck') return false;
  const hasNone = isSettled(journal.steps.restore) || !lostBy(chain).some((lost) => lost.nodeId === nodeId);
  if (journal.status === 'done' && hasNone) return false;
  return vips.some((vip) => vip.vipId === journal.vipId && vip.epoch === journal.epoch);
}

/** Of the whole chain: a retargeting takes nodes out of service that its predecessors left. */
function oldCoreUuids(chain: readonly Transition[], nodeId: string): string[] {
  return chain.flatMap((each) => (each.from?.nodeId === nodeId ? (each.from.coreUuid ?? []) : []));
}
