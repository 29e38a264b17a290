/** Which nodes could take a VIP now, and why the others could not. Pure. */
import type { Candidate, FitCandidate } from './candidate';
import { clockLag } from './clocks';
import { isPaused } from './maintenance';
import type { ClusterSnapshot, Observation, VipTopology } from './model';
import { IMPAIRED, quorumOf } from './model';
import { inOrderOfPreference } from './ranking';
import { agreedCoreUuid, EVIDENCE_OUTLIVED_MS, instanceNotRunning, votersOn, type Voter } from './voters';

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
  return rankForGroup(snapshot, [vip], exceptNodeId, nowMs);
}

/** The same for VIPs that move together, to one node: eligible is what is fit for each of them and has room for all. */
export function rankForGroup(
  snapshot: ClusterSnapshot,
  members: readonly VipTopology[],
  exceptNodeId: string | null,
  nowMs: number,
): Candidate[] {
  const listed = candidatesAsListed(snapshot, members, exceptNodeId, nowMs);
  const leaving = { nodeId: exceptNodeId, vipIds: members.map((member) => member.id) };
  return inOrderOfPreference(snapshot, listed, leaving, nowMs);
}

/** As if nobody had read a clock: for whom no node is fit otherwise. */
export function whateverTheirClocks(snapshot: ClusterSnapshot): ClusterSnapshot {
  const unread = (each: Observation): Observation => ({ ...each, esl: { ...each.esl, clockOffsetMs: null } });
  return { ...snapshot, observations: snapshot.observations.map(unread) };
}

/** What the control plane takes by itself; null where it may take none. */
export function firstChoice(candidates: readonly Candidate[]): FitCandidate | null {
  return candidates.find((each): each is FitCandidate => each.eligible && !each.manualOnly) ?? null;
}

/** The candidates in the order in which the first of the VIPs lists them. */
export function candidatesAsListed(
  snapshot: ClusterSnapshot,
  members: readonly VipTopology[],
  exceptNodeId: string | null,
  nowMs: number,
): Candidate[] {
  const [first, ...others] = members;
  if (first === undefined) return [];
  const together = members.map((member) => member.id);
  const judge = (member: VipTopology, nodeId: string): Candidate =>
    judgeNode(snapshot, member, nodeId, exceptNodeId, together, nowMs);
  return first.candidates
    .filter((nodeId) => nodeId !== exceptNodeId)
    .map((nodeId) => others.map((member) => judge(member, nodeId)).reduce(worseOf, judge(first, nodeId)));
}

/** The node that a VIP's callers are on already: what else it carries is no obstacle, because it carries this one too. */
export function judgeCarrier(snapshot: ClusterSnapshot, vip: VipTopology, nodeId: string, nowMs: number): Candidate {
  return judgeNode(snapshot, vip, nodeId, null, null, nowMs);
}

/** A node is for all the VIPs that come together what it is for the one that it suits least. */
function worseOf(one: Candidate, other: Candidate): Candidate {
  if (!one.eligible) return one;
  if (!other.eligible) return other;
  // Its clock is the same for all of them.
  const wellForMs = Math.min(one.wellForMs, other.wellForMs);
  return { ...one, wellForMs, manualOnly: one.manualOnly || other.manualOnly };
}

/**
 * @param leftNodeId the node that the VIP leaves, whose clock numbered its calls
 * @param moving the VIPs that come together: their claims on the node are no obstacle, and it must have room for all;
 *   null: none comes, it is there
 */
