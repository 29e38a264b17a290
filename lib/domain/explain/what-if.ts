/** What would happen now if something failed: the same `decide`, asked about the cluster as it would then look. Pure. */
import { classify } from '../failure-kinds';
import { isPaused } from '../maintenance';
import {
  assertNever,
  type ClusterSnapshot,
  type Policy,
  type Transition,
  type VipState,
  type VipTopology,
} from '../model';
import {
  asIfDatabaseFailed,
  asIfNothingFailed,
  asIfNodeFailed,
  asIfZoneFailed,
  NODE_FAILURES,
  type Moment,
  type NodeFailure,
} from './as-if';
import { settle, type Outcome } from './outcome';
import { isServed, type Served } from './served';
import { standbyOf } from './standby';
import { isActedOn, outcomeInWords } from './words';

export type Failure =
  | { kind: 'node'; nodeId: string; how: NodeFailure }
  | { kind: 'zone'; zone: string }
  | { kind: 'store' }
  /** `hangs`: FreeSWITCH's SIP threads wait for it, so that OPTIONS are not answered either. */
  | { kind: 'database'; sip: 'answers' | 'hangs' };

export interface WhatIf {
  failure: Failure;
  effects: Effect[];
}

/** What a failure would mean for one VIP. */
export interface Effect {
  vipId: string;
  /** In words that follow its name. */
  says: string;
  /** Whether the control plane would give it a holder that serves, or it keeps one that serves now. */
  staysServed: boolean;
}

export function whatIf(snapshot: ClusterSnapshot, journals: readonly Transition[], nowMs: number): WhatIf[] {
  const anyway = stagesOf(snapshot, journals, null, nowMs);
  return failuresOf(snapshot).map((failure) => {
    const { vips } = snapshot.topology;
    if (failure.kind === 'store') return { failure, effects: vips.map((vip) => withoutStore(snapshot, vip, nowMs)) };
    const stages = stagesOf(snapshot, journals, failure, nowMs);
    return { failure, effects: vips.map((vip) => effectOn(snapshot, vip, failure, stages, anyway, nowMs)) };
  });
}

/** Not asked of `decide`: without the store there is nothing to decide from, and nowhere to write it (invariant 6). */
function withoutStore(snapshot: ClusterSnapshot, vip: VipTopology, nowMs: number): Effect {
  const state = snapshot.vips.find((each) => each.vipId === vip.id);
  if (state === undefined) return withoutState(vip);
  const served = servedNow(snapshot, vip, state, nowMs);
  const paused = whatIsPaused(snapshot, state, nowMs);
  const meanwhile =
    paused === null
      ? 'a failure meanwhile waits until it answers'
      : `a failure meanwhile waits until it answers and ${paused} is resumed`;
  return {
    vipId: vip.id,
    says: `nothing is decided and nothing expires: ${storeAwayFor(state, served, meanwhile)}`,
    staysServed: served === 'yes',
  };
}

function storeAwayFor({ status, holder }: VipState, served: Served, meanwhile: string): string {
  if (status === 'moving') {
    const to = holder?.nodeId ?? 'its holder';
    return served === 'yes'
      ? `${to} serves already, and the rest of the move waits for the store`
      : `its promotion on ${to} waits for the store, and its callers with it`;
  }
  switch (served) {
    case 'yes':
      return `calls go on; ${meanwhile}`;
    case 'no':
      return 'its callers are not served now, and nothing is done about it until the store answers';
    case 'unknown':
      return `nobody can tell whether its callers are served now; ${meanwhile}`;
    default:
      return assertNever(served);
  }
}

function whatIsPaused({ control, nodes }: ClusterSnapshot, state: VipState, nowMs: number): string | null {
  if (isPaused(control, nowMs)) return 'the cluster';
  if (isPaused(state, nowMs)) return 'the VIP';
  const node = nodes.find((each) => each.nodeId === state.holder?.nodeId);
  return node !== undefined && isPaused(node, nowMs) ? `its holder ${node.nodeId}` : null;
}

const withoutState = (vip: VipTopology): Effect => ({
  vipId: vip.id,
  says: 'has no state in the store',
  staysServed: false,
});

const servedNow = (snapshot: ClusterSnapshot, vip: VipTopology, state: VipState, nowMs: number): Served =>
  isServed(snapshot, state, classify(snapshot, vip, state, nowMs), nowMs);

function failuresOf({ topology }: ClusterSnapshot): Failure[] {
  const zones = [...new Set([...topology.nodes.map((node) => node.zone), ...topology.observers])].sort();
  return [
    ...topology.nodes.flatMap(({ id: nodeId }) => NODE_FAILURES.map((how) => ({ kind: 'node' as const, nodeId, how }))),
    ...zones.map((zone) => ({ kind: 'zone' as const, zone })),
    { kind: 'store' },
    ...(topology.database === null
      ? []
      : (['answers', 'hangs'] as const).map((sip) => ({ kind: 'database' as const, sip }))),
  ];
}

type JudgedFailure = Exclude<Failure, { kind: 'store' }>;

/** The failure, or the time without one, after it has lasted for a while, and what is decided then. */
interface Stage {
  lastedMs: number;
  snapshot: ClusterSnapshot;
  outcomes: ReadonlyMap<string, Outcome>;
}

