import type { ClusterConfig, CreatedNodeConfig, VipConfig } from '../../config/model';
import type { HostSettings, VipOnNode } from '../../freeswitch/host/settings';
import { required } from '../naming';

/**
 * What a node is told and what has no value while the template is made: references in the template, words that stand
 * for them in a fingerprint.
 */
export interface LateValues {
  eslSecretArn: string;
  /** Secondary addresses of the node's interface, in the order in which EC2 gave them. */
  secondaryAddresses: readonly string[];
  /** @returns the Elastic IP that the deployment makes for a VIP */
  elasticIp(vipId: string): string;
  database: HostSettings['database'];
  contentParameter: string;
  logGroup: string;
}

/** What `node.json` says, for people and tools on the node. Ids only, nothing that could be secret. */
export interface NodeIdentity {
  cluster: string;
  node: string;
  zone: string;
  region: string;
  eslPort: number;
  vips: { id: string; profiles: readonly string[]; sipPort: number }[];
}

/** VIPs that may come to a node, in the configuration's order: each has an address of its own there. */
export const vipsOf = (config: ClusterConfig, nodeId: string): VipConfig[] =>
  config.vips.filter((vip) => vip.candidates.includes(nodeId));

export function nodeIdentity(config: ClusterConfig, node: CreatedNodeConfig): NodeIdentity {
  return {
    cluster: config.id,
    node: node.id,
    zone: node.zone,
    region: config.region,
    eslPort: node.eslPort,
    vips: vipsOf(config, node.id).map(({ id, profiles, sipPort }) => ({ id, profiles, sipPort })),
  };
}

/**
 * The first VIP of a node, in the configuration's order, has the first secondary address, and so on. The registrar
 * comes to the same by the same rule, and the node is told in so many words: a mapping that differed would bring one
 * VIP's callers to another's profile.
 */
export function hostSettings(config: ClusterConfig, node: CreatedNodeConfig, late: LateValues): HostSettings {
  const { install } = config.freeswitch;
  return {
    cluster: config.id,
    node: node.id,
    region: config.region,
    eslPort: node.eslPort,
    eslSecretArn: late.eslSecretArn,
    vips: vipsOf(config, node.id).map((vip, index): VipOnNode => ({
      id: vip.id,
      serviceAddress: vip.serviceAddress,
      privateAddress: required(late.secondaryAddresses[index], `the address of VIP ${vip.id} on ${node.id}`),
      publicAddress: publicAddressOf(vip, late),
      tlsSecretArn: vip.tls?.secretArn ?? null,
    })),
    database: late.database,
    contentParameter: late.contentParameter,
    packagesTokenSecretArn: install.source === 'packages' ? install.tokenSecretArn : null,
    logGroup: late.logGroup,
  };
}

function publicAddressOf(vip: VipConfig, late: LateValues): VipOnNode['publicAddress'] {
  switch (vip.elasticIp.source) {
    case 'create':
      return { kind: 'known', address: late.elasticIp(vip.id) };
    case 'adopt':
      return { kind: 'tagged', ...vip.elasticIp.tag };
    case 'none':
      return { kind: 'none' };
  }
}
