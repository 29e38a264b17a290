/** A VIP on its way: it is sent elsewhere when the node it moves to dies, and begun anew when a human says so. */
import { blockEndsAtMs } from './block-period';
import { firstChoice, rankCandidates, rankForGroup } from './candidates';
import { incident, none, whyNot, type Change, type Decision } from './decision';
import { movingTogether } from './groups';
import { pageForDatabase, pageForStuckSip } from './hold-back';
import type { Cause, ClusterSnapshot, Holder, Transition, TransitionKind, VipState, VipTopology } from './model';
import { detectedAtMs, judgeHolder, type Verdicts } from './votes';

/** While a VIP moves only one thing may change its course: the death of the node it moves to. */
export function decideMoving(
  snapshot: ClusterSnapshot,
  openTransitions: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  target: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision {
  const journal = openTransitions.find((each) => each.vipId === vip.id && each.epoch === state.epoch);
  if (journal?.status === 'stuck') return retryStuck(snapshot, vip, state, journal, target, verdict, nowMs);
  if (verdict.kind === 'held-back') {
    const leftS = Math.ceil(verdict.leftMs / 1000);
    return none(vip.id, `on its way to ${target.nodeId}, which has ${leftS} s left to answer`, ...verdict.missing);
  }
  if (verdict.kind !== 'against' && verdict.kind !== 'restarted') return none(vip.id, `on its way to ${target.nodeId}`);
  if (journal === undefined) return none(vip.id, 'its journal could not be read');
  const paged =
    pageForDatabase(snapshot, vip, state, target, verdict, nowMs) ??
    pageForStuckSip(snapshot, vip, state, target, verdict, nowMs);
  if (paged !== null) return paged;
  const spared = spareOthers(snapshot, vip, state, target, verdict, nowMs);
  if (spared !== null) return spared;
  const seen = `${target.nodeId} was to take over: ${verdict.kind === 'against' ? verdict.cause : 'restarted'}, seen from ${verdict.zones.join(', ')}`;
  if (journal.chain.retargets >= snapshot.topology.policy.maxRetargets) {
    return incident(vip.id, state, 'retargets-exhausted', nowMs, [
      seen,
      `${journal.chain.retargets} candidates died in one chain`,
    ]);
  }
  const candidates = rankForGroup(snapshot, movingTogether(snapshot, vip, target), target.nodeId, nowMs);
  const best = firstChoice(candidates);
  // The restarted target itself is a harmless standby again, and may be taken where there is no other.
  const to =
    best !== null
      ? { nodeId: best.nodeId, coreUuid: best.coreUuid }
      : verdict.kind === 'restarted'
        ? { nodeId: target.nodeId, coreUuid: verdict.coreUuid }
        : null;
  if (to === null) return incident(vip.id, state, 'no-candidate', nowMs, [seen, ...whyNot(candidates)]);
  const goesOnAs = kindGoingOn(journal, to.nodeId);
  if (goesOnAs.startsBlock && nowMs < blockEndsAtMs(snapshot, state)) {
    return incident(vip.id, state, 'blocked', nowMs, [
      seen,
      'a second failover inside the block period waits for a human',
    ]);
  }
  return {
    kind: 'change',
    vipId: vip.id,
    ...goesOnAs,
    cause: 'candidate-died',
    from: target,
    to,
    expectedEpoch: state.epoch,
    detectedAtMs: detectedAtMs(snapshot.observations, target.nodeId, vip.id, verdict.zones, nowMs),
    follows: journal,
    reasons: [seen, `${to.nodeId} takes its place in the same chain`],
  };
}

/** A stuck transition waits for a human; their acknowledgement starts it anew under the next epoch. */
function retryStuck(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  journal: Transition,
  target: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision {
  // Its page goes out as soon as a step needs a human: who acknowledges while it is still tried has acknowledged it.
  if ((state.acknowledgedAtMs ?? 0) <= journal.decidedAtMs) {
    return none(vip.id, `${journal.id} is stuck: do what its page says, then acknowledge ${vip.id}`);
  }
  const together = movingTogether(snapshot, vip, target);
  // A target that failed is left as in a retargeting: it is fenced, and the old holder may be fit again, restored meanwhile.
  const targetFailed = verdict.kind === 'against';
  const from = targetFailed ? target : journal.from;
  const candidates = rankForGroup(snapshot, together, from?.nodeId ?? null, nowMs);
  const stays = whereItIs(snapshot, vip, target, verdict, nowMs);
  const best = stays ?? firstChoice(candidates);
  if (best === null) return incident(vip.id, state, 'no-candidate', nowMs, whyNot(candidates));
  const goesOnAs = kindGoingOn(journal, best.nodeId);
  return {
    kind: 'change',
    vipId: vip.id,
    ...goesOnAs,
    cause: targetFailed ? 'candidate-died' : causeOfRetry(journal, goesOnAs.transition, best),
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

/**
 * Sent elsewhere, the VIP's target is fenced, by the end of its process. Where others on that process are not as stuck
 * as it is, they would end with it (invariant 9), also those of its group, which nothing moves along: a human looks
 * first, and acknowledges what is stuck by then.
 */
function spareOthers(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  target: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck') return null;
  const others = snapshot.vips
    .filter(({ vipId, holder }) => holder?.nodeId === target.nodeId && vipId !== vip.id)
    .filter((other) => judgeHolder(snapshot.topology, snapshot.observations, other, target, nowMs).kind !== 'against')
    .map(({ vipId }) => vipId);
  if (others.length === 0) return null;
  const reasons = [
    `${target.nodeId} was to take over and its SIP is stuck, seen from ${verdict.zones.join(', ')}`,
    `it holds ${others.join(', ')} too, which would end with its process: nothing was torn down`,
  ];
  return incident(vip.id, state, 'sip-stuck', nowMs, reasons, target.nodeId);
}

/** The node that the stuck transition moves to, where it serves or is fit: it may act for the VIP already, unfenced. */
function whereItIs(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  target: Holder,
  verdict: Verdicts,
  nowMs: number,
): Holder | null {
  if (verdict.kind === 'serving') return target;
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

/**
 * What a chain goes on as. A reinstatement that ends on another node is a failover: it is counted, blocked and followed
 * by the stop of the old node like any other; all else stays what it was and starts no second block.
 */
function kindGoingOn(journal: Transition, nodeId: string): Pick<Change, 'transition' | 'startsBlock'> {
  const becomesFailover = journal.kind === 'reinstatement' && nodeId !== journal.to.nodeId;
  return becomesFailover
    ? { transition: 'failover', startsBlock: true }
    : { transition: journal.kind, startsBlock: false };
}
