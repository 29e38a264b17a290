/** Sends the page of a transition: when its outcome is known, or early when the outcome is late. */
import { rankCandidates } from '../../domain/candidates';
import type { Transition } from '../../domain/model';
import { standbysAmong, type Standbys } from '../../domain/standbys';
import { done, type Step, type StepContext } from './context';
import { transitionPage } from './page-text';

/** Reads who could take over next; a page must not wait for, or fail with, that answer. */
async function standbysLeft(context: StepContext, transition: Transition): Promise<Standbys | null> {
  try {
    const snapshot = await context.deps.store.readCluster();
    const nowMs = context.deps.clock.wallMs();
    return standbysAmong(rankCandidates(snapshot, context.vip, transition.to.nodeId, nowMs));
  } catch {
    return null;
  }
}

/** `served` is what verification read back; null while nobody knows. */
export async function pageTransition(
  context: StepContext,
  transition: Transition,
  served: boolean | null,
): Promise<void> {
  const { stopFailedNode, restoreFailedNode } = context.topology.policy;
  await context.deps.pager.page(
    transitionPage({
      cluster: context.topology.cluster,
      transition,
      served,
      standbys: await standbysLeft(context, transition),
      startsFailedNodes: stopFailedNode && restoreFailedNode,
      runbookUrl: context.deps.runbookUrl,
      table: context.deps.table,
      nowMs: context.deps.clock.wallMs(),
    }),
  );
}

export const sendPage: Step = async (context) => {
  await pageTransition(context, context.transition, true);
  return done('the page with the outcome was sent');
};
