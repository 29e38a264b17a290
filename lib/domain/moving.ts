/** A VIP on its way: it is sent elsewhere when the node that it moves to cannot take it. Pure. */
import type { Candidate } from './candidate';
import { firstChoice, rankForGroup, whateverTheirClocks } from './candidates';
import { incident, none, whyNot, type Decision } from './decision';
import { movingTogether } from './groups';
import { pageForDatabase, pageForStuckSip } from './hold-back';
import type { ClusterSnapshot, Holder, Transition, VipState, VipTopology } from './model';
import { takesNothing } from './planned-move';
import { whyTakenAgain } from './restarted-target';
import { retryStuck } from './retry-stuck';
import {
  isBlocked,
  isExhausted,
  kindGoingOn,
  nowhereToGo,
  othersOn,
  servedBeside,
  whyNotTaken,
} from './sent-elsewhere';
import { endsByOrder } from './transition';
import { detectedAtMs, judgeHolder, type Verdicts } from './votes';

/** While a VIP moves only this changes its course: the node it moves to dies, or cannot be promoted where another can. */
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
  if (journal?.status === 'stuck')
    return retryStuck(snapshot, openTransitions, vip, state, journal, target, verdict, nowMs);
  // It was read after its VIP. A holder is left as one, by a failover that is counted, and not as a candidate.
  if (journal !== undefined && journal.status !== 'open')
    return none(vip.id, `${journal.id} ended a moment ago (${journal.status}): judged with the next look`);
  if (verdict.kind === 'held-back') {
    const leftS = Math.ceil(verdict.leftMs / 1000);
    return none(vip.id, `on its way to ${target.nodeId}, which has ${leftS} s left to answer`, ...verdict.missing);
  }
  if (verdict.kind !== 'against' && verdict.kind !== 'restarted') {
    const onItsWay = none(vip.id, `on its way to ${target.nodeId}`);
    if (journal === undefined) return onItsWay;
    return leaveUnpromotable(snapshot, openTransitions, vip, state, journal, target, nowMs) ?? onItsWay;
  }
  if (journal === undefined) return none(vip.id, 'its journal could not be read');
  const paged =
    pageForDatabase(snapshot, vip, state, target, verdict, nowMs) ??
    pageForStuckSip(snapshot, vip, state, target, verdict, nowMs);
  if (paged !== null) return paged;
  const spared = spareOthers(snapshot, vip, state, target, verdict, nowMs);
  if (spared !== null) return spared;
  const { zones } = verdict;
  const seen = `${target.nodeId} was to take over: ${verdict.kind === 'against' ? verdict.cause : 'restarted'}, seen from ${zones.join(', ')}`;
  const paging = retargetsExhausted(snapshot, state, journal, seen, nowMs);
  if (paging !== null) return paging;
  const bound = verdict.kind === 'restarted' ? whyTakenAgain(snapshot, openTransitions, target, nowMs) : null;
  if (verdict.kind === 'restarted' && bound !== null) {
    // It is a harmless standby again.
    const again = { nodeId: target.nodeId, coreUuid: verdict.coreUuid };
    return retarget(snapshot, state, journal, target, again, { seen: `${seen}: ${bound}`, zones }, nowMs);
  }
  const together = movingTogether(snapshot, vip, target);
  const candidates = rankForGroup(snapshot, together, target.nodeId, nowMs);
  const best =
    firstChoice(candidates) ?? firstChoice(rankForGroup(whateverTheirClocks(snapshot), together, target.nodeId, nowMs));
  if (best === null) return nowhereToGo(state, journal, [seen, ...whyNot(candidates)], nowMs);
  return retarget(snapshot, state, journal, target, best, { seen, zones }, nowMs);
}

