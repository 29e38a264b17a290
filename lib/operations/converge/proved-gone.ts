/**
 * What proves, beside the lock, that an old process writes no more rows. A lock is for one that may live: it shuts out
 * whoever runs on that node next, because they share the role.
 */
import { describeError } from '../../domain/errors';
import type { ClusterSnapshot, Holder, Transition } from '../../domain/model';
import { REFUSED_ALREADY } from '../../domain/node-control';
import { endsByOrder, isSettled } from '../../domain/transition';
import { agreedCoreUuid } from '../../domain/votes';
import type { StepContext } from './context';
import { otherJournals } from './other-journals';

const LOOK_EVERY_MS = 100;

/** (a) conclusive death, (b) ended by order, (e) stopped. That the address or the port is gone says nothing about rows. */
export function provesRows(fenceProof: string | null): boolean {
  return fenceProof !== null && !fenceProof.includes('(d)') && !fenceProof.includes(REFUSED_ALREADY);
}

/** The process that a majority sees on a node in place of the old ones; null where one of them may be what runs there. */
export function successorOn(
  { topology, observations }: Pick<ClusterSnapshot, 'topology' | 'observations'>,
  nodeId: string,
  oldCoreUuids: readonly string[],
  nowMs: number,
  notBeforeMs = 0,
): string | null {
  const running = agreedCoreUuid(topology, observations, nodeId, nowMs, notBeforeMs);
  // Which process was the old one must be known, or nothing is proved by another.
  return oldCoreUuids.length > 0 && running !== null && !oldCoreUuids.includes(running) ? running : null;
}

/**
 * Another process runs where this journal's old one did: in words, and null where the old one may live. On a node that we
 * did not configure (see `returnToService`) it counts only while it holds another VIP, which a lock would take from it.
 * Throws what the store throws.
 */
export async function whyReplaced(
  { deps, topology }: StepContext,
  snapshot: ClusterSnapshot,
  { from, vipId, epoch }: Transition,
): Promise<string | null> {
  const node = topology.nodes.find((each) => each.id === from?.nodeId);
  const old = from?.coreUuid ?? null;
  if (node === undefined || old === null) return null;
  const before = await deps.store.readTransition(vipId, epoch - 1);
  // Until it was chosen, or seen to serve, the one before it may have been what the observers saw.
  const knownSinceMs = before?.status === 'done' ? before.closedAtMs : before?.decidedAtMs;
  if (knownSinceMs === undefined || knownSinceMs === null) return null;
  const running = successorOn(snapshot, node.id, [old], deps.clock.wallMs(), knownSinceMs);
  if (running === null) return null;
  const holds = snapshot.vips.some(({ holder }) => holder?.nodeId === node.id && holder.coreUuid === running);
  if (node.fingerprint === null && !holds) return null;
  return `(a) ${node.id} runs ${running}: the process ${old} is gone`;
}

/**
 * Where one process held several VIPs that leave it by order, one order ends it, and the others find nobody: the journal
 * of that one proves it for all. It is waited for as long as an order takes.
 *
 * @returns how we know, in words; null where the process may live
 */
export async function awaitEndElsewhere(context: StepContext, old: Holder): Promise<string | null> {
  const { deps, timing } = context;
  const deadlineMs = deps.clock.monotonicMs() + timing.nodeTimeoutMs;
  for (;;) {
    const { proof, isUnderWay } = await endElsewhere(context, old);
    if (proof !== null || !isUnderWay || deps.clock.monotonicMs() >= deadlineMs) return proof;
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
}

/** A store that does not answer is asked again: not to know is no reason to lock. */
async function endElsewhere(context: StepContext, old: Holder): Promise<{ proof: string | null; isUnderWay: boolean }> {
  try {
    const { vips } = await context.deps.store.readCluster();
    const journals = (await otherJournals(context, vips))
      .map(({ journal }) => journal)
      .filter((journal) => endsByOrder(journal.cause) && leaves(journal, old));
    const proved = journals.find(
      ({ steps: { fence } }) => fence.proof?.includes('(b)') === true && provesRows(fence.proof),
    );
    return {
      proof:
        proved === undefined ? null : `${proved.id} ended ${old.coreUuid ?? ''}: ${proved.steps.fence.proof ?? ''}`,
      isUnderWay: journals.some(({ status, steps }) => status === 'open' && !isSettled(steps.fence)),
    };
  } catch (error) {
    context.deps.log.warn(`who ends ${old.nodeId} could not be read`, { error: describeError(error) });
    return { proof: null, isUnderWay: true };
  }
}

function leaves({ from, to }: Transition, { nodeId, coreUuid }: Holder): boolean {
  return coreUuid !== null && from?.nodeId === nodeId && from.coreUuid === coreUuid && to.nodeId !== nodeId;
}
