/**
 * The judgement: observations + state + policy + now -> one decision per VIP, with its reasons in words.
 * Pure and deterministic; what is decided takes effect only through the conditional transaction of the store.
 */
import { blockEndsAtMs, whyBlocked } from './block-period';
import { rankCandidates, rankForGroup } from './candidates';
import { incident, none, well, whyNot, type Change, type Decision } from './decision';
import { followGroup, movingTogether } from './groups';
import { pageForDatabase, pageForStuckSip, waitForSupervisor } from './hold-back';
import type { Cause, ClusterSnapshot, Holder, Transition, VipState, VipTopology } from './model';
import { assertNever } from './model';
import { agreedCoreUuid, detectedAtMs, judgeHolder, type Verdicts } from './votes';

/** `openTransitions`: the journals of the VIPs that are moving; one that is missing means "leave it alone". */
export function decide(snapshot: ClusterSnapshot, openTransitions: readonly Transition[], nowMs: number): Decision[] {
  const decisions = snapshot.topology.vips.map((vip) => {
    const state = snapshot.vips.find((each) => each.vipId === vip.id);
    if (state === undefined) return none(vip.id, 'the store has no state for this VIP: register the deployment again');
    return decideVip(snapshot, openTransitions, vip, state, nowMs);
  });
  return decisions.map((decision) => followGroup(snapshot, decisions, decision));
}

function decideVip(
  snapshot: ClusterSnapshot,
  openTransitions: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  nowMs: number,
): Decision {
  if (snapshot.control.paused)
    return none(vip.id, `the cluster is paused: ${snapshot.control.pausedReason ?? 'no reason given'}`);
  if (state.paused) return none(vip.id, 'the VIP is paused');
  const holder = state.holder;
  if (state.status === 'unassigned' || holder === null) return assign(snapshot, vip, state, nowMs);
  if (snapshot.nodes.find((each) => each.nodeId === holder.nodeId)?.paused === true) {
    return none(vip.id, `its holder ${holder.nodeId} is paused (maintenance)`);
  }
  const verdict = judgeHolder(snapshot.topology, snapshot.observations, state, holder, nowMs);
  return state.status === 'moving'
    ? decideMoving(snapshot, openTransitions, vip, state, holder, verdict, nowMs)
    : decideHeld(snapshot, vip, state, holder, verdict, nowMs);
}

/**
 * Nodes of a new cluster boot side by side, and the first to answer is not the one that was written first: a first
 * assignment waits this long for those before it. Nobody calls yet, and no failback would put it right later.
 */
const FIRST_CHOICE_PATIENCE_MS = 60_000;

