/** Who may vote on a node, and what each voter's observation says about the holder of a VIP. Pure. */
import type { Cause, Holder, InstanceEvidence, Observation, Policy, SipEvidence, Topology, VipState } from './model';
import { assertNever, quorumOf } from './model';

/** One observer's word on the holder of a VIP. */
export type Opinion =
  | { kind: 'serving' }
  | { kind: 'conclusive-death' }
  | { kind: 'suspected-death' }
  | { kind: 'sip-stuck' }
  | { kind: 'restarted'; coreUuid: string }
  | { kind: 'in-standby' }
  | { kind: 'misconfigured' }
  | { kind: 'undecided'; why: string };

/**
 * An observer writes every look while something is unwell, so a vote against a holder must be as young as three looks;
 * a word on a healthy node may be as old as the policy's `freshForMs` (it is only written every heartbeat).
 */
export function againstFreshForMs(policy: Policy): number {
  return Math.min(policy.freshForMs, 3 * (policy.probeIntervalMs + policy.probeTimeoutMs));
}

export interface Voter {
  observation: Observation;
  ageMs: number;
}

/** Observations of one node by configured observers that are neither blind nor muted and not older than `maxAgeMs`. */
export function votersOn(
  topology: Topology,
  observations: readonly Observation[],
  nodeId: string,
  nowMs: number,
  maxAgeMs: number,
): Voter[] {
  return observations
    .filter((each) => each.nodeId === nodeId && topology.observers.includes(each.zone))
    .filter((each) => !each.blind && !each.muted)
    .map((observation) => ({ observation, ageMs: nowMs - observation.observedAtMs }))
    .filter((voter) => voter.ageMs <= maxAgeMs);
}

/** An answer of any kind proves that the SIP stack is there; bytes that are not SIP prove it of nothing. */
export function sipAnswers(evidence: SipEvidence | undefined): boolean {
  return evidence !== undefined && ['ok', 'busy', 'standby'].includes(evidence.verdict);
}

function sipUnreachable(evidence: SipEvidence | undefined): boolean {
  return evidence !== undefined && (evidence.verdict === 'silent' || evidence.verdict === 'refused');
}

/** What one observation says about `holder` as the holder of `vip`. */
export function opinionOn(observation: Observation, vip: VipState, holder: Holder, policy: Policy): Opinion {
  if (observation.observedAtMs <= vip.changedAtMs) {
    return { kind: 'undecided', why: 'looked before this holder took over' };
  }
  const sip = observation.sip[vip.vipId];
  const sipMisses = observation.sipMisses[vip.vipId] ?? 0;
  switch (observation.esl.verdict) {
    case 'rejected':
      return { kind: 'misconfigured' };
    case 'refused':
      if (sipUnreachable(sip)) return { kind: 'conclusive-death' };
      return sipAnswers(sip)
        ? { kind: 'undecided', why: 'ESL is refused while SIP answers: it is starting, or ESL is not loaded' }
        : { kind: 'undecided', why: 'ESL is refused, SIP gives no clear answer' };
    case 'silent':
    case 'malformed':
      return silentOpinion(observation, sip, sipMisses, policy);
    case 'stopping':
      return sipUnreachable(sip)
        ? { kind: 'conclusive-death' }
        : { kind: 'undecided', why: 'FreeSWITCH announced its shutdown and still answers SIP' };
    case 'ok':
    case 'paused':
      return livingOpinion(observation, vip, holder, sip, sipMisses, policy);
    default:
      return assertNever(observation.esl.verdict);
  }
}

function silentOpinion(
  observation: Observation,
  sip: SipEvidence | undefined,
  sipMisses: number,
  policy: Policy,
): Opinion {
  if (sipAnswers(sip))
    return { kind: 'undecided', why: `ESL is ${observation.esl.verdict} while SIP answers: not a death` };
  const enough = policy.suspectAfterMisses;
  if (sipUnreachable(sip) && observation.eslMisses >= enough && sipMisses >= enough) return { kind: 'suspected-death' };
  return { kind: 'undecided', why: `missed ${Math.min(observation.eslMisses, sipMisses)} of ${enough} looks` };
}

function livingOpinion(
  observation: Observation,
  vip: VipState,
  holder: Holder,
  sip: SipEvidence | undefined,
  sipMisses: number,
  policy: Policy,
): Opinion {
  const uuid = observation.esl.coreUuid;
  if (uuid !== null && holder.coreUuid !== null && uuid !== holder.coreUuid)
    return { kind: 'restarted', coreUuid: uuid };
  if (sipUnreachable(sip) && sipMisses >= policy.sipStuckAfterMisses) return { kind: 'sip-stuck' };
  if (sip?.verdict === 'standby') {
    // Looks from before the promotion count in `sipStandbys`: only those after it may speak against the holder.
    const looksSince = (observation.observedAtMs - vip.changedAtMs) / policy.probeIntervalMs;
    const standbys = Math.min(observation.sipStandbys[vip.vipId] ?? 0, Math.floor(looksSince));
    return standbys >= policy.standbyHolderAfterMisses
      ? { kind: 'in-standby' }
      : { kind: 'undecided', why: 'answers 503 System Paused, not for long enough' };
  }
  if (sipAnswers(sip)) return { kind: 'serving' };
  return { kind: 'undecided', why: `SIP missed ${sipMisses} of ${policy.sipStuckAfterMisses} looks, ESL is well` };
}

