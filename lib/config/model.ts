/**
 * The configuration after loading: defaults filled in, every reference resolved, ready for the stacks.
 * `schema.ts` says what a user may write, `load.ts` turns one into the other.
 */
import type { Policy } from '../domain/model';

/** Exactly one tag that finds exactly one resource at deployment; the registrar refuses none and refuses two. */
export interface TagSelector {
  key: string;
  value: string;
}

export interface SourceRule {
  protocol: 'udp' | 'tcp';
  fromPort: number;
  toPort: number;
  /** IPv4 CIDRs or prefix list ids (`pl-…`). Never empty. */
  sources: string[];
  description: string;
}

export type NodeConfig = { id: string; zone: string; eslPort: number } & (
  { source: 'create'; instanceType: string; imageId: string; volumeGiB: number } | { source: 'adopt'; tag: TagSelector }
);

export interface VipConfig {
  id: string;
  /** `none` is a VIP for private callers only. */
  elasticIp: { source: 'create' } | { source: 'adopt'; tag: TagSelector } | { source: 'none' };
  privateDns: { zoneName: string; zoneId: string | null; name: string; ttlS: number } | null;
  publicDns: { zoneName: string; zoneId: string; name: string; ttlS: number } | null;
  profiles: string[];
  sipPort: number;
  /** Node ids, most preferred first. */
  candidates: string[];
}

export type NetworkConfig = (
  | { source: 'create'; cidr: string }
  | {
      source: 'existing';
      vpcId: string;
      cidr: string;
      /** zone -> subnet for the functions (isolated) and, where nodes are created, for the nodes. */
      zones: Record<string, { functionSubnetId: string; nodeSubnetId: string | null; routeTableId: string }>;
      /** The Secrets Manager and DynamoDB endpoints exist already: do not make them a second time. */
      endpointsExist: boolean;
    }
) & {
  /** How nodes reach packages, SSM and logs. The functions never need it. */
  nodeEgress: 'public-ip' | 'nat' | 'endpoints';
};

export interface ClusterConfig {
  id: string;
  region: string;
  /** Empty string: the account of the credentials at deployment. */
  account: string;
  network: NetworkConfig;
  /** Zones with an observer. Three, even where nodes live in two. */
  observerZones: string[];
  nodes: NodeConfig[];
  vips: VipConfig[];
  /** Inbound rules of the nodes: SIP ports and the RTP range with their allowed sources. ESL is never among them. */
  ingress: SourceRule[];
  rtp: { fromPort: number; toPort: number };
  policy: Policy;
  paging: { emails: string[] };
  /** Name of the Secrets Manager secret with the ESL password: made by the deployment, or existing. */
  eslSecret: { source: 'create' } | { source: 'existing'; arn: string };
  state: { customerManagedKey: boolean; deletionProtection: boolean };
}

export interface UnderstudyConfig {
  clusters: ClusterConfig[];
}