function stagesOf(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  failure: JudgedFailure | null,
  nowMs: number,
): Stage[] {
  return thresholdsMs(snapshot.topology.policy).map((lastedMs) => {
    const after = snapshotAfter(snapshot, failure, { nowMs, lastedMs });
    return { lastedMs, snapshot: after, outcomes: settle(after, journals, nowMs + lastedMs) };
  });
}

/** What is told only when it lasts (a lost quorum, a gray failure) has been told by then. */
const LASTING_MS = 120_000;

/** When a failure may cross a threshold: enough misses, the hold, an observer too old, the supervisor's turn, and long. */
function thresholdsMs(policy: Policy): number[] {
  const { probeIntervalMs, suspectAfterMisses, sipStuckAfterMisses } = policy;
  const missesMs = Math.max(suspectAfterMisses, sipStuckAfterMisses) * probeIntervalMs;
  const waits = [policy.dissentHoldMs, policy.freshForMs, policy.restartGraceMs].map((ms) => ms + probeIntervalMs);
  return [missesMs, ...[...waits, LASTING_MS].filter((ms) => ms > missesMs).sort((one, other) => one - other)];
}

function snapshotAfter(snapshot: ClusterSnapshot, failure: JudgedFailure | null, moment: Moment): ClusterSnapshot {
  if (failure === null) return asIfNothingFailed(snapshot, moment);
  switch (failure.kind) {
    case 'node':
      return asIfNodeFailed(snapshot, failure.nodeId, failure.how, moment);
    case 'zone':
      return asIfZoneFailed(snapshot, failure.zone, moment);
    case 'database':
      return asIfDatabaseFailed(snapshot, failure.sip, moment);
  }
}

function effectOn(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  failure: JudgedFailure,
  stages: readonly Stage[],
  anyway: readonly Stage[],
  nowMs: number,
): Effect {
  const isLost = holderIsLost(snapshot, vip, failure);
  const isActing = ({ outcomes }: Stage, index: number): boolean => {
    const outcome = outcomes.get(vip.id);
    if (outcome === undefined || !isActedOn(outcome)) return false;
    return isLost || !isSameIncident(outcome, anyway[index]?.outcomes.get(vip.id));
  };
  const acting = stages.find(isActing);
  const stage = acting ?? stages.at(-1);
  const outcome = stage?.outcomes.get(vip.id);
  const state = snapshot.vips.find((each) => each.vipId === vip.id);
  if (stage === undefined || outcome === undefined || state === undefined) return withoutState(vip);
  if (acting === undefined && isLost) {
    return { vipId: vip.id, says: `${outcomeInWords(outcome)}; its callers are not served`, staysServed: false };
  }
  const served = servedNow(snapshot, vip, state, nowMs);
  if (acting === undefined) {
    const loses = whatIsLost(snapshot, vip, failure, stage, nowMs);
    return { vipId: vip.id, says: `is not affected${loses}${asItIs(state, served)}`, staysServed: served === 'yes' };
  }
  const wait = stage === stages[0] ? '' : `, after about ${Math.round(stage.lastedMs / 1000)} s`;
  const calls = failure.kind === 'database' && isTakenOver(outcome) ? ', without its established calls' : '';
  const says = `${outcomeInWords(outcome)}${wait}${calls}`;
  // Who only pages leaves it where it is. Calls are taken also while SIP waits for the database (FACTS 8.6).
  return { vipId: vip.id, says, staysServed: isTakenOver(outcome) || (!isLost && served === 'yes') };
}

/** What is the matter with a VIP that goes on as it is: "not affected" alone would sound like "served". */
function asItIs({ status, holder }: VipState, served: Served): string {
  if (served === 'yes') return '';
  if (status === 'moving')
    return `; its callers are not served until its move to ${holder?.nodeId ?? 'a node'} has ended`;
  return served === 'no' ? '; its callers are not served now' : '; nobody can tell whether its callers are served now';
}

const isTakenOver = (outcome: Outcome): boolean => outcome.kind === 'decided' && outcome.decision.kind === 'change';

/** It is told with the failure or without: what is the matter was so before. */
function isSameIncident(outcome: Outcome, without: Outcome | undefined): boolean {
  const kindOf = (each: Outcome | undefined): string | null =>
    each?.kind === 'decided' && each.decision.kind === 'incident' ? each.decision.incident.kind : null;
  const kind = kindOf(outcome);
  return kind !== null && kind === kindOf(without);
}

function holderIsLost({ topology, vips }: ClusterSnapshot, vip: VipTopology, failure: JudgedFailure): boolean {
  const nodeId = vips.find((each) => each.vipId === vip.id)?.holder?.nodeId;
  if (failure.kind === 'node') return failure.nodeId === nodeId;
  return failure.kind === 'zone' && topology.nodes.find((node) => node.id === nodeId)?.zone === failure.zone;
}

/** What a VIP that goes on as it is loses all the same: nobody notices until the next failure. */
function whatIsLost(
  before: ClusterSnapshot,
  vip: VipTopology,
  failure: JudgedFailure,
  { snapshot: after, lastedMs }: Stage,
  nowMs: number,
): string {
  if (failure.kind === 'database') return '; a failover meanwhile would lose its established calls';
  const holder = before.vips.find((each) => each.vipId === vip.id)?.holder ?? null;
  const had = standbyOf(before, vip, holder, nowMs);
  const has = standbyOf(after, vip, holder, nowMs + lastedMs);
  return had !== null && has === null ? ', and has no standby left' : '';
}
