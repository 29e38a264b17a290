/**
 * Asks every node through the same functions that a failover would use. It proves each minute that the way is open
 * (permission, network, password), and keeps the functions warm: a cold start would be a part of the outage.
 */
import { describeError } from '../domain/errors';
import type { ClusterSnapshot, NodeTopology, VipTopology } from '../domain/model';
import type { Log, Metrics, NodeControl } from '../domain/ports';

const REHEARSAL_TIMEOUT_MS = 1_500;

interface Way {
  node: NodeTopology;
  vip: VipTopology;
}

/** Once a node is enough. */
const firstOf = (ways: readonly Way[], node: NodeTopology): VipTopology | undefined =>
  ways.find((way) => way.node === node)?.vip;

/** One that is out of service may not log in. */
const mayReachDatabase = ({ topology, nodes }: ClusterSnapshot, { id }: NodeTopology): boolean =>
  topology.database !== null && nodes.some(({ nodeId, lockedBy }) => nodeId === id && lockedBy === null);

/** Never throws: a node that does not answer is the observers' business, a way that is shut is counted and logged. */
export async function rehearse(
  deps: { nodeControl: NodeControl; metrics: Metrics; log: Log },
  snapshot: ClusterSnapshot,
): Promise<void> {
  const ways = snapshot.topology.vips.flatMap((vip) =>
    snapshot.topology.nodes.filter((node) => vip.candidates.includes(node.id)).map((node) => ({ node, vip })),
  );
  const isShut = (node: NodeTopology, words: string, vip: VipTopology, error: string): void => {
    deps.metrics.count('RehearsalErrors', 1, { node: node.id });
    deps.log.warn(words, { vipId: vip.id, error });
  };
  await Promise.all(
    ways.map(async ({ node, vip }) => {
      try {
        const asksDatabase = mayReachDatabase(snapshot, node) && vip === firstOf(ways, node);
        const { withoutDatabase } = await deps.nodeControl.check(node, vip, REHEARSAL_TIMEOUT_MS, asksDatabase);
        if (typeof withoutDatabase === 'string')
          isShut(node, `the way from ${node.id} to its database is shut`, vip, withoutDatabase);
      } catch (error) {
        isShut(node, `the way to ${node.id} is shut`, vip, describeError(error));
      }
    }),
  );
}
