/** All that a classification looks at, gathered once: who may speak, what each saw, and what else is known. Pure. */
import {
  quorumOf,
  type ClusterSnapshot,
  type Holder,
  type Observation,
  type VipState,
  type VipTopology,
} from '../model';
import { databaseToBlame, databaseTrouble } from '../database-trouble';
import { pageForGray } from '../gray';
import { pageForLoss } from '../lossy';
import { missedOften } from '../misses';
import { whyOverloaded } from '../overload';
import { unwatchedForLong } from '../unwatched';
import { EVIDENCE_OUTLIVED_MS } from '../voters';
import { instanceNotRunning, judgeHolder, whyNoVote, type Verdicts } from '../votes';
import { ANSWERING, sightOf, UNANSWERED, type Sight } from './sight';
import { isZoneSilent } from './zone';

/** What the observer of one zone has to say about the holder. */
export interface View {
  zone: string;
  observation: Observation | null;
  sight: Sight | null;
  /** The event socket missed as often as a death would need. */
  missedEslOften: boolean;
  /** Why it has no vote, in words; null when it has one. */
  voiceless: string | null;
}

export interface Facts {
  nowMs: number;
  vip: VipTopology;
  state: VipState;
  holder: Holder;
  holderZone: string | null;
  /** A majority of the configured observers. */
  needed: number;
  /** One for each configured observer. */
  views: View[];
  verdict: Verdicts;
  /** The state of the holder's instance when EC2 says that it is on its way out or down. */
  notRunning: string | null;
  /** Whether an observer with a vote finds the shared database slow or away. */
  databaseIsTroubled: boolean;
  /** SIP that is silent may be waiting for it. */
  databaseIsToBlame: boolean;
  zoneIsSilent: boolean;
  /** No majority has been there to judge it, for long (`unwatched.ts`). */
  isUnwatchedForLong: boolean;
  /** A majority has found it not well for long, and it stays undecided. */
  isGrayForLong: boolean;
  /** A majority misses it again and again, and never for long. */
  isLossy: boolean;
  /** A majority is told that it is at its session limit, whatever else each of them sees. */
  isFull: boolean;
  /** Zones of the other candidates. */
  standbyZones: string[];
}

export function gatherFacts(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  nowMs: number,
): Facts {
  const { topology } = snapshot;
  const zoneOf = (nodeId: string): string | null => topology.nodes.find((node) => node.id === nodeId)?.zone ?? null;
  const holderZone = zoneOf(holder.nodeId);
  const needed = quorumOf(topology.observers.length);
  const verdict = judgeHolder(topology, snapshot.observations, state, holder, nowMs);
  const views = topology.observers.map((zone) => viewFrom(snapshot, state, holder, zone, nowMs));
  return {
    nowMs,
    vip,
    state,
    holder,
    holderZone,
    needed,
    views,
    verdict,
    notRunning: instanceNotRunning(snapshot.instances, holder.nodeId, answeredSinceMs(views) - EVIDENCE_OUTLIVED_MS),
    databaseIsTroubled: databaseTrouble(snapshot, holder.nodeId, nowMs).length > 0,
    databaseIsToBlame: databaseToBlame(snapshot, holder.nodeId, nowMs).length > 0,
    isGrayForLong: verdict.kind === 'undecided' && pageForGray(snapshot, vip, state, holder, [], nowMs) !== null,
    isLossy: pageForLoss(snapshot, state, holder, nowMs) !== null,
    isFull: whyOverloaded(snapshot, state, holder, nowMs) !== null,
    isUnwatchedForLong: unwatchedForLong(snapshot, state, holder, nowMs) !== null,
    zoneIsSilent: holderZone !== null && isZoneSilent(snapshot, holderZone, nowMs),
    standbyZones: vip.candidates.filter((nodeId) => nodeId !== holder.nodeId).flatMap((nodeId) => zoneOf(nodeId) ?? []),
  };
}

/** The oldest of the looks that got an answer; without any, all evidence counts. */
function answeredSinceMs(views: readonly View[]): number {
  const answered = views.flatMap(({ voiceless, sight, observation }) =>
    voiceless === null && observation !== null && sight !== null && ANSWERING.includes(sight)
      ? [observation.observedAtMs]
      : [],
  );
  return answered.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...answered);
}

function viewFrom(
  { topology, observations }: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  zone: string,
  nowMs: number,
): View {
  const observation = observations.find((each) => each.zone === zone && each.nodeId === holder.nodeId) ?? null;
  const { suspectAfterMisses, missSlack } = topology.policy;
  const isOlder = observation !== null && observation.observedAtMs <= state.changedAtMs;
  return {
    zone,
    observation,
    sight: observation === null ? null : sightOf(observation, state.vipId, holder),
    missedEslOften: observation !== null && missedOften(observation.eslHistory, suspectAfterMisses, missSlack),
    voiceless:
      whyNoVote(topology, observations, holder.nodeId, zone, nowMs) ??
      (isOlder ? 'its last look is from before this holder took over' : null),
  };
}

/** Zones of the observers with a vote that saw one of these. */
export function zonesSeeing({ views }: Facts, sights: readonly Sight[]): string[] {
  return views
    .filter(({ voiceless, sight }) => voiceless === null && sight !== null && sights.includes(sight))
    .map(({ zone }) => zone);
}

export const majoritySees = (facts: Facts, ...sights: Sight[]): boolean =>
  zonesSeeing(facts, sights).length >= facts.needed;

export const someSee = (facts: Facts, ...sights: Sight[]): boolean => zonesSeeing(facts, sights).length > 0;

/** Observers with a vote that got no answer where others did, or the other way round: the smaller camp. */
export function dissenters(facts: Facts): string[] {
  const without = zonesSeeing(facts, UNANSWERED);
  const withAnswer = facts.views
    .filter(({ voiceless, zone }) => voiceless === null && !without.includes(zone))
    .map(({ zone }) => zone);
  // Where all agree one of the camps is empty.
  return withAnswer.length < without.length ? withAnswer : without;
}
