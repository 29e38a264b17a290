/** In which order fit nodes are taken: the readiest first, then by zone, then as the policy orders them. Pure. */
import type { Candidate } from './candidate';
import { assertNever, type ClusterSnapshot } from './model';
import { observerIsSilent } from './voters';

/** What leaves its node, and which node that is: null where nobody held it. */
export interface Leaving {
  nodeId: string | null;
  vipIds: readonly string[];
}

/** Sorts by what matters most, then by the next; what is equal in all of it stays in the order given. */
export function inOrderOfPreference(
  snapshot: ClusterSnapshot,
  candidates: readonly Candidate[],
  leaving: Leaving,
  nowMs: number,
): Candidate[] {
  const { policy } = snapshot.topology;
  const lostZone = zoneThatLooksLost(snapshot, leaving.nodeId, nowMs);
  return candidates
    .map((candidate) => ({
      candidate,
      rank: [
        readiness(candidate, policy.holdDownMs),
        lostZone !== null && zoneOf(snapshot, candidate.nodeId) === lostZone ? 1 : 0,
        ...load(snapshot, candidate.nodeId, leaving.vipIds),
      ],
    }))
    .sort((one, other) => compare(one.rank, other.rank))
    .map(({ candidate }) => candidate);
}

/**
 * A node that came up a moment ago may go down again, and one whose clock is behind the old holder's makes the calls
 * wait, so they wait for their turn; where no other is fit they are taken all the same, because an outage is worse.
 */
function readiness(candidate: Candidate, holdDownMs: number): number {
  if (!candidate.eligible) return 4;
  if (candidate.manualOnly) return 3;
  if (candidate.behindHolderMs > 0) return 2;
  return candidate.wellForMs < holdDownMs ? 1 : 0;
}

/** What took the observer beside the old holder may take a node beside it, too. */
function zoneThatLooksLost(snapshot: ClusterSnapshot, nodeId: string | null, nowMs: number): string | null {
  const zone = nodeId === null ? null : zoneOf(snapshot, nodeId);
  return zone !== null && observerIsSilent(snapshot, zone, nowMs) ? zone : null;
}

function zoneOf(snapshot: ClusterSnapshot, nodeId: string): string | null {
  return snapshot.topology.nodes.find((node) => node.id === nodeId)?.zone ?? null;
}

/** Fewest VIPs, then fewest sessions; all alike where the order is as listed. */
function load(snapshot: ClusterSnapshot, nodeId: string, movingVipIds: readonly string[]): number[] {
  const { candidateOrder } = snapshot.topology.policy;
  switch (candidateOrder) {
    case 'listed':
      return [];
    case 'least-loaded': {
      const claims = snapshot.nodes.find((node) => node.nodeId === nodeId)?.claims ?? [];
      return [claims.filter((vipId) => !movingVipIds.includes(vipId)).length, sessionsOn(snapshot, nodeId)];
    }
    default:
      return assertNever(candidateOrder);
  }
}

/** As the newest look that knew them says; a node of which nobody knows comes last. */
function sessionsOn({ observations }: ClusterSnapshot, nodeId: string): number {
  const counted = observations.filter((each) => each.nodeId === nodeId && each.lastSessions !== null);
  const newest = counted.sort((one, other) => other.observedAtMs - one.observedAtMs)[0];
  return newest?.lastSessions ?? Number.MAX_SAFE_INTEGER;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, at) => value !== other[at]);
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
