/**
 * At most so many automatic failovers in the whole cluster within a window (`maxFailoversPerWindow`): a judgement that
 * goes wrong everywhere at once must not take every node down before a human has looked.
 *
 * What counts is the event and not the VIP: all VIPs of one node that fall together are one, and so are all of a zone
 * that fell. Each VIP remembers of each of its failovers what fell. VIPs of several nodes may run for one standby, and
 * all but one of them have their turn in a later judgement: what falls again within EVENT_LASTS_MS is the same event.
 */
import { incident, type Decision } from './decision';
import { isZoneUnreached } from './failure-kinds/zone';
import type { ClusterSnapshot, Transition } from './model';
import { failoversOf } from './store-rules';

/** Longer than the next ones of an event wait for their turn; who came back and falls again is another event. */
const EVENT_LASTS_MS = 30_000;

/** @param openTransitions journals of the VIPs that are moving: more of the same event joins it and is not counted anew */
export function withinLimit(
  snapshot: ClusterSnapshot,
  openTransitions: readonly Transition[],
  decisions: readonly Decision[],
  nowMs: number,
): Decision[] {
  const counted = countedFailovers(snapshot, nowMs);
  const left = snapshot.topology.policy.maxFailoversPerWindow - eventsIn(counted);
  const goingOn = new Set([
    ...openTransitions.flatMap((journal) => eventInFlight(snapshot, journal, nowMs) ?? []),
    ...counted.filter(({ atMs }) => nowMs - atMs < EVENT_LASTS_MS).map(({ event }) => event),
  ]);
  const admitted = new Set<string>();
  return decisions.map((decision) => {
    const event = eventOf(snapshot, decision, nowMs);
    if (event === null || goingOn.has(event) || admitted.has(event)) return decision;
    if (admitted.size >= left) return refused(snapshot, decision, counted, nowMs);
    admitted.add(event);
    return decision;
  });
}

interface Counted {
  vipId: string;
  atMs: number;
  event: string;
}

/**
 * Every automatic failover in the window; who acknowledges a VIP has looked, and takes out those that it had. One of an
 * older version is known by its instant, which was the same for all of one event.
 */
function countedFailovers({ topology, vips }: ClusterSnapshot, nowMs: number): Counted[] {
  return vips.flatMap((vip) =>
    failoversOf(vip)
      .filter(({ atMs }) => atMs > (vip.acknowledgedAtMs ?? 0) && nowMs - atMs < topology.policy.failoverWindowMs)
      .map(({ atMs, event }) => ({ vipId: vip.vipId, atMs, event: event ?? `at ${atMs}` })),
  );
}

function eventsIn(counted: readonly Counted[]): number {
  const inOrder = [...counted].sort((one, other) => one.atMs - other.atMs);
  return inOrder.filter(({ event, atMs }, index) => {
    const before = inOrder.slice(0, index).findLast((each) => each.event === event);
    return before === undefined || atMs - before.atMs >= EVENT_LASTS_MS;
  }).length;
}

/** What fails over, by its name: a node, or the zone that it is in when all of it fell. null: no failover. */
export function eventOf(snapshot: ClusterSnapshot, decision: Decision, nowMs: number): string | null {
  if (decision.kind !== 'change' || !decision.startsBlock || decision.from === null) return null;
  return placeOf(snapshot, decision.from.nodeId, nowMs);
}

function eventInFlight(snapshot: ClusterSnapshot, { status, kind, from }: Transition, nowMs: number): string | null {
  return status === 'open' && kind === 'failover' && from !== null ? placeOf(snapshot, from.nodeId, nowMs) : null;
}

function placeOf(snapshot: ClusterSnapshot, nodeId: string, nowMs: number): string {
  const zone = snapshot.topology.nodes.find((node) => node.id === nodeId)?.zone;
  return zone !== undefined && isZoneUnreached(snapshot, zone, nowMs) ? `zone ${zone}` : `node ${nodeId}`;
}

function refused(snapshot: ClusterSnapshot, decision: Decision, counted: readonly Counted[], nowMs: number): Decision {
  const state = snapshot.vips.find((each) => each.vipId === decision.vipId);
  if (state === undefined) return decision;
  const { maxFailoversPerWindow, failoverWindowMs } = snapshot.topology.policy;
  const each = counted.map(({ vipId, atMs }) => `${vipId} at ${new Date(atMs).toISOString()}`);
  const reasons = [
    ...decision.reasons.slice(0, 1),
    `maxFailoversPerWindow is ${maxFailoversPerWindow} in ${Math.round(failoverWindowMs / 60_000)} min; ` +
      `counted are ${each.length === 0 ? 'those decided just now' : each.join(', ')}`,
    'nothing was torn down; acknowledging a VIP takes those that it had out of the count',
  ];
  return incident(decision.vipId, state, 'failover-limit', nowMs, reasons, state.holder?.nodeId ?? null);
}
