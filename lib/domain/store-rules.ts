/**
 * The few rules of the state store that are not a condition of DynamoDB: pure, and shared with the store in memory (the
 * simulator, the lab, the tests), so that both mean the same.
 */
import type {
  ClusterControl,
  Incident,
  NodeState,
  PastFailover,
  StoredIncident,
  Topology,
  Transition,
  VipState,
} from './model';
import { isPaused, untilItGoesOn } from './maintenance';
import type { DecisionWrite } from './state-store';
import { LATER_STEPS } from './transition';

/** What an incident is about, as its key: the VIP, else the node, else the whole cluster. */
export function subjectOf(incident: Pick<Incident, 'vipId' | 'nodeId'>): string {
  return incident.vipId ?? incident.nodeId ?? 'cluster';
}

/**
 * The same incident stands already unless this one is of a later epoch: a VIP that gets stuck again after another
 * change of holder is news, the same stuck change seen twice is not. One that is over stands no more.
 */
export function isSameIncident(standing: StoredIncident, raised: Incident): boolean {
  if (standing.overAtMs !== null) return false;
  if (standing.epoch === null || raised.epoch === null) return true;
  return raised.epoch <= standing.epoch;
}

/** As it is stored where it is raised: in place of one that is over and untold, it says since when nobody was told. */
export function asRaised(raised: Incident, inPlaceOf: StoredIncident | null): StoredIncident {
  const isUntold = inPlaceOf !== null && inPlaceOf.overAtMs !== null && inPlaceOf.notifiedAtMs === null;
  const untoldSinceMs = isUntold ? (inPlaceOf.untoldSinceMs ?? inPlaceOf.atMs) : null;
  return { ...raised, overAtMs: null, untoldSinceMs };
}

/**
 * An incident that lasted so long and of which nobody was told is told when it is over. A stream record comes within
 * seconds, and what it wakes tries for eight: so it could not be told. One that came and went sooner may have ended
 * before anybody began to tell it; that is no more than flapping, and worth no page.
 */
export const TOLD_WHEN_OVER_AFTER_MS = 30_000;

/** Whether somebody is still to hear of an incident that is over at `nowMs`. */
export function isToldWhenOver({ atMs, notifiedAtMs, untoldSinceMs }: StoredIncident, nowMs: number): boolean {
  return notifiedAtMs === null && nowMs - (untoldSinceMs ?? atMs) >= TOLD_WHEN_OVER_AFTER_MS;
}

/**
 * What a convergence asks before each mutation: is this epoch still the VIP's, and has a human said stop?
 * @param nodes those whose pause counts too
 */
export function standingOf(
  vip: VipState,
  control: ClusterControl,
  nodes: readonly NodeState[],
  nowMs: number,
): { epoch: number; paused: string | null } {
  const subjects = [
    { item: control, says: `the cluster is paused: ${control.pausedReason ?? 'no reason given'}` },
    { item: vip, says: `${vip.vipId} is paused` },
    ...nodes.map((item) => ({ item, says: `${item.nodeId} is paused` })),
  ];
  const paused = subjects
    .filter(({ item }) => isPaused(item, nowMs))
    .map(({ item, says }) => `${says}, ${untilItGoesOn(item)}`);
  return { epoch: vip.epoch, paused: paused.length === 0 ? null : paused.join('; ') };
}

/** Open, or done with a step left for later: the page, the last count of the calls, the old node. */
export function isUnfinished(transition: Transition): boolean {
  if (transition.status === 'open') return true;
  if (transition.status !== 'done') return false;
  return LATER_STEPS.some((step) => transition.steps[step].status === 'pending');
}

/**
 * The node whose claim a retargeting returns: the candidate that died. Not when it is the new candidate as well, and
 * not when it is the old holder (a reinstatement that became a failover): that one is unfenced, and its claim goes
 * back only when the transition closes.
 */
export function claimReturnedByRetargeting(superseded: Transition, next: Transition): string | null {
  const dead = superseded.to.nodeId;
  if (dead === next.to.nodeId || dead === superseded.from?.nodeId) return null;
  return dead;
}

