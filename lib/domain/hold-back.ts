/** What is done in place of a failover although a majority is against the holder: wait for its supervisor, or page. */
import { databaseToBlame } from './database-trouble';
import { incident, none, type Decision } from './decision';
import { quorumOf, type ClusterSnapshot, type Holder, type VipState, type VipTopology } from './model';
import { votersOn } from './voters';
import { detectedAtMs, votesOn, type Verdicts } from './votes';

/**
 * SIP that falls silent alone, with ESL well or gone since before, while the database is slow or away and no majority
 * finds it well: registrations run SQL in the thread that answers OPTIONS (FACTS 8.6). Calls are taken meanwhile, and
 * the next holder would ask the same database: it is paged, whatever the policy says.
 */
export function pageForDatabase(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  if (verdict.kind !== 'against' || snapshot.topology.database === null) return null;
  if (verdict.cause === 'conclusive-death') return null;
  const lives = verdict.cause === 'sip-stuck' || isSeenAlive(snapshot, state, holder, nowMs);
  if (!lives && !sipFellSilentAlone(snapshot, vip.id, holder, nowMs)) return null;
  const troubled = databaseToBlame(snapshot, holder.nodeId, nowMs);
  if (troubled.length === 0) return null;
  const { host, port } = snapshot.topology.database;
  const reasons = [
    `the database ${host}:${port} does not answer well: ${troubled.join('; ')}`,
    `SIP of ${holder.nodeId} ${lives ? 'is silent while its FreeSWITCH lives' : 'fell silent long after ESL did'}, as it does ` +
      'when its database hangs; nothing was torn down',
  ];
  return incident(vip.id, state, 'database-trouble', nowMs, reasons, holder.nodeId);
}

/**
 * Whoever reads its event socket knows that it lives, though a majority does not reach that: SIP alone fell silent. Not by
 * the word of its own zone, which also reaches it when that zone is cut off with its callers.
 */
function isSeenAlive(
  { topology, observations }: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): boolean {
  const home = topology.nodes.find(({ id }) => id === holder.nodeId)?.zone;
  const votes = votesOn(topology, observations, state, holder, nowMs);
  return votes.some(({ zone, opinion }) => zone !== home && opinion.kind === 'sip-stuck');
}

/** A majority saw ESL go more than a look before: what ends with the process ends with both (`opinions.ts`). */
function sipFellSilentAlone(
  { topology, observations }: ClusterSnapshot,
  vipId: string,
  { nodeId }: Holder,
  nowMs: number,
): boolean {
  const { probeIntervalMs, probeTimeoutMs, freshForMs } = topology.policy;
  const later = votersOn(topology, observations, nodeId, nowMs, freshForMs).filter(({ observation }) => {
    const sipSinceMs = observation.sipMissingSinceMs[vipId] ?? null;
    const eslSinceMs = observation.eslMissingSinceMs;
    return sipSinceMs !== null && eslSinceMs !== null && sipSinceMs - eslSinceMs > probeIntervalMs + probeTimeoutMs;
  });
  return later.length >= quorumOf(topology.observers.length);
}

/**
 * A crash that the supervisor on the node may cure: the policy gives it a moment before the VIP moves. Not to a holder
 * that took the VIP, or took it back, less than a block period ago: a restart that does not last is no cure. The first
 * holder (epoch 1) has had none. Nor where another VIP of the node has failed over already: its role is locked by that,
 * and no FreeSWITCH comes up with a locked role.
 */
export function waitForSupervisor(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  const { crashAction, restartGraceMs, blockPeriodMs } = snapshot.topology.policy;
  if (crashAction !== 'restart-in-place' || verdict.kind !== 'against' || verdict.cause !== 'conclusive-death')
    return null;
  const sinceMs = detectedAtMs(snapshot.observations, holder.nodeId, vip.id, verdict.zones, nowMs);
  if (state.epoch > 1 && sinceMs - state.changedAtMs < blockPeriodMs) return null;
  if (snapshot.nodes.some(({ nodeId, lockedBy }) => nodeId === holder.nodeId && lockedBy !== null)) return null;
  const leftMs = sinceMs + restartGraceMs - nowMs;
  if (leftMs <= 0) return null;
  return none(vip.id, `${holder.nodeId} crashed: its supervisor has ${Math.ceil(leftMs / 1000)} s more to restart it`);
}

/** The incident in place of a failover, where the policy only pages for a stuck SIP stack; null where it fails over. */
export function pageForStuckSip(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck') return null;
  if (snapshot.topology.policy.sipStuckAction !== 'page') return null;
  const seen = `${holder.nodeId}: ${verdict.cause}, seen from ${verdict.zones.join(', ')}`;
  const why = 'its FreeSWITCH lives: it may be a slow database, and sipStuckAction is `page`; nothing was torn down';
  return incident(vip.id, state, 'sip-stuck', nowMs, [seen, why], holder.nodeId);
}
