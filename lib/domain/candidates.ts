/** Which nodes could take a VIP now, and why the others could not. Pure. */
import type { ClusterSnapshot, Observation, Topology, VipTopology } from './model';
import { quorumOf } from './model';
import { agreedCoreUuid, instanceNotRunning, votersOn } from './votes';

export type Candidate =
  | { nodeId: string; eligible: true; coreUuid: string }
  /** `unfit`: nothing forbids it but what is seen of it, as while it boots. */
  | { nodeId: string; eligible: false; why: string; unfit?: true };

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
 * How far behind a majority of the configured observers sees the node's clock, when that is too far. An observer that
 * was not told the time says nothing: no older FreeSWITCH loses its fitness by that.
 */
function clockBehindMs(topology: Topology, observations: readonly Observation[]): number | null {
  const tooFar = observations
    .map((each) => -(each.esl.clockOffsetMs ?? 0))
    .filter((behindMs) => behindMs > topology.policy.maxClockBehindMs);
  return tooFar.length >= quorumOf(topology.observers.length) ? Math.round(Math.min(...tooFar)) : null;
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
  return rank(snapshot, vip, exceptNodeId, nowMs, [vip.id]);
}

/**
 * The same for VIPs that move together, to one node: eligible is what is fit for each of them and has room for all.
 * In the order of preference of the first.
 */
export function rankForGroup(
  snapshot: ClusterSnapshot,
  members: readonly VipTopology[],
  exceptNodeId: string | null,
  nowMs: number,
): Candidate[] {
  const [first, ...others] = members;
  if (first === undefined) return [];
  const together = members.map((member) => member.id);
  const further = others.map((member) => rank(snapshot, member, exceptNodeId, nowMs, together));
  return rank(snapshot, first, exceptNodeId, nowMs, together).map((candidate) => {
    const same = further.map((list) => list.find((each) => each.nodeId === candidate.nodeId));
    return same.find((each) => each?.eligible === false) ?? candidate;
  });
}

/** @param moving the VIPs that come together: their claims on the node are no obstacle, and it must have room for all */
function rank(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  exceptNodeId: string | null,
  nowMs: number,
  moving: readonly string[],
): Candidate[] {
  const { topology } = snapshot;
  const needed = quorumOf(topology.observers.length);
  return vip.candidates
    .filter((nodeId) => nodeId !== exceptNodeId)
    .map((nodeId): Candidate => {
      const state = snapshot.nodes.find((each) => each.nodeId === nodeId);
      if (state?.paused === true) return { nodeId, eligible: false, why: 'it is paused (maintenance)' };
      if (state !== undefined && state.lockedBy !== null) {
        return { nodeId, eligible: false, why: `it is out of service since ${state.lockedBy}, until it is restored` };
      }
      const others = (state?.claims ?? []).filter((claimed) => !moving.includes(claimed));
      if (others.length + moving.length > topology.policy.maxVipsPerNode) {
        const taken = others.length === 0 ? '' : `it is claimed by ${others.join(', ')}, and `;
        return { nodeId, eligible: false, why: `${taken}maxVipsPerNode is ${topology.policy.maxVipsPerNode}` };
      }
      const voters = votersOn(topology, snapshot.observations, nodeId, nowMs, topology.policy.freshForMs);
      const fit = voters.filter((voter) => isFit(voter.observation, vip));
      const seenSinceMs = Math.min(...fit.map((voter) => voter.observation.observedAtMs));
      const down = instanceNotRunning(snapshot.instances, nodeId, seenSinceMs - EVIDENCE_OUTLIVED_MS);
      if (down !== null) return { nodeId, eligible: false, why: `EC2 says ${down}` };
      const behindMs = clockBehindMs(
        topology,
        voters.map((voter) => voter.observation),
      );
      if (behindMs !== null) {
        const limitMs = topology.policy.maxClockBehindMs;
        return { nodeId, eligible: false, why: `its clock is ${behindMs} ms behind (maxClockBehind is ${limitMs} ms)` };
      }
      const coreUuid = agreedCoreUuid(topology, snapshot.observations, nodeId, nowMs);
      if (fit.length >= needed && coreUuid !== null) return { nodeId, eligible: true, coreUuid };
      const unfit = voters.find((voter) => !isFit(voter.observation, vip)) ?? voters[0];
      return {
        nodeId,
        eligible: false,
        unfit: true,
        why: `${fit.length} of ${needed} observers see it fit (${unfitness(unfit?.observation, vip.id)})`,
      };
    });
}
