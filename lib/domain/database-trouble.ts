/** What the observers' own questions to the shared database say against it. Pure. */
import { quorumOf, type ClusterSnapshot } from './model';
import { votersOn } from './voters';

/**
 * Per voter on the node that finds the database slow or away: its zone and what it saw, in words. Empty where all find
 * it well, and in a cluster without one.
 */
export function databaseTrouble({ topology, observations }: ClusterSnapshot, nodeId: string, nowMs: number): string[] {
  if (topology.database === null) return [];
  const voters = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs);
  return voters.flatMap(({ observation: { zone, database } }) =>
    database === null || database.verdict === 'ok' ? [] : [`${zone}: ${database.verdict} (${database.detail})`],
  );
}

/**
 * The same, where SIP that is silent on the node may be waiting for the database: somebody finds it in trouble, and no
 * majority finds it well. Empty otherwise. Who has just come, or was blind a moment ago, says neither.
 */
export function databaseToBlame(snapshot: ClusterSnapshot, nodeId: string, nowMs: number): string[] {
  const { topology, observations } = snapshot;
  const well = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs).filter(
    ({ observation }) => observation.database?.verdict === 'ok',
  );
  return well.length >= quorumOf(topology.observers.length) ? [] : databaseTrouble(snapshot, nodeId, nowMs);
}
