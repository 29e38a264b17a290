/** What the observers' own questions to the shared database say against it. Pure. */
import type { ClusterSnapshot } from './model';
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