/** One candidate after another failed: a human looks before the next one may. */
function retargetsExhausted(
  snapshot: ClusterSnapshot,
  state: VipState,
  journal: Transition,
  seen: string,
  nowMs: number,
): Decision | null {
  if (!isExhausted(snapshot, journal, state)) return null;
  return incident(state.vipId, state, 'retargets-exhausted', nowMs, [
    seen,
    `${journal.chain.retargets} candidates failed in one chain: the next one waits until a human acknowledges ${state.vipId}`,
  ]);
}

/** The next node in the same chain. */
function retarget(
  snapshot: ClusterSnapshot,
  state: VipState,
  journal: Transition,
  target: Holder,
  to: Holder,
  { seen, zones }: { seen: string; zones: readonly string[] },
  nowMs: number,
): Decision {
  const { vipId } = state;
  if (isBlocked(snapshot, journal, state, to.nodeId, nowMs)) {
    return incident(vipId, state, 'blocked', nowMs, [
      seen,
      'a second failover inside the block period waits for a human',
    ]);
  }
  return {
    kind: 'change',
    vipId,
    ...kindGoingOn(journal, to.nodeId),
    cause: 'candidate-died',
    from: target,
    to: { nodeId: to.nodeId, coreUuid: to.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: detectedAtMs(snapshot.observations, target.nodeId, vipId, zones, nowMs),
    follows: journal,
    reasons: [seen, `${to.nodeId} takes its place in the same chain`],
  };
}

/**
 * The target lives, and would not take the VIP before a human looks. It is fenced like one that died: an order to
 * promote it may be on its way. null: it stays on its way there.
 */
function leaveUnpromotable(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  journal: Transition,
  target: Holder,
  nowMs: number,
): Decision | null {
  const unpromotable = whyNotTaken(snapshot, journal, state, target.nodeId, nowMs);
  if (unpromotable === null) return null;
  const { says, zones } = unpromotable;
  const seen = `${target.nodeId} was to take over and ${says}, seen from ${zones.join(', ')}`;
  const stays = (...why: string[]): Decision => none(vip.id, `on its way to ${target.nodeId}`, seen, ...why);
  const others = servedBeside(snapshot, journals, vip.id, target.nodeId, nowMs);
  if (others.length > 0) return stays(`it holds ${others.join(', ')} too, which would end with its process`);
  const together = movingTogether(snapshot, vip, target);
  const candidates = rankForGroup(snapshot, together, target.nodeId, nowMs).map((each) =>
    together.reduce((candidate, member) => unlessEnding(candidate, member, journals), each),
  );
  const best = firstChoice(candidates);
  if (best === null) return stays(...whyNot(candidates));
  return (
    retargetsExhausted(snapshot, state, journal, seen, nowMs) ??
    retarget(snapshot, state, journal, target, best, { seen, zones }, nowMs)
  );
}

/** What is seen of a process may be older than the order that ends it. */
function unlessEnding(candidate: Candidate, vip: VipTopology, journals: readonly Transition[]): Candidate {
  const isLeaving = ({ vipId, cause, from, steps }: Transition): boolean =>
    vipId === vip.id &&
    endsByOrder(cause) &&
    candidate.eligible &&
    candidate.nodeId === from?.nodeId &&
    candidate.coreUuid === from.coreUuid &&
    !takesNothing((step) => steps[step].status, vip.elasticIp !== null);
  const { nodeId } = candidate;
  const leaving = journals.find(isLeaving);
  return leaving === undefined ? candidate : { nodeId, eligible: false, why: `its process ends by ${leaving.id}` };
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
  const others = othersOn(snapshot, vip.id, target.nodeId)
    .filter((other) => judgeHolder(snapshot.topology, snapshot.observations, other, target, nowMs).kind !== 'against')
    .map(({ vipId }) => vipId);
  if (others.length === 0) return null;
  const reasons = [
    `${target.nodeId} was to take over and its SIP is stuck, seen from ${verdict.zones.join(', ')}`,
    `it holds ${others.join(', ')} too, which would end with its process: nothing was torn down`,
  ];
  return incident(vip.id, state, 'sip-stuck', nowMs, reasons, target.nodeId);
}
