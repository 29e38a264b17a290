/** What an engineer knows and the configuration does not: given by hand, so that a rendering can be loaded as it is. */
import { isIPv4 } from 'node:net';
import { UnderstudyError } from '../../domain/errors';
import type { NodeConfigurationInput, NodeVariables } from './model';
import { vipsOf } from './node';
import {
  DATABASE_HOST,
  DATABASE_PORT,
  knownVariables,
  PRIMARY_ADDRESS,
  privateAddress,
  publicAddress,
} from './placeholders';

/** What is not given stays the placeholder that the node's boot fills in. Addresses are IPv4, by VIP id. */
export interface Overrides {
  managementAddress?: string;
  vipAddresses?: Readonly<Record<string, string>>;
  publicAddresses?: Readonly<Record<string, string>>;
  serviceAddresses?: Readonly<Record<string, string>>;
  databaseDsn?: string;
  secretsFile?: string;
}

/** Throws UnderstudyError for an address that is none, and for a VIP that this node does not carry. */
export function overriddenVariables(input: NodeConfigurationInput, overrides: Overrides): NodeVariables {
  const known = knownVariables(input);
  const vips = vipsOf(input.cluster, input.nodeId);
  const ids = vips.map(({ id }) => id);
  const { vipAddresses = {}, publicAddresses = {}, serviceAddresses = {} } = overrides;
  for (const byVip of [vipAddresses, publicAddresses, serviceAddresses]) checkAddresses(byVip, input.nodeId, ids);
  if (overrides.managementAddress !== undefined) checkAddress('the management address', overrides.managementAddress);
  return {
    ...known,
    managementAddress: overrides.managementAddress ?? known.managementAddress,
    vips: vips.map((vip) => {
      const own = vipAddresses[vip.id] ?? privateAddress(vip.id);
      const withoutElasticIp = vip.elasticIp.source === 'none' ? vipAddresses[vip.id] : undefined;
      return {
        id: vip.id,
        serviceAddress: serviceAddresses[vip.id] ?? vip.serviceAddress ?? own,
        publicAddress: publicAddresses[vip.id] ?? withoutElasticIp ?? publicAddress(vip.id),
      };
    }),
    databaseDsn: known.databaseDsn === null ? null : (overrides.databaseDsn ?? known.databaseDsn),
    secretsFile: overrides.secretsFile ?? known.secretsFile,
  };
}

function checkAddresses(byVip: Readonly<Record<string, string>>, nodeId: string, ids: readonly string[]): void {
  for (const [id, address] of Object.entries(byVip)) {
    if (!ids.includes(id)) {
      throw new UnderstudyError(`node ${nodeId} carries no VIP "${id}": it carries ${ids.join(', ') || 'none'}`);
    }
    checkAddress(`the address of VIP ${id}`, address);
  }
}

function checkAddress(name: string, address: string): void {
  if (!isIPv4(address)) throw new UnderstudyError(`${name} is not an IPv4 address: ${JSON.stringify(address)}`);
}

/** Which option fills a placeholder. */
export function remedyFor(placeholder: string, { cluster, nodeId }: NodeConfigurationInput): string {
  for (const { id, elasticIp } of vipsOf(cluster, nodeId)) {
    if (placeholder === privateAddress(id)) return `--vip-address ${id}=IP (this node's own address of the VIP)`;
    if (placeholder === publicAddress(id)) {
      return elasticIp.source === 'none'
        ? `--vip-address ${id}=IP (the VIP has no Elastic IP)`
        : `--public-address ${id}=IP (its Elastic IP)`;
    }
  }
  if (placeholder === PRIMARY_ADDRESS) return "--management-address IP (the node's primary private address)";
  if (placeholder === DATABASE_HOST || placeholder === DATABASE_PORT)
    return "--database-dsn 'pgsql://…', or --no-database";
  return 'replace it by hand';
}
