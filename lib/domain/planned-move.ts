/** A planned move leaves a holder that is well: until it takes something from it, callers are served there. Pure. */
import type { ClusterSnapshot, Holder, StepName, StepRecord, Transition, VipState } from './model';
import { endsByOrder } from './transition';

/** Whether one journal took nothing from the node that it leaves. @param statusOf of its steps, as far as is known */
export function takesNothing(statusOf: (step: StepName) => StepRecord['status'], hasElasticIp: boolean): boolean {
  // What is no Elastic IP is detached at once, and nobody notices.
  const takes: StepName[] = hasElasticIp ? ['fence', 'detach'] : ['fence'];
  return takes.every((step) => statusOf(step) === 'pending');
}

/**
 * The cluster with every VIP still at its old holder whose planned move was closed as stuck before it took anything. Its
 * item names the node that it was to go to, where no step could have promoted it (`prerequisites`). All other VIPs are
 * the same objects.
 * @param journals of the VIPs that are moving
 */
export function withOldHolders(snapshot: ClusterSnapshot, journals: readonly Transition[]): ClusterSnapshot {
  const vips = snapshot.vips.map((state) => {
    const holder = notLeft(snapshot, journals, state);
    return holder === null ? state : { ...state, status: 'held' as const, holder };
  });
  return { ...snapshot, vips };
}

/** Of a first try alone: what the journals before it took nobody reads here. One that was drained serves nobody. */
function notLeft({ topology }: ClusterSnapshot, journals: readonly Transition[], state: VipState): Holder | null {
  if (state.status !== 'moving') return null;
  const { vipId, epoch } = state;
  const journal = journals.find((each) => each.vipId === vipId && each.epoch === epoch && each.status === 'stuck');
  const vip = topology.vips.find((each) => each.id === vipId);
  if (journal === undefined || vip === undefined || journal.chain.rootEpoch !== epoch) return null;
  if (!endsByOrder(journal.cause)) return null;
  return takesNothing((step) => journal.steps[step].status, vip.elasticIp !== null) ? journal.from : null;
}

/** It leaves a holder that is well, because somebody or the policy wants it to. */
export function isPlannedMove({ kind }: Pick<Transition, 'kind'>): boolean {
  return kind === 'switchover' || kind === 'failback';
}
