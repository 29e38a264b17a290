/** What the judgement may say of a VIP, and the few ways to say that nothing changes. */
import type { Candidate } from './candidate';
import type { Cause, Holder, Incident, Transition, TransitionKind, VipState } from './model';

export interface Change {
  kind: 'change';
  vipId: string;
  transition: TransitionKind;
  cause: Cause;
  from: Holder | null;
  to: Holder;
  expectedEpoch: number;
  detectedAtMs: number;
  /** Whether it starts the VIP's block period: a failover does; retargeting and reinstatement do not. */
  startsBlock: boolean;
  /** The journal of the same chain that this one goes on from: an open one is superseded, a stuck one was acknowledged. */
  follows: Transition | null;
  reasons: string[];
}

export type Decision =
  /** `keeps`: well, and yet what was told of this kind is not over. */
  | { kind: 'none'; vipId: string; well: boolean; keeps?: Incident['kind']; reasons: string[] }
  | { kind: 'learn-uuid'; vipId: string; epoch: number; coreUuid: string; reasons: string[] }
  | Change
  /** `vipId`: `zone X` or `node X` where the incident is that zone's or that node's, and no VIP's own. */
  | { kind: 'incident'; vipId: string; incident: Incident; reasons: string[] };

export type IncidentDecision = Extract<Decision, { kind: 'incident' }>;

/** Those of zones and nodes, which come after those of the VIPs: the VIPs may be well meanwhile. */
export function ofNoVip(decisions: readonly Decision[]): IncidentDecision[] {
  return decisions.filter((each) => each.kind === 'incident').filter(({ incident }) => incident.vipId === null);
}

/** The reason of an incident of a holder that nothing was taken from; a VIP on its way has been taken from one. */
export const NOTHING_TORN_DOWN = 'nothing was torn down';

export function whyNot(candidates: readonly Candidate[]): string[] {
  if (candidates.length === 0) return ['there is no other candidate'];
  return candidates.flatMap((each) => {
    if (!each.eligible) return [`${each.nodeId} is not fit: ${each.why}`];
    return each.manualOnly ? [`${each.nodeId} is fit, and only an operator may choose it (manualOnly)`] : [];
  });
}

export function none(vipId: string, ...reasons: string[]): Decision {
  return { kind: 'none', vipId, well: false, reasons };
}

export function well(vipId: string, ...reasons: string[]): Extract<Decision, { kind: 'none' }> {
  return { kind: 'none', vipId, well: true, reasons };
}

export function incident(
  vipId: string,
  state: VipState,
  kind: Incident['kind'],
  nowMs: number,
  reasons: string[],
  nodeId: string | null = null,
): IncidentDecision {
  return {
    kind: 'incident',
    vipId,
    incident: { kind, vipId, nodeId, epoch: state.epoch, reasons, atMs: nowMs, notifiedAtMs: null },
    reasons,
  };
}
