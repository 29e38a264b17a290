/**
 * A node that is alive and cannot be promoted: FreeSWITCH there is paused, rejects us, or its ESL does not answer. It is
 * no death, and no step of a convergence ends it. Pure.
 */
import { holdLeftMs } from './dissent';
import { lastingMs } from './gray';
import { quorumOf, type ClusterSnapshot, type Observation, type Policy, type VipState } from './model';
import { againstFreshForMs, votersOn } from './voters';

/** In words that follow the node's name, and the zones that see it so. */
export interface Unpromotable {
  says: string;
  zones: string[];
}

interface Sign {
  says: string;
  isSeen: (observation: Observation, vipId: string) => boolean;
  sinceMs: (observation: Observation) => number | null;
  /** How long each of a majority must have seen it, in milliseconds; `dissentHold` comes to that as ever. */
  lastsMs: (policy: Policy) => number;
}

const SIGNS: readonly Sign[] = [
  {
    says: 'is paused (`fsctl pause`)',
    isSeen: ({ esl }) => esl.verdict === 'paused',
    sinceMs: ({ withdrawnSinceMs }) => withdrawnSinceMs,
    lastsMs: () => 0,
  },
  {
    says: 'rejects the ESL password or address',
    isSeen: (seen, vipId) => seen.esl.verdict === 'rejected' && !takesCalls(seen, vipId),
    sinceMs: ({ eslMissingSinceMs }) => eslMissingSinceMs,
    lastsMs: () => 0,
  },
  {
    says: 'has not answered ESL for long',
    isSeen: (seen, vipId) => ['silent', 'malformed', 'refused'].includes(seen.esl.verdict) && !takesCalls(seen, vipId),
    sinceMs: ({ eslMissingSinceMs }) => eslMissingSinceMs,
    lastsMs: lastingMs,
  },
];

/** What a majority of the configured observers sees of it since the VIP was sent there; null: nothing of the kind. */
export function whyUnpromotable(
  { topology, observations }: ClusterSnapshot,
  { vipId, changedAtMs }: VipState,
  nodeId: string,
  nowMs: number,
): Unpromotable | null {
  const { observers, policy } = topology;
  const needed = quorumOf(observers.length);
  const looks = votersOn(topology, observations, nodeId, nowMs, againstFreshForMs(policy)).map(
    (each) => each.observation,
  );
  for (const { says, isSeen, sinceMs, lastsMs } of SIGNS) {
    const seeing = looks
      .filter((each) => isSeen(each, vipId))
      .map((each) => ({
        zone: each.zone,
        silentForMs: each.observedAtMs - Math.max(sinceMs(each) ?? each.observedAtMs, changedAtMs),
      }));
    // Of a look from before the VIP was sent there it is less than nothing.
    const counting = seeing.filter(({ silentForMs }) => silentForMs >= lastsMs(policy));
    // For ever, where they are no majority.
    if (holdLeftMs(counting, { observers: observers.length, needed }, policy.dissentHoldMs) > 0) continue;
    return { says, zones: counting.map(({ zone }) => zone) };
  }
  return null;
}

/** Whoever promoted it: callers are answered there. One that is full may serve. */
function takesCalls({ sip }: Observation, vipId: string): boolean {
  const verdict = sip[vipId]?.verdict;
  return verdict === 'ok' || verdict === 'busy';
}
