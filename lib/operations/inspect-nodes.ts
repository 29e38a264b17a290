/** How far each node of the cluster may be taken into care: its level of adoption, and what fights the control plane. */
import { describeError } from '../domain/errors';
import type { Topology } from '../domain/model';
import type { Inspection, NodeControl } from '../domain/ports';

/** A look at ESL, the profiles and the database, with a cold start of the function in front of it. */
const INSPECT_TIMEOUT_MS = 12_000;

/** One inspection a node, in the order of the topology. Never throws: a node nobody could ask has no level, and why. */
export async function inspectNodes(nodeControl: NodeControl, topology: Topology): Promise<Inspection[]> {
  return Promise.all(
    topology.nodes.map(async (node) => {
      const vips = topology.vips.filter((vip) => vip.candidates.includes(node.id));
      try {
        return await nodeControl.inspect(node, vips, INSPECT_TIMEOUT_MS);
      } catch (error) {
        return { nodeId: node.id, level: null, missing: [describeError(error)], conflicts: [] };
      }
    }),
  );
}
