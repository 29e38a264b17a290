/** A change of holder that got stuck: it waits for a human, and begins anew when one says so. Pure. */
import { firstChoice, rankCandidates, rankForGroup } from './candidates';
import { none, whyNot, type Decision } from './decision';
import { movingTogether } from './groups';
import type { Cause, ClusterSnapshot, Holder, Transition, TransitionKind, VipState, VipTopology } from './model';
import { isAcknowledged, kindGoingOn, nowhereToGo, servedBeside } from './sent-elsewhere';
import { tookCalls } from './transition';
import { whyUnpromotable } from './unpromotable';
import type { Verdicts } from './votes';

/** A stuck transition waits for a human; their acknowledgement starts it anew under the next epoch. */
export function retryStuck(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  journal: Transition,
  target: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision {
  if (!isAcknowledged(state, journal)) {
    return none(vip.id, `${journal.id} is stuck: do what its page says, then acknowledge ${vip.id}`);
  }
  const together = movingTogether(snapshot, vip, target);
  const unpromotable = whyUnpromotable(snapshot, state, target.nodeId, nowMs);
  const mayEnd = servedBeside(snapshot, journals, vip.id, target.nodeId, nowMs).length === 0;
  // A target that failed is left as in a retargeting: it is fenced, and the old holder may be fit again, restored meanwhile.
  const targetFailed = verdict.kind === 'against' || (unpromotable !== null && mayEnd);
  const serves = verdict.kind === 'serving' && unpromotable === null;
  const stays = serves ? target : whereItIsFit(snapshot, vip, target, nowMs);
  const isAnother =
    verdict.kind === 'restarted' || (stays !== null && target.coreUuid !== null && stays.coreUuid !== target.coreUuid);
  // With the calls that the process before took, or that an earlier change of the chain may have given to it.
  const hadCalls = tookCalls(journal) || journal.epoch !== journal.chain.rootEpoch;
  const isLeftBehind = isAnother && (stays === null ? mayEnd : hadCalls);
  const from = targetFailed || isLeftBehind ? target : journal.from;
  const candidates = rankForGroup(snapshot, together, from?.nodeId ?? null, nowMs);
  const best = stays ?? firstChoice(candidates);
  if (best === null) return nowhereToGo(state, journal, whyNot(candidates), nowMs);
  const goesOnAs = kindGoingOn(journal, best.nodeId);
  const isLeft = targetFailed || (isLeftBehind && goesOnAs.transition !== 'reinstatement');
  return {
    kind: 'change',
    vipId: vip.id,
    ...goesOnAs,
    cause: isLeft ? 'candidate-died' : causeOfRetry({ ...journal, from }, goesOnAs.transition, best),
    from,
    to: { nodeId: best.nodeId, coreUuid: best.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    follows: journal,
    reasons: [
      `${journal.id} was stuck and a human acknowledged it`,
      stays === null ? `${best.nodeId} is the most preferred fit node` : `${best.nodeId} has it already, and can serve`,
    ],
  };
}

/** The node that the stuck transition moves to, where it is fit: it may act for the VIP already, unfenced. */
function whereItIsFit(snapshot: ClusterSnapshot, vip: VipTopology, target: Holder, nowMs: number): Holder | null {
  const itself = rankCandidates(snapshot, vip, null, nowMs).find(({ nodeId }) => nodeId === target.nodeId);
  return itself?.eligible === true ? itself : null;
}

/**
 * The old holder of a drained VIP lives on with its other VIPs, also in a second try: `operator` would end it. A
 * reinstatement stays one: what its process still has is not taken from it.
 */
function causeOfRetry({ from, cause }: Transition, goesOnAs: TransitionKind, to: Holder): Cause {
  if (from === null) return 'first-assignment';
  if (goesOnAs === 'reinstatement') {
    return from.coreUuid === null || from.coreUuid === to.coreUuid ? 'holder-in-standby' : 'restarted';
  }
  return cause === 'operator-drained' ? cause : 'operator';
}
