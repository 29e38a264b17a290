/** What a majority of the configured observers says about the holder of a VIP. Pure. */
import { holdLeftMs, type Agreement } from './dissent';
import type { Cause, Holder, Observation, Topology, VipState } from './model';
import { assertNever, quorumOf } from './model';
import { opinionOn, type Opinion } from './opinions';
import { againstFreshForMs, votersOn, whyNoVote } from './voters';

export { sipAnswers, type Opinion } from './opinions';
export { agreedCoreUuid, instanceNotRunning, votersOn, whyNoVote, type Voter } from './voters';

const TOO_OLD: Opinion = { kind: 'undecided', why: 'its last look is too old to count against' };

/** What a majority may find against a holder; the weakest cause asks for the strongest fence. */
export type CauseAgainst = Extract<Cause, 'conclusive-death' | 'suspected-death' | 'sip-stuck'>;

export type Verdicts =
  /**
   * `missing`: who does not agree, in words; empty where all do. `gray`: zones that are still served, while a majority
   * is not: a partition, and an outage for callers on the wrong side of it.
   */
  | { kind: 'against'; cause: CauseAgainst; zones: string[]; missing: string[]; gray: string[] }
  /** A majority gets no answer, not everybody agrees, and it did not last for `dissentHoldMs` yet. */
  | { kind: 'held-back'; cause: CauseAgainst; zones: string[]; missing: string[]; leftMs: number }
  | { kind: 'restarted'; coreUuid: string; zones: string[] }
  | { kind: 'in-standby'; zones: string[] }
  | { kind: 'misconfigured'; zones: string[] }
  | { kind: 'serving'; zones: string[] }
  | { kind: 'no-quorum'; voters: number; needed: number }
  | { kind: 'undecided'; why: string[] };

/** The word of one observer with a vote. */
export interface Vote {
  zone: string;
  observation: Observation;
  opinion: Opinion;
}

/** What every observer with a vote says about the holder; a word against it that is too old says nothing. */
export function votesOn(
  topology: Topology,
  observations: readonly Observation[],
  vip: VipState,
  holder: Holder,
  nowMs: number,
): Vote[] {
  const freshAgainstMs = againstFreshForMs(topology.policy);
  const voters = votersOn(topology, observations, holder.nodeId, nowMs, topology.policy.freshForMs);
  return voters.map(({ observation, ageMs }) => {
    const opinion = opinionOn(observation, vip, holder, topology.policy);
    const stale = opinion.kind !== 'serving' && ageMs > freshAgainstMs;
    return { zone: observation.zone, observation, opinion: stale ? TOO_OLD : opinion };
  });
}

/** What a majority of the configured observers says about the holder. Anything less decides nothing. */
export function judgeHolder(
  topology: Topology,
  observations: readonly Observation[],
  vip: VipState,
  holder: Holder,
  nowMs: number,
): Verdicts {
  const needed = quorumOf(topology.observers.length);
  const votes = votesOn(topology, observations, vip, holder, nowMs);
  if (votes.length < needed) return { kind: 'no-quorum', voters: votes.length, needed };
  const against = judgeAgainst(topology, observations, votes, holder, nowMs);
  if (against !== null) return against;

  const zonesOf = zonesSaying(votes);
  const uuids = votes.flatMap(({ opinion }) => (opinion.kind === 'restarted' ? [opinion.coreUuid] : []));
  const coreUuid = uuids.find((uuid) => uuids.filter((other) => other === uuid).length >= needed);
  if (coreUuid !== undefined) return { kind: 'restarted', coreUuid, zones: zonesOf('restarted') };

  const standby = zonesOf('in-standby');
  if (standby.length >= needed) return { kind: 'in-standby', zones: standby };
  const misconfigured = zonesOf('misconfigured');
  if (misconfigured.length >= needed) return { kind: 'misconfigured', zones: misconfigured };
  const serving = zonesOf('serving');
  if (serving.length >= needed) return { kind: 'serving', zones: serving };
  return { kind: 'undecided', why: votes.map(({ zone, opinion }) => `${zone}: ${inWords(opinion)}`) };
}

const zonesSaying =
  (votes: readonly Vote[]) =>
  (...kinds: Opinion['kind'][]): string[] =>
    votes.filter((vote) => kinds.includes(vote.opinion.kind)).map((vote) => vote.zone);

const inWords = (opinion: Opinion): string => (opinion.kind === 'undecided' ? opinion.why : opinion.kind);

/** Whoever still reaches ESL knows better than those who do not, so they are one camp with them, of the weaker cause. */
function judgeAgainst(
  topology: Topology,
  observations: readonly Observation[],
  votes: readonly Vote[],
  holder: Holder,
  nowMs: number,
): Extract<Verdicts, { kind: 'against' | 'held-back' }> | null {
  const observers = topology.observers.length;
  const needed = quorumOf(observers);
  const zonesOf = zonesSaying(votes);
  const agreeing = votes.flatMap((vote) => agreementOf(vote) ?? []);
  if (agreeing.length < needed) return null;
  const disagreeing = topology.observers.filter((zone) => !agreeing.some((each) => each.zone === zone));
  const missing = disagreeing.map((zone) => {
    const vote = votes.find((each) => each.zone === zone);
    if (vote !== undefined) return `${zone}: ${inWords(vote.opinion)}`;
    return `${zone} has no vote: ${whyNoVote(topology, observations, holder.nodeId, zone, nowMs) ?? 'unknown'}`;
  });
  const gray = zonesOf('serving');

  const conclusive = zonesOf('conclusive-death');
  if (conclusive.length >= needed)
    return { kind: 'against', cause: 'conclusive-death', zones: conclusive, missing, gray };
  const dead = zonesOf('conclusive-death', 'suspected-death');
  const silence =
    dead.length >= needed
      ? { cause: 'suspected-death' as const, zones: dead }
      : { cause: 'sip-stuck' as const, zones: agreeing.map(({ zone }) => zone) };
  const leftMs = holdLeftMs(agreeing, { observers, needed }, topology.policy.dissentHoldMs);
  return leftMs > 0
    ? { kind: 'held-back', ...silence, missing, leftMs }
    : { kind: 'against', ...silence, missing, gray };
}

function agreementOf({ zone, observation, opinion }: Vote): Agreement | null {
  switch (opinion.kind) {
    case 'conclusive-death':
      return { zone, silentForMs: null };
    case 'suspected-death':
    case 'sip-stuck':
      return { zone, silentForMs: observation.observedAtMs - opinion.sinceMs };
    case 'serving':
    case 'restarted':
    case 'in-standby':
    case 'misconfigured':
    case 'undecided':
      return null;
    default:
      return assertNever(opinion);
  }
}

/** When the first of the agreeing observers began to miss the holder. */
export function detectedAtMs(
  observations: readonly Observation[],
  nodeId: string,
  vipId: string,
  zones: readonly string[],
  nowMs: number,
): number {
  const since = observations
    .filter((each) => each.nodeId === nodeId && zones.includes(each.zone))
    .flatMap((each) => [each.eslMissingSinceMs, each.sipMissingSinceMs[vipId] ?? null])
    .filter((at): at is number => at !== null);
  return since.length === 0 ? nowMs : Math.min(...since);
}