/**
 * The nodes whose claim on the VIP goes back when its transition closes: every node but the holder. Looking at the
 * claims themselves (and not at `from`) also heals what a chain of retargetings left behind. A transition that got
 * stuck before its fence was proven returns nothing: an unfenced node is not free to take another VIP.
 */
export function claimsReturnedByClosing(
  nodes: readonly NodeState[],
  transition: Transition,
  status: 'done' | 'stuck',
  holderNodeId: string,
): string[] {
  const fenced = status === 'done' || transition.steps.fence.status === 'done';
  if (!fenced) return [];
  return nodes
    .filter((node) => node.nodeId !== holderNodeId && node.claims.includes(transition.vipId))
    .map((node) => node.nodeId);
}

/** The items as a deployment creates them. A pause that it asks for has no end: a human looks first. */
export function newControl(paused: boolean, pausedReason: string | null): ClusterControl {
  return { paused, pausedReason, pausedUntilMs: null, transitionsInFlight: 0 };
}

export function newNode(nodeId: string): NodeState {
  return { nodeId, paused: false, pausedUntilMs: null, claims: [], lockedBy: null };
}

/** @param atMs since when nobody holds it */
export function newVip(vipId: string, epoch: number, atMs: number): VipState {
  return {
    vipId,
    epoch,
    holder: null,
    status: 'unassigned',
    changedAtMs: atMs,
    paused: false,
    pausedUntilMs: null,
    lastAutomaticFailoverAtMs: null,
    recentFailoversAtMs: [],
    failoverEvents: {},
    acknowledgedAtMs: null,
  };
}

type Failovers = Pick<VipState, 'lastAutomaticFailoverAtMs' | 'recentFailoversAtMs' | 'failoverEvents'>;

/**
 * The automatic failovers of a VIP that may still count, oldest first. The last one is known even where the list is
 * not: an older version wrote the item, or the last failover.
 */
export function failoversOf(vip: Failovers): PastFailover[] {
  const last = vip.lastAutomaticFailoverAtMs;
  const times = last === null ? [] : [...vip.recentFailoversAtMs.filter((atMs) => atMs < last), last];
  return times.map((atMs) => ({ atMs, event: vip.failoverEvents[atMs] ?? null }));
}

/** The longest `failoverWindow`, and the highest `maxFailoversPerWindow`: what is beyond them can never be asked for. */
const KEPT = { forMs: 86_400_000, newest: 100 };

/**
 * What an automatic failover leaves on its VIP. `before` was read with the epoch that the write is conditioned on, and
 * each failover raises the epoch: none can have come in between.
 */
export function afterFailover(
  before: readonly PastFailover[],
  { atMs, event }: PastFailover,
): Failovers & { lastAutomaticFailoverAtMs: number } {
  const kept = before.filter((each) => each.atMs < atMs && atMs - each.atMs < KEPT.forMs);
  const recent = [...kept, { atMs, event }].slice(-KEPT.newest);
  return {
    lastAutomaticFailoverAtMs: atMs,
    recentFailoversAtMs: recent.map((each) => each.atMs),
    failoverEvents: Object.fromEntries(
      recent.flatMap((each) => (each.event === null ? [] : [[each.atMs, each.event]])),
    ),
  };
}

/** The same of a decision as it is written. */
export function failoversAfter({
  transition,
  failoversBefore = [],
  event = null,
}: DecisionWrite): ReturnType<typeof afterFailover> {
  return afterFailover(failoversBefore, { atMs: transition.decidedAtMs, event });
}

/** Items of what the topology no longer (or does not yet) name are left out of the snapshot: they take no part. */
export function namedIn(topology: Topology): { node(id: string): boolean; vip(id: string): boolean } {
  const nodes = new Set(topology.nodes.map((node) => node.id));
  const vips = new Set(topology.vips.map((vip) => vip.id));
  return { node: (id) => nodes.has(id), vip: (id) => vips.has(id) };
}

/** A decision is for the epoch right after the one that was read; anything else is a bug of the caller. */
export function assertNextEpoch(transition: Transition, expectedEpoch: number): void {
  if (transition.epoch !== expectedEpoch + 1) {
    throw new RangeError(
      `transition ${transition.id} does not follow epoch ${expectedEpoch}; build it from the epoch read`,
    );
  }
}
