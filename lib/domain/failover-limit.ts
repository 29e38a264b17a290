/**
 * At most so many automatic failovers in the whole cluster within a window (`maxFailoversPerWindow`): a judgement that
 * goes wrong everywhere at once must not take every node down before a human has looked.
 *
 * What counts is the event and not the VIP: all VIPs of one node that fall together are one, and so are all of a zone
 * that is silent. An event is known afterwards by its instant, which is all that the state keeps of it: every failover
 * of one event is written with one time, and that of another event with another (`decidedAtMs`). Where two observers
 * decide the VIPs of one event at once, it may be counted twice: that errs on the side of asking a human.
 */
import { incident, type Change, type Decision } from './decision';
import { isZoneUnreached } from './failure-kinds/zone';
import type { ClusterSnapshot, Transition } from './model';
import { failoversOf } from './store-rules';

/** @param openTransitions journals of the VIPs that are moving: more of the same event joins it and is not counted anew */
export function withinLimit(
  snapshot: ClusterSnapshot,
  openTransitions: readonly Transition[],
  decisions: readonly Decision[],
  nowMs: number,
): Decision[] {
  const counted = countedFailovers(snapshot, nowMs);
  const spent = new Set(counted.map(({ atMs }) => atMs)).size;
  const left = snapshot.topology.policy.maxFailoversPerWindow - spent;
  const goingOn = new Set(openTransitions.flatMap((journal) => eventInFlight(snapshot, journal, nowMs) ?? []));
  const admitted = new Set<string>();
  return decisions.map((decision) => {
    const event = eventOf(snapshot, decision, nowMs);
    if (event === null || goingOn.has(event) || admitted.has(event)) return decision;
    if (admitted.size >= left) return refused(snapshot, decision, counted, nowMs);
    admitted.add(event);
    return decision;
  });
}

/**
 * The time with which a change is written: that of the judgement, and for each further event that fails over in the
 * same one a millisecond later, so that their number can be told from the state.
 */
export function decidedAtMs(
  snapshot: ClusterSnapshot,
  decisions: readonly Decision[],
  change: Change,
  nowMs: number,
): number {
  const events = [...new Set(decisions.flatMap((decision) => eventOf(snapshot, decision, nowMs) ?? []))];
  const event = eventOf(snapshot, change, nowMs);
  return event === null ? nowMs : nowMs + events.indexOf(event);
}

interface Counted {
  vipId: string;
  atMs: number;
}

/** Every automatic failover in the window; who acknowledges a VIP has looked, and takes out those that it had. */
function countedFailovers({ topology, vips }: ClusterSnapshot, nowMs: number): Counted[] {
  return vips.flatMap((vip) =>
    failoversOf(vip)
      .filter((atMs) => atMs > (vip.acknowledgedAtMs ?? 0) && nowMs - atMs < topology.policy.failoverWindowMs)
      .map((atMs) => ({ vipId: vip.vipId, atMs })),
  );
}

/** What fails over, by its name: a node, or the zone that it is in when all of it fell. null: no failover. */
function eventOf(snapshot: ClusterSnapshot, decision: Decision, nowMs: number): string | null {
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
