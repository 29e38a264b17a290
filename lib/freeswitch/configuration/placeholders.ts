/** Marks in node.xml for what only the running node knows. The node's boot fills them in (lib/freeswitch/host). */
import type { NodeConfigurationInput, NodeVariables } from './model';
import { dsnOfNode } from './dsn';
import { nodeOf, vipsOf } from './node';
import { SECRETS_FILE } from './variables';

export const PRIMARY_ADDRESS = '@@PRIMARY_ADDRESS@@';
export const DATABASE_HOST = '@@DB_HOST@@';
export const DATABASE_PORT = '@@DB_PORT@@';
/** The private address that a VIP has on this node. */
export const privateAddress = (vipId: string): string => `@@PRIVATE:${vipId}@@`;
/** The Elastic IP of a VIP; of one without, its private address on this node. */
export const publicAddress = (vipId: string): string => `@@PUBLIC:${vipId}@@`;

/** Every placeholder in a text, each once. */
export const placeholdersIn = (text: string): string[] => [...new Set(text.match(/@@[^@\s]+@@/g) ?? [])];

/** The variables of a node as far as the configuration knows them. */
export function knownVariables({ cluster, nodeId }: NodeConfigurationInput): NodeVariables {
  return {
    nodeId,
    managementAddress: PRIMARY_ADDRESS,
    eslPort: nodeOf(cluster, nodeId).eslPort,
    vips: vipsOf(cluster, nodeId).map((vip) => ({
      id: vip.id,
      serviceAddress: vip.serviceAddress ?? privateAddress(vip.id),
      publicAddress: publicAddress(vip.id),
    })),
    databaseDsn: dsnOfNode(cluster.database, nodeId, { host: DATABASE_HOST, port: DATABASE_PORT }),
    secretsFile: SECRETS_FILE,
  };
}
