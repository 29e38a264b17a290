/**
 * The judgement: observations + state + policy + now -> one decision per VIP, with its reasons in words.
 * Pure and deterministic; what is decided takes effect only through the conditional transaction of the store.
 */
import { rankCandidates, rankForGroup } from './candidates';
import type {
  Cause,
  ClusterSnapshot,
  Holder,
  Incident,
  Transition,
  TransitionKind,
  VipState,
  VipTopology,
} from './model';
import { assertNever, quorumOf } from './model';
import { agreedCoreUuid, detectedAtMs, judgeHolder, votersOn, type Verdicts } from './votes';

export interface Change {
  kind: 'change';
  vipId: string;
  transition: TransitionKind;
  cause: Cause;
  from: Holder | null;
  to: Holder;
  expectedEpoch: number;
  detectedAtMs: number;
  /** Whether it starts the VIP's block period: a failover does; retargeting and reinstatement do not. */
  startsBlock: boolean;
  /** The journal of the same chain that this one goes on from: an open one is superseded, a stuck one was acknowledged. */
  follows: Transition | null;
  reasons: string[];
}

export type Decision =
  | { kind: 'none'; vipId: string; well: boolean; reasons: string[] }
  | { kind: 'learn-uuid'; vipId: string; epoch: number; coreUuid: string; reasons: string[] }
  | Change
  | { kind: 'incident'; vipId: string; incident: Incident; reasons: string[] };

/** `openTransitions`: the journals of the VIPs that are moving; one that is missing means "leave it alone". */
export function decide(snapshot: ClusterSnapshot, openTransitions: readonly Transition[], nowMs: number): Decision[] {
  const decisions = snapshot.topology.vips.map((vip) => {
    const state = snapshot.vips.find((each) => each.vipId === vip.id);
    if (state === undefined) return none(vip.id, 'the store has no state for this VIP: register the deployment again');
    return decideVip(snapshot, openTransitions, vip, state, nowMs);
  });
  return decisions.map((decision) => followGroup(snapshot, decisions, decision));
}

/**
 * A call that crosses two VIPs comes back silent when their profiles are recovered on two nodes, or seconds apart
 * (FACTS 8.2): where one of a group leaves its holder, the others that the same node holds go with it.
 */
function followGroup(snapshot: ClusterSnapshot, decisions: readonly Decision[], own: Decision): Decision {
  if (own.kind !== 'none') return own;
  const vip = snapshot.topology.vips.find((each) => each.id === own.vipId);
  const state = snapshot.vips.find((each) => each.vipId === own.vipId);
  if (vip === undefined || vip.group === null || state?.status !== 'held' || state.paused) return own;
  const leader = decisions.find((decision): decision is Change => {
    if (decision.kind !== 'change' || decision.transition !== 'failover' || decision.follows !== null) return false;
    const other = snapshot.topology.vips.find((each) => each.id === decision.vipId);
    return other?.group === vip.group && decision.from?.nodeId === state.holder?.nodeId;
  });
  if (leader === undefined) return own;
  return {
    ...leader,
    vipId: vip.id,
    from: state.holder,
    expectedEpoch: state.epoch,
    reasons: [`${vip.id} is of one group with ${leader.vipId}: they move together`, ...leader.reasons],
  };
}

