/** Since when one observer does not find a VIP served by its holder: what a page waits for, and never a failover. Pure. */
import { assertNever, type ClusterSnapshot, type Holder, type Policy, type VipState } from './model';
import { votesOn, type Vote } from './votes';

/** The votes of those observers that have not found it served for more than so many milliseconds. */
export function unservedForLong(
  { topology, observations }: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  limitMs: number,
  nowMs: number,
): Vote[] {
  return votesOn(topology, observations, state, holder, nowMs).filter((vote) => {
    const sinceMs = unservedSinceMs(vote, state, holder, topology.policy);
    return sinceMs !== null && nowMs - sinceMs > limitMs;
  });
}

/** null: it finds it served, or what it finds has a page of its own. In epoch milliseconds of the observer's clock. */
function unservedSinceMs(
  { observation, opinion }: Vote,
  state: VipState,
  holder: Holder,
  { probeIntervalMs }: Policy,
): number | null {
  switch (opinion.kind) {
    case 'serving':
    case 'misconfigured':
      return null;
    case 'conclusive-death':
    case 'suspected-death':
    case 'sip-stuck':
    case 'restarted':
    case 'in-standby':
    case 'undecided': {
      const { vipId, changedAtMs } = state;
      const since = [observation.eslMissingSinceMs, observation.sipMissingSinceMs[vipId] ?? null];
      // Of what it was before it took over these would speak.
      if (observation.observedAtMs > changedAtMs) {
        const isAnother = holder.coreUuid !== null && (observation.esl.coreUuid ?? holder.coreUuid) !== holder.coreUuid;
        if (isAnother) since.push(observation.eslWellSinceMs);
        const standbys = observation.sipStandbys[vipId] ?? 0;
        if (standbys > 0) since.push(observation.observedAtMs - (standbys - 1) * probeIntervalMs);
      }
      const known = since.filter((at): at is number => at !== null);
      return known.length === 0 ? null : Math.max(Math.min(...known), changedAtMs);
    }
    default:
      return assertNever(opinion);
  }
}
