/**
 * Who leaves its node with a VIP that fails over, and where each of them goes. A stuck SIP stack is fenced by ending its
 * process, and with it ends every VIP of the node: all of them have a place, or none leaves (invariant 9). A process
 * that is dead serves nobody, so that each of its VIPs is judged by itself. Pure.
 */
import { whateverTheirClocks } from './candidates';
import type { Change, Decision } from './decision';
import { movingTogether } from './groups';
import { isPaused } from './maintenance';
import type { ClusterSnapshot, Holder, VipState, VipTopology } from './model';
import { place, unitsOf, type Departure, type Placement, type Unit } from './placement';
import type { CauseAgainst } from './votes';

/** The VIP itself is among them. @param cause null: what its group alone would do */
export function leavingWith(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  holder: Holder,
  cause: CauseAgainst | null,
): VipTopology[] {
  if (cause !== 'sip-stuck') return movingTogether(snapshot, vip, holder);
  // In one order whichever of them asks, so that what is decided of each fits what is decided of the others.
  return snapshot.topology.vips.filter(({ id }) => stateOf(snapshot, id)?.holder?.nodeId === holder.nodeId);
}

/** Where they would go. Nobody serves them where they are: an outage is worse than calls that wait for a clock. */
export function placesFor(
  snapshot: ClusterSnapshot,
  leaving: readonly VipTopology[],
  holder: Holder,
  cause: CauseAgainst | null,
  nowMs: number,
): Placement {
  const bound = cause === 'sip-stuck' ? leaving.flatMap(({ id }) => whyBound(snapshot, id, nowMs) ?? []) : [];
  if (bound.length > 0) return { kind: 'nowhere', why: bound };
  const places = placesByPreference(snapshot, leaving, holder, nowMs);
  if (places.kind === 'placed') return places;
  const anyhow = place(whateverTheirClocks(snapshot), unitsOf(leaving), leavingBySelf(holder), nowMs);
  return anyhow.kind === 'placed' ? { ...anyhow, despite: places.why } : places;
}

/**
 * The same of nodes that nothing speaks against. One whose group has gone before (it waited for a human) comes to where
 * that is, as long as it can: apart, the calls between them have no audio (FACTS 8.2).
 */
export function placesByPreference(
  snapshot: ClusterSnapshot,
  leaving: readonly VipTopology[],
  holder: Holder,
  nowMs: number,
): Placement {
  const units = unitsOf(leaving);
  const reunited = units.map((unit) => ({ ...unit, toNodeId: whereItsGroupWent(snapshot, unit, holder) }));
  const places = place(snapshot, reunited, leavingBySelf(holder), nowMs);
  return places.kind === 'placed' ? places : place(snapshot, units, leavingBySelf(holder), nowMs);
}

const leavingBySelf = ({ nodeId }: Holder): Departure => ({ nodeId, by: 'control-plane' });

/** null: all of its group that anybody holds are where it is. */
function whereItsGroupWent({ topology, vips }: ClusterSnapshot, { vips: [first] }: Unit, left: Holder): string | null {
  if (first === undefined || first.group === null) return null;
  const partners = topology.vips.filter(({ group }) => group === first.group).map(({ id }) => id);
  const gone = vips.find(
    ({ vipId, holder }) => partners.includes(vipId) && holder !== null && holder.nodeId !== left.nodeId,
  );
  return gone?.holder?.nodeId ?? null;
}

function whyBound(snapshot: ClusterSnapshot, vipId: string, nowMs: number): string | null {
  const state = stateOf(snapshot, vipId);
  if (state === undefined) return null;
  const ends = 'and would end with the process there';
  if (isPaused(state, nowMs)) return `${vipId} is paused, ${ends}`;
  return state.status === 'held' ? null : `${vipId} is on its way to ${state.holder?.nodeId ?? 'a node'}, ${ends}`;
}

/** A VIP whose process ends because another one's SIP is stuck goes with that one, well as it is. */
export function followProcess(
  snapshot: ClusterSnapshot,
  decisions: readonly Decision[],
  own: Decision,
  nowMs: number,
): Decision {
  const vip = snapshot.topology.vips.find((each) => each.id === own.vipId);
  const state = stateOf(snapshot, own.vipId);
  // One that is to be promoted again where its process ends goes along, too.
  const leaves = own.kind === 'change' && own.transition === 'failover';
  if (leaves || vip === undefined || state?.status !== 'held' || state.holder === null) return own;
  const { holder } = state;
  const leader = decisions.find(
    (decision): decision is Change =>
      decision.kind === 'change' &&
      decision.transition === 'failover' &&
      decision.cause === 'sip-stuck' &&
      decision.from?.nodeId === holder.nodeId,
  );
  if (leader === undefined) return own;
  const places = placesFor(snapshot, leavingWith(snapshot, vip, holder, 'sip-stuck'), holder, 'sip-stuck', nowMs);
  const to = places.kind === 'placed' ? places.to.get(vip.id) : undefined;
  if (to === undefined) return own;
  return {
    ...leader,
    vipId: vip.id,
    from: holder,
    to: { nodeId: to.nodeId, coreUuid: to.coreUuid },
    expectedEpoch: state.epoch,
    reasons: [
      `the process that serves ${vip.id} on ${holder.nodeId} ends with the failover of ${leader.vipId}: it moves too`,
      ...leader.reasons,
    ],
  };
}

const stateOf = ({ vips }: ClusterSnapshot, vipId: string): VipState | undefined =>
  vips.find((each) => each.vipId === vipId);