function assign(snapshot: ClusterSnapshot, vip: VipTopology, state: VipState, nowMs: number): Decision {
  const candidates = rankCandidates(snapshot, vip, null, nowMs);
  // The callers of an adopted or restored cluster stay on the node that carries the address, unless it is dead.
  const carrier = vip.firstHolder;
  const carrierIsDead = carrier !== null && isDead(snapshot, state, { nodeId: carrier, coreUuid: null }, nowMs);
  const allowed = carrier === null || carrierIsDead ? candidates : candidates.filter((each) => each.nodeId === carrier);
  const best = allowed.find((each) => each.eligible);
  if (best?.eligible !== true) return none(vip.id, 'no node is fit to be its first holder yet', ...whyNot(allowed));
  const watchedSinceMs = Math.min(nowMs, ...snapshot.leases.map((lease) => lease.startedAtMs));
  const preferred = allowed.slice(0, allowed.indexOf(best));
  const mayBoot = preferred.some((each) => !each.eligible && each.unfit === true);
  if (mayBoot && snapshot.leases.length > 0 && nowMs < watchedSinceMs + FIRST_CHOICE_PATIENCE_MS) {
    return none(vip.id, `${best.nodeId} is fit, and a more preferred node may still boot`, ...whyNot(preferred));
  }
  return {
    kind: 'change',
    vipId: vip.id,
    transition: 'assignment',
    cause: 'first-assignment',
    from: null,
    to: { nodeId: best.nodeId, coreUuid: best.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    startsBlock: false,
    follows: null,
    reasons: [
      `${vip.id} has no holder; ${best.nodeId} is ${best.nodeId === carrier ? 'where its address is' : 'the most preferred fit node'}`,
    ],
  };
}

/** A SIP stack that is stuck while ESL answers is no death: it may be a slow database. */
function isDead(snapshot: ClusterSnapshot, state: VipState, node: Holder, nowMs: number): boolean {
  const verdict = judgeHolder(snapshot.topology, snapshot.observations, state, node, nowMs);
  return verdict.kind === 'against' && verdict.cause !== 'sip-stuck';
}

function decideHeld(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision {
  switch (verdict.kind) {
    case 'serving':
      return learnUuid(snapshot, vip, state, holder, nowMs) ?? well(vip.id, `${holder.nodeId} serves`);
    case 'undecided':
      return none(vip.id, `no majority against ${holder.nodeId}`, ...verdict.why);
    case 'no-quorum':
      return incident(vip.id, state, 'quorum-lost', nowMs, [
        `${verdict.voters} of ${verdict.needed} needed observers have a fresh and unblinded look at ${holder.nodeId}`,
        'nothing is decided from less than a majority',
      ]);
    case 'misconfigured':
      return incident(
        vip.id,
        state,
        'misconfigured',
        nowMs,
        [`${holder.nodeId} rejects the ESL password or address (seen from ${verdict.zones.join(', ')}): not a death`],
        holder.nodeId,
      );
    case 'restarted':
      return reinstate(vip, state, holder, { ...holder, coreUuid: verdict.coreUuid }, 'restarted', nowMs, [
        `${holder.nodeId} runs a new FreeSWITCH (${verdict.coreUuid}), seen from ${verdict.zones.join(', ')}`,
      ]);
    case 'in-standby':
      return reinstate(vip, state, holder, holder, 'holder-in-standby', nowMs, [
        `${holder.nodeId} holds ${vip.id} and answers 503 System Paused, seen from ${verdict.zones.join(', ')}`,
      ]);
    case 'against':
      return failOver(snapshot, vip, state, holder, verdict, nowMs);
    default:
      return assertNever(verdict);
  }
}

function failOver(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Extract<Verdicts, { kind: 'against' }>,
  nowMs: number,
): Decision {
  const seen = `${holder.nodeId}: ${verdict.cause}, seen from ${verdict.zones.join(', ')}`;
  // Before the block: its page would promise a failover that this policy forbids.
  const instead =
    pageForDatabase(snapshot, vip, state, holder, verdict, nowMs) ??
    pageForStuckSip(snapshot, vip, state, holder, verdict, nowMs) ??
    waitForSupervisor(snapshot, vip, holder, verdict, nowMs);
  if (instead !== null) return instead;
  const blocked = whyBlocked(snapshot, vip, state, holder, nowMs);
  if (blocked !== null) return incident(vip.id, state, 'blocked', nowMs, [seen, ...blocked]);
  const candidates = rankForGroup(snapshot, movingTogether(snapshot, vip, holder), holder.nodeId, nowMs);
  const best = candidates.find((each) => each.eligible);
  if (best?.eligible !== true) {
    return incident(vip.id, state, 'no-candidate', nowMs, [seen, ...whyNot(candidates), 'nothing was torn down']);
  }
  return {
    kind: 'change',
    vipId: vip.id,
    transition: 'failover',
    cause: verdict.cause,
    from: holder,
    to: { nodeId: best.nodeId, coreUuid: best.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: detectedAtMs(snapshot.observations, holder.nodeId, vip.id, verdict.zones, nowMs),
    startsBlock: true,
    follows: null,
    reasons: [seen, `${best.nodeId} is the most preferred eligible standby`],
  };
}

/** While a VIP moves only one thing may change its course: the death of the node it moves to. */
function decideMoving(
  snapshot: ClusterSnapshot,
  openTransitions: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  target: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision {
  const journal = openTransitions.find((each) => each.vipId === vip.id && each.epoch === state.epoch);
  if (journal?.status === 'stuck') return retryStuck(snapshot, vip, state, journal, nowMs);
  if (verdict.kind !== 'against' && verdict.kind !== 'restarted') return none(vip.id, `on its way to ${target.nodeId}`);
  if (journal === undefined) return none(vip.id, 'its journal could not be read');
  const paged =
    pageForDatabase(snapshot, vip, state, target, verdict, nowMs) ??
    pageForStuckSip(snapshot, vip, state, target, verdict, nowMs);
  if (paged !== null) return paged;
  const seen = `${target.nodeId} was to take over: ${verdict.kind === 'against' ? verdict.cause : 'restarted'}, seen from ${verdict.zones.join(', ')}`;
  if (journal.chain.retargets >= snapshot.topology.policy.maxRetargets) {
    return incident(vip.id, state, 'retargets-exhausted', nowMs, [
      seen,
      `${journal.chain.retargets} candidates died in one chain`,
    ]);
  }
  const candidates = rankCandidates(snapshot, vip, target.nodeId, nowMs);
  const best = candidates.find((each) => each.eligible);
  // The restarted target itself is a harmless standby again, and may be taken where there is no other.
  const to =
    best?.eligible === true
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
  nowMs: number,
): Decision {
  if ((state.acknowledgedAtMs ?? 0) <= (journal.closedAtMs ?? nowMs)) {
    return none(vip.id, `${journal.id} is stuck: do what its page says, then acknowledge ${vip.id}`);
  }
  const candidates = rankCandidates(snapshot, vip, journal.from?.nodeId ?? null, nowMs);
  const best = candidates.find((each) => each.eligible);
  if (best?.eligible !== true) return incident(vip.id, state, 'no-candidate', nowMs, whyNot(candidates));
  return {
    kind: 'change',
    vipId: vip.id,
    ...kindGoingOn(journal, best.nodeId),
    cause: causeOfRetry(journal),
    from: journal.from,
    to: { nodeId: best.nodeId, coreUuid: best.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    follows: journal,
    reasons: [`${journal.id} was stuck and a human acknowledged it`, `${best.nodeId} is the most preferred fit node`],
  };
}

/** The old holder of a drained VIP lives on with its other VIPs, also in a second try: `operator` would end it. */
function causeOfRetry({ from, cause }: Transition): Cause {
  if (from === null) return 'first-assignment';
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

function reinstate(
  vip: VipTopology,
  state: VipState,
  from: Holder,
  to: Holder,
  cause: Extract<Cause, 'restarted' | 'holder-in-standby'>,
  nowMs: number,
  reasons: string[],
): Change {
  return {
    kind: 'change',
    vipId: vip.id,
    transition: 'reinstatement',
    cause,
    from,
    to,
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    startsBlock: false,
    follows: null,
    reasons,
  };
}

function learnUuid(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  nowMs: number,
): Decision | null {
  if (holder.coreUuid !== null) return null;
  const coreUuid = agreedCoreUuid(snapshot.topology, snapshot.observations, holder.nodeId, nowMs, state.changedAtMs);
  if (coreUuid === null) return null;
  return {
    kind: 'learn-uuid',
    vipId: vip.id,
    epoch: state.epoch,
    coreUuid,
    reasons: ['first look at its incarnation'],
  };
}
