/** What the operator's `status` shows: state, evidence, and what the judgement says now, in words. Pure. */
import { rankCandidates } from '../domain/candidates';
import { decide, type Decision } from '../domain/decide';
import type { ClusterSnapshot, Transition } from '../domain/model';

export interface VipStatus {
  vipId: string;
  status: string;
  holder: string;
  epoch: number;
  paused: boolean;
  standbys: string[];
  judgement: string;
}

export interface NodeStatus {
  nodeId: string;
  /** Per observer zone: what it sees, and how long ago. */
  seen: { zone: string; esl: string; sip: string; ageMs: number; note: string }[];
}

export interface ClusterStatus {
  cluster: string;
  paused: string | null;
  vips: VipStatus[];
  nodes: NodeStatus[];
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

export function clusterStatus(snapshot: ClusterSnapshot, open: readonly Transition[], nowMs: number): ClusterStatus {
  const decisions = decide(snapshot, open, nowMs);
  return {
    cluster: snapshot.topology.cluster,
    paused: snapshot.control.paused ? (snapshot.control.pausedReason ?? 'no reason given') : null,
    vips: snapshot.vips.flatMap((state) => {
      const vip = snapshot.topology.vips.find((each) => each.id === state.vipId);
      if (vip === undefined) return [];
      const candidates = rankCandidates(snapshot, vip, state.holder?.nodeId ?? null, nowMs);
      return [
        {
          vipId: state.vipId,
          status: state.status,
          holder: state.holder?.nodeId ?? 'nobody',
          epoch: state.epoch,
          paused: state.paused,
          standbys: candidates.filter((each) => each.eligible).map((each) => each.nodeId),
          judgement: wordsOf(decisions.find((each) => each.vipId === state.vipId)),
        },
      ];
    }),
    nodes: snapshot.topology.nodes.map((node) => ({
      nodeId: node.id,
      seen: snapshot.observations
        .filter((each) => each.nodeId === node.id)
        .map((each) => ({
          zone: each.zone,
          esl: each.esl.verdict,
          sip: Object.entries(each.sip)
            .map(([vipId, evidence]) => `${vipId} ${evidence.verdict}`)
            .join(', '),
          ageMs: nowMs - each.observedAtMs,
          note: [each.blind ? 'blind' : '', each.muted ? 'muted' : ''].filter((word) => word !== '').join(' '),
        })),
    })),
  };
}
