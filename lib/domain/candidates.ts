/** Which nodes could take a VIP now, and why the others could not. Pure. */
import type { ClusterSnapshot, Observation, VipTopology } from './model';
import { quorumOf } from './model';
import { agreedCoreUuid, instanceNotRunning, votersOn } from './votes';

export type Candidate =
  { nodeId: string; eligible: true; coreUuid: string } | { nodeId: string; eligible: false; why: string };

/**
 * EventBridge delivers best effort: where a majority has seen a node well this long after EC2 last said otherwise, the
 * event that would have taken it back was lost.
 */
const EVIDENCE_OUTLIVED_MS = 60_000;

/**
 * A standby answers ESL and says 503 System Paused. One that says 200 was promoted earlier: it may serve at once. Busy
 * is fit only where the callers are already: the carrier of an adopted address.
 */
function isFit(observation: Observation, vip: VipTopology): boolean {
  const sip = observation.sip[vip.id]?.verdict;
  const busyCarrier = sip === 'busy' && observation.nodeId === vip.firstHolder;
  return observation.esl.verdict === 'ok' && (sip === 'standby' || sip === 'ok' || busyCarrier);
}

function unfitness(observation: Observation | undefined, vipId: string): string {
  if (observation === undefined) return 'no observer sees it';
  return `ESL ${observation.esl.verdict}, SIP ${observation.sip[vipId]?.verdict ?? 'not asked'}`;
}

/**
 * All candidates of a VIP but `exceptNodeId`, most preferred first. Eligible is a node that a majority of the
 * configured observers sees fit, with one core_uuid, that is neither paused nor full nor (says EC2) going down.
 */
export function rankCandidates(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  exceptNodeId: string | null,
  nowMs: number,
): Candidate[] {
  const { topology } = snapshot;
  const needed = quorumOf(topology.observers.length);
  return vip.candidates
    .filter((nodeId) => nodeId !== exceptNodeId)
    .map((nodeId): Candidate => {
      const state = snapshot.nodes.find((each) => each.nodeId === nodeId);
      if (state?.paused === true) return { nodeId, eligible: false, why: 'it is paused (maintenance)' };
      const others = (state?.claims ?? []).filter((claimed) => claimed !== vip.id);
      if (others.length >= topology.policy.maxVipsPerNode) {
        return { nodeId, eligible: false, why: `it is claimed by ${others.join(', ')}` };
      }
      const voters = votersOn(topology, snapshot.observations, nodeId, nowMs, topology.policy.freshForMs);
      const fit = voters.filter((voter) => isFit(voter.observation, vip));
      const seenSinceMs = Math.min(...fit.map((voter) => voter.observation.observedAtMs));
      const down = instanceNotRunning(snapshot.instances, nodeId, seenSinceMs - EVIDENCE_OUTLIVED_MS);
      if (down !== null) return { nodeId, eligible: false, why: `EC2 says ${down}` };
      const coreUuid = agreedCoreUuid(topology, snapshot.observations, nodeId, nowMs);
      if (fit.length >= needed && coreUuid !== null) return { nodeId, eligible: true, coreUuid };
      const unfit = voters.find((voter) => !isFit(voter.observation, vip)) ?? voters[0];
      return {
        nodeId,
        eligible: false,
        why: `${fit.length} of ${needed} observers see it fit (${unfitness(unfit?.observation, vip.id)})`,
      };
    });
}
