/**
 * What an operator's switchover would change: pure, and the same for the forecast, for the question and for the write.
 * `fsctl shutdown now` takes every VIP of a node with it (FACTS 8.3), so all of them move; a drained VIP moves alone.
 */
import type { Change } from '../domain/decision';
import type { ClusterSnapshot, Holder } from '../domain/model';
import { place, unitsOf, type Unit } from '../domain/placement';
import { findHeld, heldBy, whyNot, type HeldVip } from './switchover-readiness';

export interface SwitchoverRequest {
  vipId: string;
  /** null: the most preferred node that is fit. */
  toNodeId: string | null;
  /** The VIP was drained: it moves alone, without calls, and its old holder goes on. */
  drained: boolean;
  /** Its calls may be lost where they cannot be handed over. */
  abandonCalls: boolean;
}

export type SwitchoverPlan =
  { kind: 'refused'; reasons: string[] } | { kind: 'planned'; holder: Holder; changes: Change[] };

/** @param nowMs epoch milliseconds, against which the age of what observers saw is judged */
export function planSwitchover(snapshot: ClusterSnapshot, request: SwitchoverRequest, nowMs: number): SwitchoverPlan {
  const found = findHeld(snapshot, request.vipId);
  if (!('holder' in found)) return { kind: 'refused', reasons: [found.why] };
  const moving = request.drained ? [found] : heldBy(snapshot, found);
  const reasons = whyNot(snapshot, moving, request, nowMs);
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const units = unitsLeaving(moving, request.toNodeId);
  const placed = place(snapshot, units, { nodeId: found.holder.nodeId, by: 'operator' }, nowMs);
  if (placed.kind === 'nowhere') return { kind: 'refused', reasons: placed.why };
  const changes = [...placed.to].flatMap(([vipId, { nodeId, coreUuid }]) =>
    moving
      .filter(({ vip }) => vip.id === vipId)
      .map((held) => changeOf(held, { nodeId, coreUuid }, request.drained, nowMs)),
  );
  return { kind: 'planned', holder: found.holder, changes };
}

/** The named VIP's group first: it may have been sent to a node, and the others take what is left. */
function unitsLeaving(moving: readonly HeldVip[], toNodeId: string | null): Unit[] {
  return unitsOf(moving.map(({ vip }) => vip)).map((unit, index) => (index === 0 ? { ...unit, toNodeId } : unit));
}

function changeOf({ vip, state, holder }: HeldVip, to: Holder, drained: boolean, nowMs: number): Change {
  const isHome = vip.candidates[0] === to.nodeId;
  return {
    kind: 'change',
    vipId: vip.id,
    transition: isHome ? 'failback' : 'switchover',
    cause: drained ? 'operator-drained' : 'operator',
    from: holder,
    to,
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    // A human watches: the next failure is a new one.
    startsBlock: false,
    follows: null,
    reasons: [
      drained
        ? `an operator moves ${vip.id}, drained before, from ${holder.nodeId}`
        : `an operator moves ${vip.id} with its calls from ${holder.nodeId}, whose process ends by order`,
      `${to.nodeId} is ${isHome ? 'its most preferred node, and fit' : 'fit to take it'}`,
    ],
  };
}
