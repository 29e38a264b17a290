/** Who may vote on a node, and what a majority of those reads from it. Pure. */
import type { ClusterSnapshot, InstanceEvidence, Observation, Policy, Topology } from './model';
import { quorumOf } from './model';

/**
 * An observer writes every look while something is unwell, so a vote against a holder must be as young as three looks;
 * a word on a healthy node may be as old as the policy's `freshForMs` (it is only written every heartbeat).
 */
export function againstFreshForMs(policy: Policy): number {
  return Math.min(policy.freshForMs, 3 * (policy.probeIntervalMs + policy.probeTimeoutMs));
}

/**
 * How far ahead of the clock that judges it a look may be dated. Clocks on AWS are within milliseconds of each other, and
 * an observer mutes itself when its own is set by a second (`clock-jump.ts`): two may be twice that apart unnoticed. It
 * is less than a vote may be old, so that a look is never more than about twice as old as it seems. One from further
 * ahead has no age that anybody could tell: its clock or the judge's is wrong, and either way it is no vote.
 */
export const CLOCKS_APART_MS = 2_000;

/** @param maxAgeMs a look that is older is not fresh */
export function isFresh({ observedAtMs }: Pick<Observation, 'observedAtMs'>, nowMs: number, maxAgeMs: number): boolean {
  const ageMs = nowMs - observedAtMs;
  return ageMs <= maxAgeMs && ageMs >= -CLOCKS_APART_MS;
}

export interface Voter {
  observation: Observation;
  ageMs: number;
}

/** Observations of one node by configured observers that are neither blind nor muted, and fresh. */
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
    .filter((each) => isFresh(each, nowMs, maxAgeMs))
    .map((observation) => ({ observation, ageMs: nowMs - observation.observedAtMs }));
}

/** Whether the observer that is configured in the zone has no fresh word on any node. */
export function observerIsSilent({ topology, observations }: ClusterSnapshot, zone: string, nowMs: number): boolean {
  if (!topology.observers.includes(zone)) return false;
  const words = observations.filter((each) => each.zone === zone && !each.blind && !each.muted);
  return !words.some((each) => isFresh(each, nowMs, topology.policy.freshForMs));
}

/** Why a configured observer has no vote on a node, in words; null when it has one. */
export function whyNoVote(
  { observers, policy }: Topology,
  observations: readonly Observation[],
  nodeId: string,
  zone: string,
  nowMs: number,
): string | null {
  const seen = observations.find((each) => each.nodeId === nodeId && each.zone === zone);
  if (!observers.includes(zone)) return 'is no configured observer';
  if (seen === undefined) return `never looked at ${nodeId}`;
  if (seen.blind || seen.muted) return seen.mutedWhy ?? (seen.blind ? 'blind' : 'muted');
  if (isFresh(seen, nowMs, policy.freshForMs)) return null;
  const ageS = Math.round((nowMs - seen.observedAtMs) / 1000);
  return ageS > 0
    ? `its last look is ${ageS} s old`
    : `its last look is dated ${-ageS} s ahead: its clock is wrong, or that of whoever judges`;
}

/** Only an absence that lasts longer is worth waking somebody (`unwatched.ts`). */
export const ABSENT_AFTER_MS = 90_000;

/**
 * Zones of the configured observers that have had no vote on the node for long. A look dated as far ahead says the same
 * of a clock: it does not come right by itself.
 */
export function absentZones(
  { observers }: Topology,
  observations: readonly Observation[],
  nodeId: string,
  nowMs: number,
): string[] {
  return observers.filter((zone) => {
    const seen = observations.find((each) => each.nodeId === nodeId && each.zone === zone);
    if (seen === undefined) return true;
    const lastVoteMs = seen.blind || seen.muted ? (seen.mutedSinceMs ?? seen.observedAtMs) : seen.observedAtMs;
    return Math.abs(nowMs - lastVoteMs) > ABSENT_AFTER_MS;
  });
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
 * EventBridge delivers best effort: where a node is seen alive this long after EC2 last said otherwise, the event that
 * would have taken it back was lost.
 */
export const EVIDENCE_OUTLIVED_MS = 60_000;

/**
 * EC2 says it is on its way out or down, or its status checks fail, and has not been outlived: evidence from before
 * `notBeforeMs` is old news. Evidence against a candidate; never a vote against a holder.
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
