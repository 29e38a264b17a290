/**
 * Legs of VIPs that bridge calls into each other find each other only when both are rebuilt within a second or two;
 * later both live on and are silent for good (FACTS 8.2). So the recoveries of one group start together.
 */
import { describeError } from '../../domain/errors';
import type { Transition } from '../../domain/model';
import { isSettled } from '../../domain/transition';
import type { StepContext } from './context';
import { otherJournals, type OtherJournal } from './other-journals';

const LOOK_EVERY_MS = 100;
/** The leg that comes back first waits so long for its partner (FACTS 8.2). */
const APART_MS = 2_000;
/** A recovery of that long ago belongs to another failure. */
const SAME_EVENT_MS = 5 * 60_000;

/**
 * Waits until every VIP of the group that moves to the same node could start its recovery too, for `partnerPatienceMs`
 * at most. It waits here and is not tried again: the promotion goes on after the first try, and a second one comes late.
 *
 * @returns those whose recovery does not start with ours, in words: calls between them and us come back silent
 */
export async function awaitPartners(context: StepContext): Promise<string[]> {
  const { vip, deps, timing } = context;
  if (vip.group === null) return [];
  const deadlineMs = deps.clock.monotonicMs() + timing.partnerPatienceMs;
  for (;;) {
    const { behind, ahead } = await partnersApart(context);
    if (behind.length === 0 || deps.clock.monotonicMs() >= deadlineMs) {
      return [...behind.map((each) => `begun without ${each}, not ready in time`), ...ahead];
    }
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
}

interface Apart {
  behind: string[];
  ahead: string[];
}

/** A store that does not answer is asked again: not to know is no reason to start alone, or to fail. */
async function partnersApart(context: StepContext): Promise<Apart> {
  try {
    const nowMs = context.deps.clock.wallMs();
    const journals = await partners(context);
    return {
      behind: journals
        .filter(({ isMoving, journal }) => isMoving && isBehind(journal))
        .map(({ journal }) => journal.id),
      ahead: journals.flatMap(({ journal }) => aheadInWords(journal, nowMs)),
    };
  } catch (error) {
    return { behind: [`the others of ${context.vip.group ?? 'no group'} (${describeError(error)})`], ahead: [] };
  }
}

/** Of the group, to the same node: on their way there, or come there. */
async function partners(context: StepContext): Promise<OtherJournal[]> {
  const { vip, topology, transition, deps } = context;
  const { vips } = await deps.store.readCluster();
  const isOfGroup = (vipId: string): boolean =>
    topology.vips.some(({ id, group }) => id === vipId && group === vip.group);
  const found = await otherJournals(context, vips, isOfGroup);
  return found.filter(({ journal }) => journal.to.nodeId === transition.to.nodeId);
}

function aheadInWords({ id, calls }: Transition, nowMs: number): string[] {
  const recoveredAtMs = calls?.recoveredAtMs ?? null;
  if (recoveredAtMs === null) return [];
  const sinceMs = nowMs - recoveredAtMs;
  if (sinceMs <= APART_MS || sinceMs > SAME_EVENT_MS) return [];
  return [`begun ${(sinceMs / 1_000).toFixed(1)} s after ${id}`];
}

/** Its address is not there yet, or its rows are not fenced: by the lock, or by the end of the process where that counts. */
function isBehind({ steps }: Transition): boolean {
  if (isSettled(steps.recover)) return false;
  const rowsFenced = steps.lock.status === 'skipped' ? isSettled(steps.fence) : isSettled(steps.lock);
  return !(isSettled(steps.attach) && rowsFenced);
}
