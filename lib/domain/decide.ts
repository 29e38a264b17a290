/**
 * The judgement: observations + state + policy + now -> one decision per VIP, with its reasons in words.
 * Pure and deterministic; what is decided takes effect only through the conditional transaction of the store.
 */
import { assign, beginnings } from './assign';
import { whyBlocked } from './block-period';
import type { FitCandidate } from './candidate';
import { nameClocksAhead } from './clock-ahead';
import { incident, none, NOTHING_TORN_DOWN, well, type Change, type Decision } from './decision';
import { followProcess, leavingWith, placesFor } from './evacuation';
import { failBack } from './failback';
import { withinLimit } from './failover-limit';
import type { FirstPlace } from './first-places';
import { pageForGray } from './gray';
import { followGroup } from './groups';
import { nameHeldUp } from './held-up';
import { pageForDatabase, pageForStuckSip, waitForSupervisor } from './hold-back';
import { lossLingers, pageForLoss } from './lossy';
import { isPaused } from './maintenance';
import type { Cause, ClusterSnapshot, Holder, Transition, VipState, VipTopology } from './model';
import { assertNever } from './model';
import { decideMoving } from './moving';
import { pageForOverload, whyOverloaded } from './overload';
import { withOldHolders } from './planned-move';
import { nameSecondServers } from './second-server';
import { unwatchedForLong } from './unwatched';
import { whyNoVote } from './voters';
import { agreedCoreUuid, detectedAtMs, judgeHolder, type Verdicts } from './votes';
import { whenWithdrawn } from './withdrawn';
import { nameFailedZones } from './zones';

/**
 * One decision for each VIP, in the order of the topology, and after them one for each zone that failed, and for each
 * holder whose clock is ahead and each node that serves what it does not hold.
 * `openTransitions`: the journals of the VIPs that are moving; one that is missing means "leave it alone".
 */
export function decide(snapshot: ClusterSnapshot, openTransitions: readonly Transition[], nowMs: number): Decision[] {
  const served = withOldHolders(snapshot, openTransitions);
  const first = beginnings(snapshot, nowMs);
  const alone = snapshot.topology.vips.map((vip) => {
    const state = snapshot.vips.find((each) => each.vipId === vip.id);
    const asServed = served.vips.find((each) => each.vipId === vip.id);
    if (state === undefined || asServed === undefined)
      return none(vip.id, 'the store has no state for this VIP: register the deployment again');
    const own = decideVip(state.status === 'moving' ? snapshot : served, openTransitions, vip, state, first, nowMs);
    return asServed === state ? own : meanwhile(own, decideVip(served, openTransitions, vip, asServed, first, nowMs));
  });
  const limited = withinLimit(served, openTransitions, alone, nowMs);
  const together = limited.map((decision) => followGroup(served, limited, decision, nowMs));
  const withProcess = together.map((decision) => followProcess(served, together, decision, nowMs));
  const ofVips = failBack(snapshot, nameHeldUp(served, openTransitions, withProcess), nowMs);
  return [
    ...nameFailedZones(served, ofVips, nowMs),
    ...nameClocksAhead(served, ofVips, nowMs),
    ...nameSecondServers(served, ofVips, nowMs),
  ];
}

/** A planned move that is stuck waits for a human; the holder that it has not left is judged like any other meanwhile. */
function meanwhile(own: Decision, ofOldHolder: Decision): Decision {
  if (own.kind === 'change') return own;
  switch (ofOldHolder.kind) {
    case 'change':
      return { ...ofOldHolder, reasons: [...ofOldHolder.reasons, 'its planned move got stuck and had taken nothing'] };
    case 'incident':
      return ofOldHolder;
    case 'none':
      return own.kind === 'none' ? none(own.vipId, ...own.reasons, ...ofOldHolder.reasons) : own;
    case 'learn-uuid':
      return own;
    default:
      return assertNever(ofOldHolder);
  }
}

function decideVip(
  snapshot: ClusterSnapshot,
  openTransitions: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  first: ReadonlyMap<string, FirstPlace>,
  nowMs: number,
): Decision {
  const { control, nodes } = snapshot;
  if (isPaused(control, nowMs)) {
    return none(vip.id, `the cluster is paused: ${control.pausedReason ?? 'no reason given'}${untilWhen(control)}`);
  }
  if (isPaused(state, nowMs)) return none(vip.id, `the VIP is paused${untilWhen(state)}`);
  const holder = state.holder;
  if (state.status === 'unassigned' || holder === null) return assign(snapshot, vip, state, first, nowMs);
  const node = nodes.find((each) => each.nodeId === holder.nodeId);
  if (node !== undefined && isPaused(node, nowMs)) {
    const who =
      state.status === 'moving' ? `${holder.nodeId}, where it is on its way to,` : `its holder ${holder.nodeId}`;
    return none(vip.id, `${who} is paused (maintenance)${untilWhen(node)}`);
  }
  const verdict = judgeHolder(snapshot.topology, snapshot.observations, state, holder, nowMs);
  return state.status === 'moving'
    ? decideMoving(snapshot, openTransitions, vip, state, holder, verdict, nowMs)
    : decideHeld(snapshot, vip, state, holder, verdict, nowMs);
}

