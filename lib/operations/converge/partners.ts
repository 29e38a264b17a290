/**
 * Legs of VIPs that bridge calls into each other find each other only when both are rebuilt within a second or two;
 * later both live on and are silent for good (FACTS 8.2). So the recoveries of one group start together.
 */
import { describeError } from '../../domain/errors';
import type { Transition } from '../../domain/model';
import { isSettled } from '../../domain/transition';
import type { StepContext } from './context';

const LOOK_EVERY_MS = 100;

/**
 * Waits until every VIP of the group that moves to the same node could start its recovery too, for `partnerPatienceMs`
 * at most. It waits here and is not tried again: the promotion goes on after the first try, and a second one comes late.
 *
 * @returns ids of the transitions that were still not ready
 */
export async function awaitPartners(context: StepContext): Promise<string[]> {
  const { vip, deps, timing } = context;
  if (vip.group === null) return [];
  const deadlineMs = deps.clock.monotonicMs() + timing.partnerPatienceMs;
  for (;;) {
    const behind = await partnersBehind(context);
    if (behind.length === 0 || deps.clock.monotonicMs() >= deadlineMs) return behind;
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
}

/** A store that does not answer is asked again: not to know is no reason to start alone, or to fail. */
async function partnersBehind(context: StepContext): Promise<string[]> {
  try {
    return (await partners(context)).filter(isBehind).map((journal) => journal.id);
  } catch (error) {
    return [`the others of ${context.vip.group ?? 'no group'} (${describeError(error)})`];
  }
}

async function partners({ vip, topology, transition, deps }: StepContext): Promise<Transition[]> {
  const { vips } = await deps.store.readCluster();
  const group = topology.vips.filter((other) => other.id !== vip.id && other.group === vip.group).map(({ id }) => id);
  const moving = vips.filter(({ vipId, status }) => group.includes(vipId) && status === 'moving');
  const journals = await Promise.all(moving.map(({ vipId, epoch }) => deps.store.readTransition(vipId, epoch)));
  return journals
    .filter((journal): journal is Transition => journal !== null)
    .filter((journal) => journal.to.nodeId === transition.to.nodeId);
}

/** Its address is not there yet, or its rows are not fenced: by the lock, or by the end of the process where that counts. */
function isBehind({ steps }: Transition): boolean {
  if (isSettled(steps.recover)) return false;
  const rowsFenced = steps.lock.status === 'skipped' ? isSettled(steps.fence) : isSettled(steps.lock);
  return !(isSettled(steps.attach) && rowsFenced);
}
