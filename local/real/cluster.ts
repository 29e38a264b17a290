/** The lab's cluster: written as a user writes `understudy.yaml`, and what a deployment of it would register. */
import { parseConfig } from '../../lib/config/load';
import type { ClusterConfig } from '../../lib/config/model';
import { databaseRoleOf } from '../../lib/domain/database-names';
import { UnderstudyError } from '../../lib/domain/errors';
import { ownerOf, type NodeTopology, type Policy, type Topology, type VipTopology } from '../../lib/domain/model';
import type { RenderedFile } from '../../lib/freeswitch/configuration/model';
import { SIP_DOMAIN, SIP_PORT, VPC, nodeName, primaryAddress, publicAddress, serviceAddress, vipAddress } from './plan';

export interface LabShape {
  nodes: number;
  /** Ids of the VIPs, and the node (from 1) that each prefers. */
  vips: readonly { id: string; prefers: number }[];
  /** false: way B of FACTS 7.3, each node binds its own address and recovery rewrites the rows. */
  serviceAddresses: boolean;
  policy?: Partial<Policy>;
  /** Files of the users, beside the dialplan that the lab always has. */
  userFiles?: readonly RenderedFile[];
}

export interface LabCluster {
  config: ClusterConfig;
  topology: Topology;
}

const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;
const DATABASE_NAME = 'freeswitch';

/** @throws ConfigurationError when the product refuses it */
export function labCluster(shape: LabShape, databasePort: number): LabCluster {
  const [config] = parseConfig(yamlOf(shape, databasePort), 'understudy.yaml').clusters;
  if (config === undefined) throw new UnderstudyError('the configuration of the lab has no cluster');
  const policy = { ...config.policy, ...shape.policy };
  return { config: { ...config, policy }, topology: topologyOf(config, policy, databasePort) };
}

function yamlOf({ nodes, vips, serviceAddresses }: LabShape, databasePort: number): string {
  const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
  const inTurn = (first: number): string[] =>
    [...numbers.slice(first - 1), ...numbers.slice(0, first - 1)].map(nodeName);
  // JSON is YAML.
  return JSON.stringify({
    clusters: [
      {
        id: 'lab',
        region: 'us-east-1',
        network: { create: { cidr: VPC.cidr }, nodeEgress: 'public-ip' },
        observers: ZONES,
        nodes: numbers.map((number) => ({
          id: nodeName(number),
          zone: ZONES[(number - 1) % ZONES.length],
          create: { instanceType: 'c7g.large', image: 'ami-0123456789abcdef0' },
        })),
        vips: vips.map(({ id, prefers }, place) => ({
          id,
          elasticIp: 'create',
          profiles: [`external-${id}`],
          serviceAddress: serviceAddresses ? serviceAddress(place) : 'none',
          candidates: inTurn(prefers),
        })),
        callers: {
          sip: [{ description: 'The parties', from: ['203.0.113.0/24'] }],
          rtp: [{ description: 'The parties', from: ['203.0.113.0/24'] }],
        },
        database: {
          existing: {
            host: VPC.control,
            port: databasePort,
            name: DATABASE_NAME,
            adminSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:lab-AbCdEf',
          },
        },
        freeswitch: { sipDomain: SIP_DOMAIN },
        paging: { emails: ['oncall@example.com'] },
      },
    ],
  });
}

function topologyOf(config: ClusterConfig, policy: Policy, databasePort: number): Topology {
  return {
    version: 'lab',
    cluster: config.id,
    region: config.region,
    owner: ownerOf(config.id),
    observers: config.observerZones,
    nodes: config.nodes.map(({ id, zone, eslPort }, index): NodeTopology => {
      const number = index + 1;
      return {
        id,
        zone,
        instanceId: `i-${id}`,
        managementAddress: primaryAddress(number),
        eslPort,
        fingerprint: null,
        networkInterfaceId: `eni-${id}`,
        vipAddresses: Object.fromEntries(config.vips.map((vip, place) => [vip.id, vipAddress(place, number)])),
        databaseRole: databaseRoleOf(id),
      };
    }),
    vips: config.vips.map(({ id, profiles, candidates, group, serviceAddress: bound }, place): VipTopology => ({
      id,
      elasticIp: { allocationId: `eipalloc-${id}`, publicIp: publicAddress(place) },
      privateDns: null,
      profiles,
      sipPort: SIP_PORT,
      candidates,
      manualOnly: [],
      firstHolder: null,
      serviceAddress: bound,
      group,
    })),
    policy,
    database: { host: VPC.control, port: databasePort, name: DATABASE_NAME },
    nodeControl: {},
  };
}
