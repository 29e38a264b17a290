/** What must exist before a configuration that adopts can be deployed. Pure. */
import type { ClusterConfig, TagSelector } from '../../../lib/config/model';
import { UnderstudyError } from '../../../lib/domain/errors';

/** The demo makes sites of one sort only. The message names what in the configuration asks for another. */
export class SiteNotMade extends UnderstudyError {
  override readonly name = 'SiteNotMade';
}

export interface SitePlan {
  /** Zones with functions. */
  zones: string[];
  nodes: { id: string; zone: string; tag: TagSelector }[];
  /** `address`: tag of an Elastic IP that exists; `zoneName`: a private zone that exists. */
  vips: { id: string; address: TagSelector | null; zoneName: string | null }[];
  /** Id of the node that has the Elastic IPs before the deployment. */
  carrier: string;
}

/** Whether anything of the cluster exists before its deployment. */
export const adoptsNodes = ({ nodes }: ClusterConfig): boolean => nodes.some((node) => node.source === 'adopt');

/**
 * @param carrier node that has the addresses; the first one when absent
 * @throws SiteNotMade when something else than nodes, addresses, a VPC and a password would have to exist
 */
export function planSite(cluster: ClusterConfig, carrier = cluster.nodes[0]?.id ?? ''): SitePlan {
  const { network, vips, eslSecret } = cluster;
  if (network.source !== 'existing') throw new SiteNotMade('adopted nodes live in a VPC: write network.existing');
  if (eslSecret.source !== 'existing') throw new SiteNotMade('adopted nodes have a password: write eslSecret.arn');
  const nodes = cluster.nodes.map((node) => {
    if (node.source === 'adopt') return { id: node.id, zone: node.zone, tag: node.tag };
    throw new SiteNotMade(`the demo makes no site for adopted and created nodes together: adopt ${node.id} too`);
  });
  const named = vips.find((vip) => vip.publicDns !== null || vip.tls !== null);
  if (named !== undefined) {
    throw new SiteNotMade(`the demo makes no public zone and no certificate: leave them out of VIP ${named.id}`);
  }
  return {
    zones: Object.keys(network.zones),
    nodes,
    vips: vips.map(({ id, elasticIp, privateDns }) => ({
      id,
      address: elasticIp.source === 'adopt' ? elasticIp.tag : null,
      zoneName: (privateDns?.zoneId ?? null) === null ? null : (privateDns?.zoneName ?? null),
    })),
    carrier,
  };
}
