/** What both a VIP on its way and one whose move got stuck are asked before they are sent elsewhere. Pure. */
import { blockEndsAtMs } from './block-period';
import { incident, type Change, type Decision } from './decision';
import { STEP_NAMES, type ClusterSnapshot, type Transition, type VipState } from './model';
import { whyUnpromotable, type Unpromotable } from './unpromotable';

/** What keeps a target that was not promoted yet from it. One that fell into standby keeps its calls: it is waited for. */
export function whyNotTaken(
  snapshot: ClusterSnapshot,
  { steps, cause }: Transition,
  state: VipState,
  nodeId: string,
  nowMs: number,
): Unpromotable | null {
  if (steps.promote.status === 'done' || cause === 'holder-in-standby') return null;
  return whyUnpromotable(snapshot, state, nodeId, nowMs);
}

/** Other VIPs on the node: they would end with its process, unless it cannot take them either. */
export function servedBeside(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vipId: string,
  nodeId: string,
  nowMs: number,
): string[] {
  return othersOn(snapshot, vipId, nodeId)
    .filter((other) => {
      const journal = journals.find((each) => each.vipId === other.vipId && each.epoch === other.epoch);
      const isMoving = other.status === 'moving' && journal !== undefined;
      return !isMoving || whyNotTaken(snapshot, journal, other, nodeId, nowMs) === null;
    })
    .map((other) => other.vipId);
}

/** The other VIPs that the node holds, or is to hold. */
export const othersOn = ({ vips }: ClusterSnapshot, vipId: string, nodeId: string): VipState[] =>
  vips.filter((each) => each.holder?.nodeId === nodeId && each.vipId !== vipId);

/**
 * What a chain goes on as. A reinstatement that ends on another node is a failover: it is counted, blocked and followed
 * by the stop of the old node like any other; all else stays what it was and starts no second block.
 */
export function kindGoingOn(journal: Transition, nodeId: string): Pick<Change, 'transition' | 'startsBlock'> {
  const becomesFailover = journal.kind === 'reinstatement' && nodeId !== journal.to.nodeId;
  return becomesFailover
    ? { transition: 'failover', startsBlock: true }
    : { transition: journal.kind, startsBlock: false };
}

/** Whether going on there is a failover that the block period of the VIP forbids. */
export function isBlocked(
  snapshot: ClusterSnapshot,
  journal: Transition,
  state: VipState,
  nodeId: string,
  nowMs: number,
): boolean {
  return kindGoingOn(journal, nodeId).startsBlock && nowMs < blockEndsAtMs(snapshot, state);
}

/** No node is fit to go on with it: who is told has to know that the old holder is not what it was. */
export function nowhereToGo(state: VipState, journal: Transition, why: readonly string[], nowMs: number): Decision {
  const done = STEP_NAMES.filter((step) => journal.steps[step].status === 'done');
  const left = journal.from === null ? 'has begun' : `leaves ${journal.from.nodeId}`;
  const stands = `${journal.id} ${left}, done by now: ${done.length === 0 ? 'nothing' : done.join(', ')}`;
  return incident(state.vipId, state, 'no-candidate', nowMs, [...why, stands]);
}

/** Its page goes out as soon as a step needs a human: who acknowledges while it is still tried has acknowledged it. */
export const isAcknowledged = ({ acknowledgedAtMs }: VipState, { decidedAtMs }: Transition): boolean =>
  (acknowledgedAtMs ?? 0) > decidedAtMs;

/**
 * Whether as many candidates failed one after another as the policy allows: a human looks before the next one is sent
 * for, and before each that follows.
 */
export function isExhausted({ topology: { policy } }: ClusterSnapshot, journal: Transition, state: VipState): boolean {
  return journal.chain.retargets >= policy.maxRetargets && !isAcknowledged(state, journal);
}
