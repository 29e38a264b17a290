/**
 * The cluster explained, at any time: what is seen, what follows from it, what is missing for a failover, and what would
 * happen now if something failed. Plain data, made by the same functions that decide. Pure.
 */
import { decide } from './decide';
import { besidesOf, type Beside } from './explain/besides';
import { headlineOf } from './explain/headline';
import { missingForFailover } from './explain/missing';
import { nameInWords, servedByName } from './explain/name';
import { settle, type Outcome } from './explain/outcome';
import { isServed, type Served } from './explain/served';
import { standbyOf } from './explain/standby';
import { whatIf, type Effect, type WhatIf } from './explain/what-if';
import { outcomeInWords, reasonsOf } from './explain/words';
import { classifyCluster, type Classification, type FailureEvent } from './failure-kinds';
import { isPaused } from './maintenance';
import type { ClusterSnapshot, Transition, VipState, VipTopology } from './model';
import { withOldHolders } from './planned-move';
import { positionOfVip, type VipPosition } from './state-machine/vip';

export type { Effect, Failure, WhatIf } from './explain/what-if';
export type { Beside } from './explain/besides';
export type { Served } from './explain/served';

export interface VipExplanation {
  vipId: string;
  status: VipPosition;
  epoch: number;
  holder: string | null;
  served: Served;
  /** Of a private name that could not be written yet: where it may still lead; null otherwise. */
  nameBehind: string | null;
  classification: Classification;
  /** As it would be made now; `does` are words that follow the name of the VIP. */
  decision: { does: string; reasons: string[] };
  /** Whom a failover would choose now; null: nobody. */
  standby: string | null;
  /** Empty where a failover is what would be decided now. */
  missingForFailover: string[];
}

export interface Explanation {
  cluster: string;
  /** Epoch milliseconds. */
  atMs: number;
  /** Whether callers are served, and the one thing to know. */
  headline: string;
  /** Why the cluster is paused; null when it is not. */
  paused: string | null;
  /** Failures as one sees them from afar: a dead zone is one. */
  events: FailureEvent[];
  /** What on-call is told of zones and nodes, the gravest first. */
  incidents: Beside[];
  vips: VipExplanation[];
  whatIf: WhatIf[];
}

/** @param journals of the VIPs' present epochs, open or not */
export function explain(snapshot: ClusterSnapshot, journals: readonly Transition[], nowMs: number): Explanation {
  const { topology, control } = snapshot;
  const served = withOldHolders(snapshot, journals);
  const { vips: classified, events } = classifyCluster(served, nowMs);
  const outcomes = settle(snapshot, journals, nowMs);
  const vips = topology.vips.flatMap((vip) => {
    const stored = snapshot.vips.find((each) => each.vipId === vip.id);
    const state = served.vips.find((each) => each.vipId === vip.id);
    const classification = classified[vip.id];
    const outcome = outcomes.get(vip.id);
    if (stored === undefined || state === undefined || classification === undefined || outcome === undefined) return [];
    const status = positionOfVip({ vip: stored, journal: journalOf(journals, stored) ?? null });
    return [{ ...explainVip(served, journals, vip, state, classification, outcome, nowMs), status }];
  });
  const unregistered = topology.vips.map(({ id }) => id).filter((id) => vips.every(({ vipId }) => vipId !== id));
  const paused = isPaused(control, nowMs) ? (control.pausedReason ?? 'no reason given') : null;
  const incidents = besidesOf(decide(snapshot, journals, nowMs));
  const foreseen = whatIf(served, journals, nowMs);
  const short = vips.map((vip) => ({
    ...vip,
    does: vip.decision.does,
    ifHolderDies: effectOfKilling(foreseen, vip.holder, vip.vipId),
  }));
  return {
    cluster: topology.cluster,
    atMs: nowMs,
    headline: headlineOf(paused, short, unregistered, incidents),
    paused,
    events,
    incidents,
    vips,
    whatIf: foreseen,
  };
}

function effectOfKilling(foreseen: readonly WhatIf[], nodeId: string | null, vipId: string): Effect | null {
  const killed = foreseen.find(
    ({ failure }) => failure.kind === 'node' && failure.how === 'killed' && failure.nodeId === nodeId,
  );
  return killed?.effects.find((effect) => effect.vipId === vipId) ?? null;
}

function explainVip(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  classification: Classification,
  outcome: Outcome,
  nowMs: number,
): VipExplanation {
  const { status, epoch, holder } = state;
  const nameBehind = nameInWords(vip, journalOf(journals, state));
  return {
    vipId: vip.id,
    status,
    epoch,
    holder: holder?.nodeId ?? null,
    served: servedByName(isServed(snapshot, state, classification, nowMs), vip, nameBehind),
    nameBehind,
    classification,
    decision: { does: outcomeInWords(outcome), reasons: reasonsOf(outcome) },
    standby: standbyOf(snapshot, vip, holder, nowMs),
    missingForFailover: failsOver(outcome) ? [] : whatIsMissing(snapshot, journals, vip, state, outcome, nowMs),
  };
}

const journalOf = (journals: readonly Transition[], { vipId, epoch }: VipState): Transition | undefined =>
  journals.find((each) => each.vipId === vipId && each.epoch === epoch);

/** Where nothing of its own is missing, it is another VIP that came first: then the decision says what it took. */
function whatIsMissing(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  vip: VipTopology,
  state: VipState,
  outcome: Outcome,
  nowMs: number,
): string[] {
  const own = missingForFailover(snapshot, journals, vip, state, nowMs);
  return own.length === 0 ? reasonsOf(outcome) : own;
}

function failsOver(outcome: Outcome): boolean {
  return outcome.kind === 'decided' && outcome.decision.kind === 'change' && outcome.decision.transition === 'failover';
}
