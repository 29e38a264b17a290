/** What is still missing for an automatic failover of a VIP: what must be seen, and what must not stand in its way. Pure. */
import { whyBlocked } from '../block-period';
import type { Change } from '../decision';
import { leavingWith, placesFor } from '../evacuation';
import { withinLimit } from '../failover-limit';
import { pageForDatabase, pageForStuckSip, waitForSupervisor } from '../hold-back';
import { isPaused } from '../maintenance';
import { missesUntil } from '../misses';
import {
  assertNever,
  quorumOf,
  type ClusterSnapshot,
  type Holder,
  type Observation,
  type Policy,
  type Transition,
  type VipState,
  type VipTopology,
} from '../model';
import { missesAsked, type Opinion } from '../opinions';
import { isAcknowledged } from '../sent-elsewhere';
import { judgeHolder, votesOn, whyNoVote, type CauseAgainst, type Verdicts } from '../votes';
import { whatStuckWaitsFor } from './stuck';

interface Case {
  snapshot: ClusterSnapshot;
  journals: readonly Transition[];
  vip: VipTopology;
  state: VipState;
  holder: Holder;
  verdict: Verdicts;
  nowMs: number;
}

/** Empty where nothing is missing, and a failover is what `decide` decides. */
export function missingForFailover(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  nowMs: number,
): string[] {
  const { holder } = state;
  if (holder === null) return ['it has no holder: the first fit node is given it, which is no failover'];
  const verdict = judgeHolder(snapshot.topology, snapshot.observations, state, holder, nowMs);
  const of: Case = { snapshot, journals, vip, state, holder, verdict, nowMs };
  if (state.status === 'moving') return missingOnItsWay(of);
  return [
    ...missingPermission(of),
    ...missingVotes(of),
    ...heldBack(of),
    ...(whyBlocked(snapshot, vip, state, leavingWith(snapshot, vip, holder, causeIn(verdict)), nowMs) ?? []),
    ...missingCandidate(of),
    ...missingRoom(of),
  ];
}

/** Of a stuck change that was acknowledged nothing but permission: the decision says what becomes of it. */
function missingOnItsWay(of: Case): string[] {
  const { snapshot, journals, vip, state, holder } = of;
  const journal = journals.find((each) => each.vipId === vip.id && each.epoch === state.epoch);
  if (journal?.status !== 'stuck') {
    return [`it is on its way to ${holder.nodeId}: only a node that dies, or cannot be promoted, changes its course`];
  }
  const waitsFor = isAcknowledged(state, journal) ? [] : whatStuckWaitsFor(snapshot.topology, vip, journal);
  return [...missingPermission(of), ...waitsFor];
}

function missingPermission({ snapshot: { control, nodes }, state, holder, nowMs }: Case): string[] {
  const node = nodes.find((each) => each.nodeId === holder.nodeId);
  const subjects = [
    { name: 'the cluster', item: control },
    { name: 'the VIP', item: state },
    { name: `its holder ${holder.nodeId}`, item: node },
  ];
  return subjects.flatMap(({ name, item }) =>
    item !== undefined && isPaused(item, nowMs) ? [`${name} is paused${untilWords(item.pausedUntilMs)}`] : [],
  );
}

const untilWords = (untilMs: number | null): string =>
  untilMs === null ? ': a human has to resume it' : ` until ${new Date(untilMs).toISOString()}`;

/** Who must still see what, one line for each observer that is not against the holder. */
function missingVotes({ snapshot: { topology, observations }, state, holder, verdict, nowMs }: Case): string[] {
  if (verdict.kind === 'against') return [];
  const votes = votesOn(topology, observations, state, holder, nowMs);
  const needed = quorumOf(topology.observers.length);
  const against = votes.filter(({ opinion }) => isAgainst(opinion)).length;
  const open = topology.observers.flatMap((zone) => {
    const vote = votes.find((each) => each.zone === zone);
    if (vote !== undefined) return isAgainst(vote.opinion) ? [] : [{ zone, says: opinionInWords(vote.opinion) }];
    const why = whyNoVote(topology, observations, holder.nodeId, zone, nowMs) ?? 'unknown';
    return [{ zone, says: `no vote: ${why}` }];
  });
  const lead = `${needed} of ${topology.observers.length} observers must find ${holder.nodeId} dead or unserved; ${against} do`;
  if (verdict.kind !== 'held-back') return [lead, ...together(open), ...missesLeft(votes, state, topology.policy)];
  const leftMs = Math.ceil(verdict.leftMs);
  return [`not every observer agrees, so the silence must last ${leftMs} ms more (dissentHold)`, ...together(open)];
}

