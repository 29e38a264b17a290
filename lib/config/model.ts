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

export type CreatedNodeConfig = Extract<NodeConfig, { source: 'create' }>;

export interface VipConfig {
  id: string;
  /** `none` is a VIP for private callers only. */
  elasticIp: { source: 'create' } | { source: 'adopt'; tag: TagSelector } | { source: 'none' };
  privateDns: { zoneName: string; zoneId: string | null; name: string; ttlS: number } | null;
  publicDns: { zoneName: string; zoneId: string; name: string; ttlS: number } | null;
  /** Sofia profiles in promotion order; the first listens on `sipPort`, each further one on the next port. */
  profiles: string[];
  sipPort: number;
  /** Bound by SIP and RTP on every candidate; null: each node binds its own address and recovery rewrites rows. */
  serviceAddress: string | null;
  /** VIPs of one group bridge calls into each other and move together. null: alone. */
  group: string | null;
  /** Secret with the PEM of certificate, key and chain for SIP over TLS on `sipPort` + 1 … ; null: no TLS. */
  tls: { secretArn: string; port: number } | null;
  /** Node ids, most preferred first. */
  candidates: string[];
  /** Those of them that only an operator may choose. */
  manualOnly: string[];
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

/** The PostgreSQL that makes calls survive. */
export type DatabaseConfig =
  | { source: 'none' }
  | {
      source: 'create';
      instanceClass: string;
      storageGiB: number;
      multiAz: boolean;
      /** Automatic backups, kept so many days. */
      backupDays: number;
      name: string;
      tls: boolean;
    }
  | {
      source: 'existing';
      host: string;
      port: number;
      name: string;
      /** Secret `{"username","password"}` of a role that may create roles and own tables. */
      adminSecretArn: string;
      /** Its security group, which gets rules for nodes and functions. null: it is within the network, and open to them already. */
      securityGroupId: string | null;
      tls: boolean;
    };

export const FREESWITCH_VERSIONS = ['1.10', '1.11'] as const;
export type FreeSwitchVersion = (typeof FREESWITCH_VERSIONS)[number];

/** What the rendered configuration of FreeSWITCH needs beside nodes and VIPs. */
export interface FreeSwitchConfig {
  version: FreeSwitchVersion;
  /** Domain of registrations, the same on all nodes: `force-register-domain`, challenge realm. */
  sipDomain: string;
  codecs: string[];
  maxSessions: number;
  sessionsPerSecond: number;
  /** Modules beside those that Understudy needs, for example `mod_conference`. */
  modules: string[];
  /** The users' own dialplan, directory, gateways and profiles. Never written to. */
  userFiles: { source: 'none' } | { source: 'folder'; path: string } | { source: 's3'; bucket: string; prefix: string };
  /** FreeSWITCH is in the image, or comes from its makers' packages with a token of theirs. */
  install: { source: 'image' } | { source: 'packages'; tokenSecretArn: string };
}

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
  database: DatabaseConfig;
  freeswitch: FreeSwitchConfig;
  state: { customerManagedKey: boolean; deletionProtection: boolean };
}

export interface UnderstudyConfig {
  clusters: ClusterConfig[];
}
