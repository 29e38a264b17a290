/** Sends the page of a transition: when its outcome is known, or early when the outcome is late. */
import { rankCandidates } from '../../domain/candidates';
import { describeError } from '../../domain/errors';
import type { Transition } from '../../domain/model';
import { standbysAmong, type Standbys } from '../../domain/standbys';
import { isSettled } from '../../domain/transition';
import { done, type Step, type StepContext } from './context';
import { nameBehind, type NameBehind } from './dns';
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

/** So many journals back are looked at for a page that never went out. */
const UNTOLD_AT_MOST = 3;

/**
 * Changes of holder that came to their end and whose page could not be sent before the next epoch began: nobody works on
 * them any more, so this page tells them. The newest first, back to one whose page was sent.
 */
async function untoldBefore({ deps, vip }: StepContext, { epoch }: Transition): Promise<Transition[]> {
  const untold: Transition[] = [];
  try {
    for (let back = 1; back <= UNTOLD_AT_MOST && back < epoch; back += 1) {
      const earlier = await deps.store.readTransition(vip.id, epoch - back);
      if (earlier?.status !== 'done') continue;
      if (isSettled(earlier.steps.notify) || earlier.steps.notify.proof !== null) break;
      untold.push(earlier);
    }
  } catch (error) {
    deps.log.warn(`whether an earlier page of ${vip.id} is missing is not known`, { error: describeError(error) });
  }
  return untold;
}

/** Where the private name still leads callers; a page must not fail with that answer. */
async function whereNameLeads(context: StepContext, transition: Transition): Promise<NameBehind | null> {
  try {
    return await nameBehind(context, transition);
  } catch {
    return { name: context.vip.privateDns?.name ?? 'the name', nodeId: null };
  }
}

/**
 * Asked again for a page: callers lose in a moment what led them there. `true`: the new holder serves, and has the
 * address; null: nobody could read that just now.
 */
export async function reachedNow(context: StepContext): Promise<true | null> {
  const { deps, to, vip, timing, targetAddress } = context;
  try {
    const [address, { serving }] = await Promise.all([
      vip.elasticIp === null ? null : deps.elasticIps.read(vip.elasticIp.allocationId),
      deps.nodeControl.check(to, vip, timing.nodeTimeoutMs, false, 'outside'),
    ]);
    const isThere = vip.elasticIp === null || address?.association?.privateAddress === targetAddress;
    return isThere && serving ? true : null;
  } catch {
    return null;
  }
}

/** `reached`: the new holder answers, and has the address; null while nobody knows. */
export async function pageTransition(
  context: StepContext,
  transition: Transition,
  reached: true | null,
): Promise<void> {
  const { vip, targetAddress, topology } = context;
  const { stopFailedNode, restoreFailedNode } = topology.policy;
  const behind = reached === null ? null : await whereNameLeads(context, transition);
  const publicIp = vip.elasticIp?.publicIp ?? null;
  await context.deps.pager.page(
    transitionPage({
      cluster: topology.cluster,
      transition,
      // Without a public address the name is all that callers know.
      served: behind !== null && publicIp === null ? false : reached,
      nameBehind: behind === null ? null : { ...behind, callInstead: publicIp ?? targetAddress },
      standbys: await standbysLeft(context, transition),
      untold: await untoldBefore(context, transition),
      startsFailedNodes: stopFailedNode && restoreFailedNode,
      runbookUrl: context.deps.runbookUrl,
      table: context.deps.table,
      nowMs: context.deps.clock.wallMs(),
    }),
  );
}

/** What was read back so long ago is told as it is: a recovery may have been tried for minutes since. */
const OLD_NEWS_MS = 10_000;

export const sendPage: Step = async (context) => {
  const readBackAtMs = context.transition.steps.verify.finishedAtMs ?? 0;
  const isNews = context.deps.clock.wallMs() - readBackAtMs < OLD_NEWS_MS;
  await pageTransition(context, context.transition, isNews ? true : await reachedNow(context));
  return done('the page with the outcome was sent');
};