function judgeNode(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  nodeId: string,
  leftNodeId: string | null,
  moving: readonly string[] | null,
  nowMs: number,
): Candidate {
  const { topology } = snapshot;
  if (!vip.candidates.includes(nodeId)) return { nodeId, eligible: false, why: `it is no candidate of ${vip.id}` };
  const forbidden = whyForbidden(snapshot, nodeId, moving, nowMs);
  if (forbidden !== null) return { nodeId, eligible: false, why: forbidden };
  const isThere = moving === null;
  const voters = votersOn(topology, snapshot.observations, nodeId, nowMs, topology.policy.freshForMs);
  const fit = voters.filter((voter) => isFit(voter.observation, vip.id, isThere));
  const seenSinceMs = Math.min(...fit.map((voter) => voter.observation.observedAtMs));
  const down = instanceNotRunning(snapshot.instances, nodeId, seenSinceMs - EVIDENCE_OUTLIVED_MS);
  // Status checks are minutes old, and what observers see of it is not.
  if (down !== null && down !== IMPAIRED) return { nodeId, eligible: false, why: `EC2 says ${down}` };
  const looks = voters.map((voter) => voter.observation);
  const { ownMs, behindHolderMs } = clockLag(topology, looks, snapshot.observations, leftNodeId);
  if (ownMs > 0) {
    const limitMs = topology.policy.maxClockBehindMs;
    return { nodeId, eligible: false, why: `its clock is ${ownMs} ms behind (maxClockBehind is ${limitMs} ms)` };
  }
  const needed = quorumOf(topology.observers.length);
  const coreUuid = agreedCoreUuid(topology, snapshot.observations, nodeId, nowMs);
  if (fit.length >= needed && coreUuid !== null) {
    const manualOnly = vip.manualOnly.includes(nodeId);
    return { nodeId, eligible: true, coreUuid, wellForMs: wellForMs(fit, needed, nowMs), behindHolderMs, manualOnly };
  }
  const unfit = voters.find((voter) => !isFit(voter.observation, vip.id, isThere)) ?? voters[0];
  const seen = `${fit.length} of ${needed} observers see it fit (${unfitness(unfit?.observation, vip.id)})`;
  return { nodeId, eligible: false, unfit: true, why: seen };
}

/** What stands against a node whatever is seen of it; null: nothing. */
function whyForbidden(
  snapshot: ClusterSnapshot,
  nodeId: string,
  moving: readonly string[] | null,
  nowMs: number,
): string | null {
  const state = snapshot.nodes.find((each) => each.nodeId === nodeId);
  if (state !== undefined && isPaused(state, nowMs)) return 'it is paused (maintenance)';
  if (state !== undefined && state.lockedBy !== null) {
    return `it is out of service since ${state.lockedBy}, until it is restored`;
  }
  if (moving === null) return null;
  const { maxVipsPerNode } = snapshot.topology.policy;
  const others = (state?.claims ?? []).filter((claimed) => !moving.includes(claimed));
  if (others.length + moving.length <= maxVipsPerNode) return null;
  const taken = others.length === 0 ? '' : `it is claimed by ${others.join(', ')}, and `;
  return `${taken}maxVipsPerNode is ${maxVipsPerNode}`;
}

/**
 * A standby answers ESL and says 503 System Paused. One that says 200 was promoted earlier: it may serve at once. Busy
 * is fit only where the callers are already, and so is one that will end with its last call.
 */
function isFit(observation: Observation, vipId: string, isThere: boolean): boolean {
  const sip = observation.sip[vipId]?.verdict;
  if (observation.esl.shutdownPending === true && !isThere) return false;
  return observation.esl.verdict === 'ok' && (sip === 'standby' || sip === 'ok' || (isThere && sip === 'busy'));
}

function unfitness(observation: Observation | undefined, vipId: string): string {
  if (observation === undefined) return 'no observer sees it';
  const { verdict, shutdownPending } = observation.esl;
  const seen = `ESL ${verdict}, SIP ${observation.sip[vipId]?.verdict ?? 'not asked'}`;
  if (shutdownPending !== true) return seen;
  return `${seen}, told to shut down when its last call ends: \`fsctl shutdown cancel\` ends that`;
}

/** The longest time that `needed` of these observers agree on. */
function wellForMs(fit: readonly Voter[], needed: number, nowMs: number): number {
  const longestFirst = fit
    .map(({ observation }) => nowMs - (observation.eslWellSinceMs ?? nowMs))
    .sort((one, other) => other - one);
  return Math.max(0, longestFirst[needed - 1] ?? 0);
}
