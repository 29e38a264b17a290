/** What is done in place of a failover although a majority is against the holder: wait for its supervisor, or page. */
import { databaseTrouble } from './database-trouble';
import { incident, none, type Decision } from './decision';
import { quorumOf, type ClusterSnapshot, type Holder, type VipState, type VipTopology } from './model';
import { detectedAtMs, type Verdicts } from './votes';

/**
 * SIP silence with ESL well, while a majority of those who see it also find the database slow or away: registrations
 * run SQL in the thread that answers OPTIONS (FACTS 8.6). Calls are taken meanwhile, and the next holder would ask the
 * same database: it is paged, whatever the policy says.
 */
export function pageForDatabase(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  holder: Holder,
  verdict: Verdicts,
  nowMs: number,
): Decision | null {
  if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck' || snapshot.topology.database === null) return null;
  const troubled = databaseTrouble(snapshot, holder.nodeId, nowMs);
  if (troubled.length < quorumOf(snapshot.topology.observers.length)) return null;
  const { host, port } = snapshot.topology.database;
  const reasons = [
    `the database ${host}:${port} does not answer well: ${troubled.join('; ')}`,
    `SIP of ${holder.nodeId} is silent while ESL answers, as it is when its database hangs; nothing was torn down`,
  ];
  return incident(vip.id, state, 'database-trouble', nowMs, reasons, holder.nodeId);
}

/**
 * A crash that the supervisor on the node may cure: the policy gives it a moment before the VIP moves. Not to a holder
 * that took the VIP, or took it back, less than a block period ago: a restart that does not last is no cure. The first
 * holder (epoch 1) has had none.
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
  const why = 'ESL answers: it may be a slow database, and sipStuckAction is `page`; nothing was torn down';
  return incident(vip.id, state, 'sip-stuck', nowMs, [seen, why], holder.nodeId);
}