/** The VIPs of the same group that the same node holds, itself first; alone where there is no group. */
function movingTogether(snapshot: ClusterSnapshot, vip: VipTopology, holder: Holder): VipTopology[] {
  if (vip.group === null) return [vip];
  const others = snapshot.topology.vips.filter((other) => {
    const state = snapshot.vips.find((each) => each.vipId === other.id);
    return other.id !== vip.id && other.group === vip.group && state?.holder?.nodeId === holder.nodeId;
  });
  return [vip, ...others];
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

function assign(snapshot: ClusterSnapshot, vip: VipTopology, state: VipState, nowMs: number): Decision {
  const candidates = rankCandidates(snapshot, vip, null, nowMs);
  // The callers of an adopted or restored cluster stay on the node that carries the address, unless it is dead.
  const carrier = vip.firstHolder;
  const carrierIsDead = carrier !== null && isDead(snapshot, state, { nodeId: carrier, coreUuid: null }, nowMs);
  const allowed = carrier === null || carrierIsDead ? candidates : candidates.filter((each) => each.nodeId === carrier);
  const best = allowed.find((each) => each.eligible);
  if (best?.eligible !== true) return none(vip.id, 'no node is fit to be its first holder yet', ...whyNot(allowed));
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

/**
 * SIP silence with ESL well, while a majority of those who see it also find the database slow or away: registrations
 * run SQL in the thread that answers OPTIONS (FACTS 8.6). Calls are taken meanwhile, and the next holder would ask the
 * same database: it is paged, whatever the policy says.
 */
function pageForDatabase(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck' || snapshot.topology.database === null) return null;
  const voters = votersOn(
    snapshot.topology,
    snapshot.observations,
    holder.nodeId,
    nowMs,
    snapshot.topology.policy.freshForMs,
  );
  const troubled = voters.flatMap(({ observation }) =>
    observation.database === null || observation.database.verdict === 'ok'
      ? []
      : [`${observation.zone}: ${observation.database.verdict} (${observation.database.detail})`],
  );
  if (troubled.length < quorumOf(snapshot.topology.observers.length)) return null;
  const { host, port } = snapshot.topology.database;
  const reasons = [
    `the database ${host}:${port} does not answer well: ${troubled.join('; ')}`,
    `SIP of ${holder.nodeId} is silent while ESL answers, as it is when its database hangs; nothing was torn down`,
  ];
  return incident(vip.id, state, 'database-trouble', nowMs, reasons, holder.nodeId);
}

/** A crash that the supervisor on the node may cure: the policy gives it a moment before the VIP moves. */
function waitForSupervisor(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  const { crashAction, restartGraceMs } = snapshot.topology.policy;
  if (crashAction !== 'restart-in-place' || verdict.kind !== 'against' || verdict.cause !== 'conclusive-death')
    return null;
  const sinceMs = detectedAtMs(snapshot.observations, holder.nodeId, vip.id, verdict.zones, nowMs);
  const leftMs = sinceMs + restartGraceMs - nowMs;
  if (leftMs <= 0) return null;
  return none(vip.id, `${holder.nodeId} crashed: its supervisor has ${Math.ceil(leftMs / 1000)} s more to restart it`);
}

/** The incident in place of a failover, where the policy only pages for a stuck SIP stack; null where it fails over. */
function pageForStuckSip(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck') return null;
  if (snapshot.topology.policy.sipStuckAction !== 'page') return null;
  const seen = `${holder.nodeId}: ${verdict.cause}, seen from ${verdict.zones.join(', ')}`;
  const why = 'ESL answers: it may be a slow database, and sipStuckAction is `page`; nothing was torn down';
  return incident(vip.id, state, 'sip-stuck', nowMs, [seen, why], holder.nodeId);
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
  const blockedUntilMs = blockEndsAtMs(snapshot, state);
  if (nowMs < blockedUntilMs) {
    return incident(vip.id, state, 'blocked', nowMs, [
      seen,
      `${vip.id} failed over less than ${Math.round(snapshot.topology.policy.blockPeriodMs / 1000)} s ago and nobody acknowledged it`,
    ]);
  }
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
    cause: journal.from === null ? 'first-assignment' : 'operator',
    from: journal.from,
    to: { nodeId: best.nodeId, coreUuid: best.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    follows: journal,
    reasons: [`${journal.id} was stuck and a human acknowledged it`, `${best.nodeId} is the most preferred fit node`],
  };
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

/** The end of the period in which no second automatic failover may happen; 0 when none runs. */
export function blockEndsAtMs(snapshot: ClusterSnapshot, state: VipState): number {
  if (state.lastAutomaticFailoverAtMs === null) return 0;
  const acknowledged = (state.acknowledgedAtMs ?? 0) >= state.lastAutomaticFailoverAtMs;
  return acknowledged ? 0 : state.lastAutomaticFailoverAtMs + snapshot.topology.policy.blockPeriodMs;
}

function whyNot(candidates: readonly { nodeId: string; eligible: boolean; why?: string }[]): string[] {
  if (candidates.length === 0) return ['there is no other candidate'];
  return candidates.filter((each) => !each.eligible).map((each) => `${each.nodeId} is not fit: ${each.why ?? ''}`);
}

function none(vipId: string, ...reasons: string[]): Decision {
  return { kind: 'none', vipId, well: false, reasons };
}

function well(vipId: string, ...reasons: string[]): Decision {
  return { kind: 'none', vipId, well: true, reasons };
}

function incident(
  vipId: string,
  state: VipState,
  kind: Incident['kind'],
  nowMs: number,
  reasons: string[],
  nodeId: string | null = null,
): Decision {
  return {
    kind: 'incident',
    vipId,
    incident: { kind, vipId, nodeId, epoch: state.epoch, reasons, atMs: nowMs, notifiedAtMs: null },
    reasons,
  };
}
