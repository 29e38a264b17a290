/** Whether callers are served now: what every forecast starts from. Pure. */
import type { Classification } from '../failure-kinds';
import { quorumOf, type ClusterSnapshot, type Observation, type VipState } from '../model';
import { votersOn } from '../votes';

/** `unknown`: too few observers can tell. */
export type Served = 'yes' | 'no' | 'unknown';

/** Whether new calls of the VIP are answered, as a majority of the configured observers finds. */
export function isServed(
  { topology, observations }: ClusterSnapshot,
  { vipId, holder, changedAtMs }: VipState,
  classification: Classification,
  nowMs: number,
): Served {
  if (holder === null) return 'no';
  // A SIP stack that waits for its database answers no OPTIONS and still takes calls (FACTS 8.6).
  if (classification.case === 'database-hangs') return 'unknown';
  const needed = quorumOf(topology.observers.length);
  const voters = votersOn(topology, observations, holder.nodeId, nowMs, topology.policy.freshForMs).filter(
    ({ observation }) => observation.observedAtMs > changedAtMs,
  );
  const answered = voters.filter(({ observation }) => takesCalls(observation, vipId)).length;
  if (answered >= needed) return 'yes';
  return voters.length - answered >= needed ? 'no' : 'unknown';
}

function takesCalls({ esl, sip }: Observation, vipId: string): boolean {
  const verdict = sip[vipId]?.verdict;
  return esl.verdict !== 'paused' && (verdict === 'ok' || verdict === 'busy');
}
