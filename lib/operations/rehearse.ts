/**
 * Asks every node through the same functions that a failover would use. It proves each minute that the way is open
 * (permission, network, password), and keeps the functions warm: a cold start would be a part of the outage.
 */
import { describeError } from '../domain/errors';
import type { ClusterSnapshot } from '../domain/model';
import type { Log, Metrics, NodeControl } from '../domain/ports';

const REHEARSAL_TIMEOUT_MS = 1_500;

/** Never throws: a node that does not answer is the observers' business, a way that is shut is counted and logged. */
export async function rehearse(
  deps: { nodeControl: NodeControl; metrics: Metrics; log: Log },
  snapshot: ClusterSnapshot,
): Promise<void> {
  const ways = snapshot.topology.vips.flatMap((vip) =>
    snapshot.topology.nodes.filter((node) => vip.candidates.includes(node.id)).map((node) => ({ node, vip })),
  );
  await Promise.all(
    ways.map(async ({ node, vip }) => {
      try {
        await deps.nodeControl.check(node, vip, REHEARSAL_TIMEOUT_MS);
      } catch (error) {
        deps.metrics.count('RehearsalErrors', 1, { node: node.id });
        deps.log.warn(`the way to ${node.id} is shut`, { vipId: vip.id, error: describeError(error) });
      }
    }),
  );
}