const TOO_OLD: Opinion = { kind: 'undecided', why: 'its last look is too old to count against' };

export type Verdicts =
  | { kind: 'against'; cause: Extract<Cause, 'conclusive-death' | 'suspected-death' | 'sip-stuck'>; zones: string[] }
  | { kind: 'restarted'; coreUuid: string; zones: string[] }
  | { kind: 'in-standby'; zones: string[] }
  | { kind: 'misconfigured'; zones: string[] }
  | { kind: 'serving'; zones: string[] }
  | { kind: 'no-quorum'; voters: number; needed: number }
  | { kind: 'undecided'; why: string[] };

/** What a majority of the configured observers says about the holder. Anything less decides nothing. */
export function judgeHolder(
  topology: Topology,
  observations: readonly Observation[],
  vip: VipState,
  holder: Holder,
  nowMs: number,
): Verdicts {
  const needed = quorumOf(topology.observers.length);
  const voters = votersOn(topology, observations, holder.nodeId, nowMs, topology.policy.freshForMs);
  if (voters.length < needed) return { kind: 'no-quorum', voters: voters.length, needed };

  const freshAgainstMs = againstFreshForMs(topology.policy);
  const opinions = voters.map((voter) => {
    const opinion = opinionOn(voter.observation, vip, holder, topology.policy);
    const stale = opinion.kind !== 'serving' && voter.ageMs > freshAgainstMs;
    return { zone: voter.observation.zone, opinion: stale ? TOO_OLD : opinion };
  });
  const zonesOf = (...kinds: Opinion['kind'][]): string[] =>
    opinions.filter((each) => kinds.includes(each.opinion.kind)).map((each) => each.zone);

  const conclusive = zonesOf('conclusive-death');
  if (conclusive.length >= needed) return { kind: 'against', cause: 'conclusive-death', zones: conclusive };
  const dead = zonesOf('conclusive-death', 'suspected-death');
  if (dead.length >= needed) return { kind: 'against', cause: 'suspected-death', zones: dead };
  // Whoever still reaches ESL knows better than those who do not: the weakest cause asks for the strongest fence.
  const unserved = zonesOf('conclusive-death', 'suspected-death', 'sip-stuck');
  if (unserved.length >= needed) return { kind: 'against', cause: 'sip-stuck', zones: unserved };

  const uuids = opinions.flatMap(({ opinion }) => (opinion.kind === 'restarted' ? [opinion.coreUuid] : []));
  const coreUuid = uuids.find((uuid) => uuids.filter((other) => other === uuid).length >= needed);
  if (coreUuid !== undefined) return { kind: 'restarted', coreUuid, zones: zonesOf('restarted') };

  const standby = zonesOf('in-standby');
  if (standby.length >= needed) return { kind: 'in-standby', zones: standby };
  const misconfigured = zonesOf('misconfigured');
  if (misconfigured.length >= needed) return { kind: 'misconfigured', zones: misconfigured };
  const serving = zonesOf('serving');
  if (serving.length >= needed) return { kind: 'serving', zones: serving };
  return {
    kind: 'undecided',
    why: opinions.map(({ zone, opinion }) => `${zone}: ${opinion.kind === 'undecided' ? opinion.why : opinion.kind}`),
  };
}

/** The core_uuid that a majority reads from a node now, or null. */
export function agreedCoreUuid(
  topology: Topology,
  observations: readonly Observation[],
  nodeId: string,
  nowMs: number,
  notBeforeMs = 0,
): string | null {
  const uuids = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs)
    .filter((voter) => voter.observation.observedAtMs > notBeforeMs)
    .flatMap((voter) => (voter.observation.esl.coreUuid === null ? [] : [voter.observation.esl.coreUuid]));
  const needed = quorumOf(topology.observers.length);
  return uuids.find((uuid) => uuids.filter((other) => other === uuid).length >= needed) ?? null;
}

/**
 * EC2 says it is on its way out or down, and has not been outlived: evidence from before `notBeforeMs` is old news.
 * Evidence against a candidate; never a vote against a holder.
 */
export function instanceNotRunning(
  instances: readonly InstanceEvidence[],
  nodeId: string,
  notBeforeMs: number,
): string | null {
  const evidence = instances.find((each) => each.nodeId === nodeId);
  if (evidence === undefined || evidence.atMs < notBeforeMs) return null;
  return evidence.state === 'running' || evidence.state === 'pending' ? null : evidence.state;
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
