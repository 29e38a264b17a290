/** What goes into the configuration of a node's FreeSWITCH, and what comes out. */
import type { ClusterConfig } from '../../config/model';

/** `path` is relative to FreeSWITCH's configuration folder, with `/` between its parts. */
export interface RenderedFile {
  path: string;
  content: string;
}

export interface NodeConfigurationInput {
  cluster: Pick<ClusterConfig, 'nodes' | 'vips' | 'network' | 'rtp' | 'database' | 'freeswitch'>;
  nodeId: string;
  /**
   * IPv4 CIDRs that may open an ESL connection beside the node itself; the whole network where none are given. The
   * security group is narrower in any case: this is the second lock.
   */
  eslClients?: readonly string[];
}

/** What differs between nodes, or is known only after a deployment. Everything else is the same text on all nodes. */
export interface NodeVariables {
  nodeId: string;
  /** The node's primary private address: ESL listens there, and nothing that callers use. */
  managementAddress: string;
  eslPort: number;
  vips: readonly VipVariables[];
  /** `pgsql://…`; null without a shared database. */
  databaseDsn: string | null;
  /** File that sets `esl_password`, absolute or relative to the configuration folder. Never among rendered files. */
  secretsFile: string;
}

export interface VipVariables {
  id: string;
  /** Bound by SIP and RTP: the VIP's service address, or the node's own address of this VIP (FACTS 7.3, way B). */
  serviceAddress: string;
  /** What peers see in Contact, Via and SDP. */
  publicAddress: string;
}
