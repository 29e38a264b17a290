/** Which VIPs and profiles a node carries. */
import type { ClusterConfig, NodeConfig, VipConfig } from '../../config/model';
import { UnderstudyError } from '../../domain/errors';

/** Throws UnderstudyError when the cluster has no such node. */
export function nodeOf(cluster: Pick<ClusterConfig, 'nodes'>, nodeId: string): NodeConfig {
  const node = cluster.nodes.find(({ id }) => id === nodeId);
  if (node !== undefined) return node;
  const known = cluster.nodes.map(({ id }) => id).join(', ');
  throw new UnderstudyError(`the cluster has no node "${nodeId}": choose one of ${known}`);
}

/** The VIPs that a node may hold: it carries the profiles of all of them, in standby. */
export const vipsOf = (cluster: Pick<ClusterConfig, 'vips'>, nodeId: string): VipConfig[] =>
  cluster.vips.filter((vip) => vip.candidates.includes(nodeId));