/** Observers that say the same share a line. */
function together(sayings: readonly { zone: string; says: string }[]): string[] {
  return [...new Set(sayings.map(({ says }) => says))].map((says) => {
    const zones = sayings.filter((each) => each.says === says).map(({ zone }) => zone);
    return `${zones.join(', ')}: ${says}`;
  });
}

function isAgainst({ kind }: Opinion): boolean {
  return kind === 'conclusive-death' || kind === 'suspected-death' || kind === 'sip-stuck';
}

function opinionInWords(opinion: Opinion): string {
  switch (opinion.kind) {
    case 'serving':
      return 'it serves';
    case 'restarted':
      return 'another FreeSWITCH runs there, which is promoted again in place and not failed over';
    case 'in-standby':
      return 'it is in standby, and is promoted again in place and not failed over';
    case 'misconfigured':
      return 'it rejects the observer, which is an answer';
    case 'undecided':
      return opinion.why;
    case 'conclusive-death':
    case 'suspected-death':
    case 'sip-stuck':
      return 'it is dead or unserved';
    default:
      return assertNever(opinion);
  }
}

/** How many looks more without an answer it would take, from those who have begun to miss it. */
function missesLeft(
  votes: readonly { zone: string; observation: Observation; opinion: Opinion }[],
  { vipId }: VipState,
  policy: Policy,
): string[] {
  return votes.flatMap(({ zone, observation, opinion }) => {
    const sipMisses = observation.sipMisses[vipId] ?? 0;
    if (isAgainst(opinion) || sipMisses === 0) return [];
    const sipHistory = observation.sipHistory[vipId] ?? 0;
    const isDeaf = observation.eslMisses > 0;
    const histories = isDeaf ? [observation.eslHistory, sipHistory] : [sipHistory];
    const asked = missesAsked(observation, policy);
    const left = Math.max(...histories.map((history) => missesUntil(history, asked, policy.missSlack)));
    return left > 0 ? [`${zone} has to miss it ${left} times more in a row`] : [];
  });
}

/** What is done in place of a failover although the votes are there. */
function heldBack({ snapshot, vip, state, holder, verdict, nowMs }: Case): string[] {
  const instead =
    pageForDatabase(snapshot, vip, state, holder, verdict, nowMs) ??
    pageForStuckSip(snapshot, vip, state, holder, verdict, nowMs) ??
    waitForSupervisor(snapshot, vip, state, holder, verdict, nowMs);
  return instead?.reasons ?? [];
}

function missingCandidate({ snapshot, vip, holder, verdict, nowMs }: Case): string[] {
  const cause = causeIn(verdict);
  const places = placesFor(snapshot, leavingWith(snapshot, vip, holder, cause), holder, cause, nowMs);
  return places.kind === 'placed' ? [] : ['no standby is fit to take it', ...places.why];
}

const causeIn = (verdict: Verdicts): CauseAgainst | null => ('cause' in verdict ? verdict.cause : null);

/** The two limits that are the whole cluster's. */
function missingRoom({ snapshot, journals, state, holder, nowMs }: Case): string[] {
  const { maxTransitionsInFlight } = snapshot.topology.policy;
  const inFlight = snapshot.control.transitionsInFlight;
  const wanted: Change = {
    kind: 'change',
    vipId: state.vipId,
    transition: 'failover',
    cause: 'conclusive-death',
    from: holder,
    to: holder,
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    startsBlock: true,
    follows: null,
    reasons: ['the limit of automatic failovers is reached'],
  };
  const [limited] = withinLimit(snapshot, journals, [wanted], nowMs);
  return [
    ...(limited?.kind === 'incident' ? limited.reasons : []),
    ...(inFlight >= maxTransitionsInFlight
      ? [`${inFlight} changes of holder are under way: one must end first (maxTransitionsInFlight)`]
      : []),
  ];
}
