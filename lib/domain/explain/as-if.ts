/**
 * The cluster as the store would show it, had something failed now and lasted for a while: what the observers that have
 * a vote would then have written. Pure; `decide` judges what comes out, as it would judge the real thing.
 */
import { votersOn } from '../votes';
import type { ClusterSnapshot, DatabaseEvidence, EslEvidence, Observation, SipEvidence, Topology } from '../model';

/** `killed`: the process ends, its host answers. `frozen` and `host-lost` are the same to those who look: silence. */
export const NODE_FAILURES = ['killed', 'frozen', 'host-lost'] as const;
export type NodeFailure = (typeof NODE_FAILURES)[number];

/** What happened, and when: it began at `nowMs`, and the returned snapshot is that of `nowMs + lastedMs`. */
export interface Moment {
  nowMs: number;
  lastedMs: number;
}

export function asIfNodeFailed(
  snapshot: ClusterSnapshot,
  nodeId: string,
  how: NodeFailure,
  moment: Moment,
): ClusterSnapshot {
  return later(snapshot, moment, (observation) =>
    observation.nodeId === nodeId ? failedLook(snapshot.topology, observation, how, moment) : observation,
  );
}

/** All nodes of the zone fall silent, and its observer writes nothing any more: what it wrote grows old. */
export function asIfZoneFailed(snapshot: ClusterSnapshot, zone: string, moment: Moment): ClusterSnapshot {
  const lost = new Set(snapshot.topology.nodes.filter((node) => node.zone === zone).map((node) => node.id));
  const others = later(snapshot, moment, (observation) =>
    lost.has(observation.nodeId) ? failedLook(snapshot.topology, observation, 'host-lost', moment) : observation,
  );
  const own = snapshot.observations.filter((each) => each.zone === zone);
  return {
    ...others,
    observations: [...others.observations.filter((each) => each.zone !== zone), ...own],
    leases: snapshot.leases.filter((lease) => lease.zone !== zone),
  };
}

/** What comes with time alone, and is no consequence of a failure. */
export function asIfNothingFailed(snapshot: ClusterSnapshot, moment: Moment): ClusterSnapshot {
  return later(snapshot, moment, (observation) => observation);
}

/** `sip`: whether FreeSWITCH goes on answering OPTIONS, or its threads hang on the database too. */
export function asIfDatabaseFailed(
  snapshot: ClusterSnapshot,
  sip: 'answers' | 'hangs',
  moment: Moment,
): ClusterSnapshot {
  const database: DatabaseEvidence = { verdict: 'away', detail: 'as if it were away', latencyMs: null };
  return later(snapshot, moment, (observation) => {
    const seen = { ...observation, database };
    return sip === 'answers' ? seen : { ...seen, ...missedSip(snapshot.topology, observation, moment) };
  });
}

/** Time goes on for those who have a vote: they look again, and what they see is `change`d. */
function later(
  snapshot: ClusterSnapshot,
  { nowMs, lastedMs }: Moment,
  change: (observation: Observation) => Observation,
): ClusterSnapshot {
  const { topology } = snapshot;
  const voting = new Set(
    topology.nodes.flatMap((node) =>
      votersOn(topology, snapshot.observations, node.id, nowMs, topology.policy.freshForMs).map(
        ({ observation }) => observation,
      ),
    ),
  );
  const observations = snapshot.observations.map((each) =>
    voting.has(each) ? change({ ...each, observedAtMs: nowMs + lastedMs }) : each,
  );
  return { ...snapshot, observations };
}

function failedLook(topology: Topology, observation: Observation, how: NodeFailure, moment: Moment): Observation {
  const esl: EslEvidence = {
    verdict: how === 'killed' ? 'refused' : 'silent',
    detail: `as if ${how}`,
    latencyMs: null,
    coreUuid: null,
    sessions: null,
    clockOffsetMs: null,
    shutdownPending: null,
  };
  const missed = missedLooks(topology, moment);
  return {
    ...observation,
    ...missedSip(topology, observation, moment),
    esl,
    eslMisses: observation.eslMisses + missed,
    eslMissingSinceMs: observation.eslMissingSinceMs ?? moment.nowMs,
    eslRefusedSinceMs: how === 'killed' ? (observation.eslRefusedSinceMs ?? moment.nowMs) : null,
    eslHistory: pushMisses(observation.eslHistory, missed),
    eslWellSinceMs: null,
  };
}

type SipPart = Pick<Observation, 'sip' | 'sipMisses' | 'sipMissingSinceMs' | 'sipHistory' | 'sipStandbys'>;

function missedSip(topology: Topology, observation: Observation, moment: Moment): SipPart {
  const missed = missedLooks(topology, moment);
  const silent: SipEvidence = { verdict: 'silent', detail: 'as if silent', latencyMs: null };
  const perVip = <T>(value: (vipId: string) => T): Record<string, T> =>
    Object.fromEntries(Object.keys(observation.sip).map((vipId) => [vipId, value(vipId)]));
  return {
    sip: perVip(() => silent),
    sipMisses: perVip((vipId) => (observation.sipMisses[vipId] ?? 0) + missed),
    sipMissingSinceMs: perVip((vipId) => observation.sipMissingSinceMs[vipId] ?? moment.nowMs),
    sipHistory: perVip((vipId) => pushMisses(observation.sipHistory[vipId] ?? 0, missed)),
    sipStandbys: perVip(() => 0),
  };
}

function missedLooks({ policy }: Topology, { lastedMs }: Moment): number {
  return Math.max(1, Math.floor(lastedMs / policy.probeIntervalMs));
}

/** Bits of a history that JavaScript's bit operators can hold without a sign. */
const HISTORY_BITS = 31;

function pushMisses(history: number, missed: number): number {
  const all = 2 ** HISTORY_BITS - 1;
  return missed >= HISTORY_BITS ? all : ((history << missed) | ((1 << missed) - 1)) & all;
}
