/** What the operator's `status` shows: state, evidence, and what the judgement says now, in words. Pure. */
import { blockEndsAtMs } from '../domain/block-period';
import { rankCandidates } from '../domain/candidates';
import { decide } from '../domain/decide';
import { ofNoVip, type Decision } from '../domain/decision';
import { isPaused } from '../domain/maintenance';
import type {
  ClusterSnapshot,
  DatabaseEvidence,
  NodeTopology,
  Observation,
  Transition,
  VipState,
} from '../domain/model';
import { STEP_NAMES, type StepName } from '../domain/model';
import { isAcknowledged } from '../domain/sent-elsewhere';
import { standbysAmong } from '../domain/standbys';
import { whyNoVote } from '../domain/voters';

export interface VipStatus {
  vipId: string;
  /** As its item says; `stuck` where its journal was closed so. */
  status: string;
  /** Nobody works on its change of holder any more; one that is acknowledged begins anew. null: it is not stuck. */
  stuck: { sinceMs: number; isAcknowledged: boolean } | null;
  holder: string;
  epoch: number;
  paused: boolean;
  /** The end of its maintenance window; null when it is not paused, or until it is resumed. */
  pausedUntilMs: number | null;
  /** Nodes that would take over by themselves. */
  standbys: string[];
  /** Nodes that are fit, and that only an operator may choose. */
  standbysByHandOnly: string[];
  /** Until then no second failover of it comes by itself, unless somebody acknowledges the first; null: it may. */
  blockedUntilMs: number | null;
  judgement: string;
}

export interface NodeStatus {
  nodeId: string;
  paused: boolean;
  pausedUntilMs: number | null;
  /** The transition that took it out of service; null when it is in service. */
  lockedBy: string | null;
  /** Per observer zone: what it sees, how far the node's clock is off (negative: behind), and how long ago. */
  seen: { zone: string; esl: string; sip: string; clockOffsetMs: number | null; ageMs: number; note: string }[];
}

/** A step that was tried and did not end yet, with its last error. */
export interface OpenStep {
  transitionId: string;
  step: StepName;
  attempts: number;
  error: string;
}

export interface ClusterStatus {
  cluster: string;
  paused: string | null;
  pausedUntilMs: number | null;
  vips: VipStatus[];
  nodes: NodeStatus[];
  /** What on-call is told of zones and nodes: `of` is `zone X` or `node X`. */
  incidents: { of: string; says: string }[];
  /** The shared database as each zone's newest look found it; empty where the cluster has none. */
  database: { zone: string; verdict: DatabaseEvidence['verdict']; detail: string; ageMs: number }[];
  openSteps: OpenStep[];
}

function wordsOf(decision: Decision | undefined): string {
  if (decision === undefined) return 'no judgement';
  const reasons = decision.reasons.join('; ');
  switch (decision.kind) {
    case 'none':
    case 'learn-uuid':
      return reasons;
    case 'incident':
      return `${decision.incident.kind}: ${reasons}`;
    case 'change':
      return `would ${decision.transition} to ${decision.to.nodeId}: ${reasons}`;
  }
}