function untilWhen({ pausedUntilMs }: { pausedUntilMs: number | null }): string {
  return pausedUntilMs === null ? '' : ` until ${new Date(pausedUntilMs).toISOString()}`;
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
      return (
        learnUuid(snapshot, vip, state, holder, nowMs) ??
        whenWithdrawn(snapshot, state, holder, nowMs) ??
        pageForLoss(snapshot, state, holder, nowMs) ??
        serves(snapshot, vip, state, holder, nowMs)
      );
    case 'undecided':
      return (
        whenWithdrawn(snapshot, state, holder, nowMs) ??
        pageForGray(snapshot, vip, state, holder, verdict.why, nowMs) ??
        pageForLoss(snapshot, state, holder, nowMs) ??
        none(vip.id, `no majority against ${holder.nodeId}`, ...verdict.why)
      );
    case 'held-back':
      return none(
        vip.id,
        `${holder.nodeId}: ${verdict.cause}, seen from ${verdict.zones.join(', ')}, and not from everywhere: ` +
          `it has to last ${Math.ceil(verdict.leftMs / 1000)} s more (dissentHold)`,
        ...verdict.missing,
      );
    case 'no-quorum':
      return withoutQuorum(snapshot, vip, state, holder, verdict, nowMs);
    case 'misconfigured':
      return incident(
        vip.id,
        state,
        'misconfigured',
        nowMs,
        [
          `${holder.nodeId} cannot be asked over ESL (seen from ${verdict.zones.join(', ')}): not a death`,
          ...saidOfEsl(snapshot, holder, verdict.zones),
        ],
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

/** Whether it was FreeSWITCH that rejected us, or we that had no password: the remedies are far apart. */
function saidOfEsl({ observations }: ClusterSnapshot, { nodeId }: Holder, zones: readonly string[]): string[] {
  return observations
    .filter((each) => each.nodeId === nodeId && zones.includes(each.zone))
    .map(({ zone, esl }) => `${zone}: ${esl.detail}`);
}

function serves(snapshot: ClusterSnapshot, vip: VipTopology, state: VipState, holder: Holder, nowMs: number): Decision {
  const overloaded = whyOverloaded(snapshot, state, holder, nowMs);
  const page = overloaded === null ? null : pageForOverload(snapshot, vip, state, holder, overloaded, nowMs);
  if (page !== null) return page;
  const reasons = [`${holder.nodeId} serves`, ...(overloaded === null ? [] : [overloaded])];
  if (!lossLingers(snapshot, state, holder, nowMs)) return well(vip.id, ...reasons);
  return { ...well(vip.id, ...reasons, 'answers were lost a moment ago'), keeps: 'gray-failure' };
}

/** Nothing is decided from less than a majority; somebody is told when that lasts. */
function withoutQuorum(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  { voters, needed }: Extract<Verdicts, { kind: 'no-quorum' }>,
  nowMs: number,
): Decision {
  const { topology, observations } = snapshot;
  const words = `${voters} of ${needed} needed observers have a fresh and unblinded look at ${holder.nodeId}`;
  const long = unwatchedForLong(snapshot, state, holder, nowMs);
  if (long === null) return none(vip.id, words, 'the others were there a moment ago');
  const why = topology.observers.flatMap((zone) => {
    const reason = whyNoVote(topology, observations, holder.nodeId, zone, nowMs);
    return reason === null ? [] : [`${zone}: ${reason}`];
  });
  const without = `${long}; nothing is decided from less than a majority`;
  return incident(vip.id, state, 'quorum-lost', nowMs, [words, without, ...why]);
}

function failOver(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Extract<Verdicts, { kind: 'against' }>,
  nowMs: number,
): Decision {
  const seen = [
    `${holder.nodeId}: ${verdict.cause}, seen from ${verdict.zones.join(', ')}`,
    ...grayIn(holder, verdict),
  ];
  // Before the block: its page would promise a failover that this policy forbids.
  const instead =
    pageForDatabase(snapshot, vip, state, holder, verdict, nowMs) ??
    pageForStuckSip(snapshot, vip, state, holder, verdict, nowMs) ??
    waitForSupervisor(snapshot, vip, state, holder, verdict, nowMs);
  if (instead !== null) return instead;
  const leaving = leavingWith(snapshot, vip, holder, verdict.cause);
  const blocked = whyBlocked(snapshot, vip, state, leaving, nowMs);
  if (blocked !== null) return incident(vip.id, state, 'blocked', nowMs, [...seen, ...blocked]);
  const places = placesFor(snapshot, leaving, holder, verdict.cause, nowMs);
  const best = places.kind === 'placed' ? places.to.get(vip.id) : undefined;
  if (places.kind === 'nowhere' || best === undefined) {
    const why = places.kind === 'nowhere' ? places.why : [];
    return incident(vip.id, state, 'no-candidate', nowMs, [...seen, ...why, NOTHING_TORN_DOWN]);
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
    reasons: [...seen, ...whyThere(best, places.despite), ...clockIn(best, holder)],
  };
}

function whyThere({ nodeId }: FitCandidate, despite?: readonly string[]): string[] {
  if (despite === undefined) return [`${nodeId} is the most preferred eligible standby`];
  return [...despite, `${nodeId} takes it all the same: its calls wait for the clock, and an outage is worse`];
}

function clockIn({ nodeId, behindHolderMs }: FitCandidate, holder: Holder): string[] {
  if (behindHolderMs === 0) return [];
  const leftS = Math.ceil(behindHolderMs / 1000);
  return [`its calls wait for up to ${leftS} s: the clock of ${nodeId} is so far behind that of ${holder.nodeId}`];
}

/** A partition: callers on one side are served, those on the other are not, and the majority decides for all. */
function grayIn(holder: Holder, { gray }: Extract<Verdicts, { kind: 'against' }>): string[] {
  if (gray.length === 0) return [];
  return [
    `gray failure: the last word of ${gray.join(', ')} is that ESL and SIP of ${holder.nodeId} answer, and a majority gets no answer`,
  ];
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