/** @param journals of the VIPs' present epochs, open or not */
export function clusterStatus(
  snapshot: ClusterSnapshot,
  journals: readonly Transition[],
  nowMs: number,
): ClusterStatus {
  const decisions = decide(snapshot, journals, nowMs);
  return {
    cluster: snapshot.topology.cluster,
    paused: isPaused(snapshot.control, nowMs) ? (snapshot.control.pausedReason ?? 'no reason given') : null,
    pausedUntilMs: pauseOf(snapshot.control, nowMs).pausedUntilMs,
    vips: snapshot.vips.flatMap((state) => {
      const vip = snapshot.topology.vips.find((each) => each.id === state.vipId);
      if (vip === undefined) return [];
      const blockEndsMs = blockEndsAtMs(snapshot, state);
      const stuck = stuckIn(state, journals);
      const standbys = standbysAmong(rankCandidates(snapshot, vip, state.holder?.nodeId ?? null, nowMs));
      return [
        {
          vipId: state.vipId,
          status: stuck === null ? state.status : 'stuck',
          stuck,
          holder: state.holder?.nodeId ?? 'nobody',
          epoch: state.epoch,
          ...pauseOf(state, nowMs),
          standbys: standbys.byItself,
          standbysByHandOnly: standbys.byHandOnly,
          blockedUntilMs: blockEndsMs > nowMs ? blockEndsMs : null,
          judgement: wordsOf(decisions.find((each) => each.vipId === state.vipId)),
        },
      ];
    }),
    nodes: snapshot.topology.nodes.map((node) => nodeStatus(snapshot, node, nowMs)),
    incidents: ofNoVip(decisions).map((each) => ({ of: each.vipId, says: wordsOf(each) })),
    database: snapshot.topology.database === null ? [] : databaseStatus(snapshot.observations, nowMs),
    openSteps: journals.flatMap(openSteps),
  };
}

/** The item of a VIP says `moving` until a new change begins: that it waits for a human stands in its journal. */
function stuckIn(state: VipState, journals: readonly Transition[]): VipStatus['stuck'] {
  const journal = journals.find(({ vipId, epoch }) => vipId === state.vipId && epoch === state.epoch);
  if (journal?.status !== 'stuck') return null;
  return { sinceMs: journal.closedAtMs ?? journal.decidedAtMs, isAcknowledged: isAcknowledged(state, journal) };
}

/** A window that has ended is no pause any more, whatever the item says until somebody resumes it. */
function pauseOf(
  item: { paused: boolean; pausedUntilMs: number | null },
  nowMs: number,
): { paused: boolean; pausedUntilMs: number | null } {
  const paused = isPaused(item, nowMs);
  return { paused, pausedUntilMs: paused ? item.pausedUntilMs : null };
}

function nodeStatus({ topology, nodes, observations }: ClusterSnapshot, node: NodeTopology, nowMs: number): NodeStatus {
  const state = nodes.find((each) => each.nodeId === node.id);
  return {
    nodeId: node.id,
    ...pauseOf(state ?? { paused: false, pausedUntilMs: null }, nowMs),
    lockedBy: state?.lockedBy ?? null,
    seen: observations
      .filter((each) => each.nodeId === node.id)
      .map((each) => ({
        zone: each.zone,
        esl: each.esl.verdict,
        sip: Object.entries(each.sip)
          .map(([vipId, evidence]) => `${vipId} ${evidence.verdict}`)
          .join(', '),
        clockOffsetMs: each.esl.clockOffsetMs,
        ageMs: nowMs - each.observedAtMs,
        note: withoutVote(whyNoVote(topology, observations, node.id, each.zone, nowMs)),
      })),
  };
}

/** A look that is old shows what was: nothing else in its line says that its observer is gone. */
const withoutVote = (why: string | null): string => (why === null ? '' : `no vote: ${why}`);

/** Every observation of a zone carries the same word on the database; the newest one counts. */
function databaseStatus(observations: readonly Observation[], nowMs: number): ClusterStatus['database'] {
  const newest = new Map<string, Observation>();
  for (const each of observations) {
    const other = newest.get(each.zone);
    if (each.database !== null && (other === undefined || other.observedAtMs < each.observedAtMs)) {
      newest.set(each.zone, each);
    }
  }
  return [...newest.values()]
    .sort((one, other) => one.zone.localeCompare(other.zone))
    .flatMap(({ zone, database, observedAtMs }) =>
      database === null
        ? []
        : [{ zone, verdict: database.verdict, detail: database.detail, ageMs: nowMs - observedAtMs }],
    );
}

function openSteps(journal: Transition): OpenStep[] {
  return STEP_NAMES.flatMap((step) => {
    const { status, attempts, error } = journal.steps[step];
    const isOpen = status === 'pending' || status === 'failed';
    return isOpen && error !== null ? [{ transitionId: journal.id, step, attempts, error }] : [];
  });
}
