import { Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { ownerOf } from '../../domain/model';
import { pascal, TAGS } from '../naming';
import type { ClusterNetwork } from '../network/cluster-network';
import type { ClusterState } from '../state/cluster-state';
import { nodeFingerprint, type CreatedNodeConfig } from './node-fingerprint';
import { Node } from './node';
import { NodeRole } from './node-role';
import type { NodeIdentity } from './node-user-data';
import { ReplacementGuard } from './replacement-guard';
import { VipAddresses } from './vip-addresses';
import { VipNames } from './vip-names';

export interface ClusterNodesProps {
  config: ClusterConfig;
  network: ClusterNetwork;
  state: ClusterState;
}

/** The nodes and the addresses and names that callers know them by. Nodes that exist already have nothing here. */
export class ClusterNodes extends Construct {
  /** Node id -> what was made for it. */
  readonly created = new Map<string, Node>();
  /** Node id -> hash over everything whose change replaces or stops the instance. */
  readonly fingerprints: Record<string, string> = {};
  readonly addresses: VipAddresses;
  readonly names: VipNames;

  constructor(scope: Construct, id: string, props: ClusterNodesProps) {
    super(scope, id);
    const { config, network } = props;
    const nodes = config.nodes.filter((node): node is CreatedNodeConfig => node.source === 'create');
    if (nodes.length > 0) this.makeNodes(nodes, props);

    this.addresses = new VipAddresses(this, 'Addresses', { config, nodeGroup: network.nodeGroup });
    this.names = new VipNames(this, 'Names', { config, vpc: network.vpc, addresses: this.addresses.created });

    Tags.of(this).add(TAGS.cluster, config.id);
    Tags.of(this).add(TAGS.owner, ownerOf(config.id));
  }

  private makeNodes(nodes: readonly CreatedNodeConfig[], { config, network, state }: ClusterNodesProps): void {
    const { role } = new NodeRole(this, 'NodeRole', state.eslSecretArn);
    for (const node of nodes) {
      const vips = config.vips.filter((vip) => vip.candidates.includes(node.id));
      const identity: NodeIdentity = {
        cluster: config.id,
        node: node.id,
        zone: node.zone,
        region: config.region,
        eslPort: node.eslPort,
        eslSecretArn: state.eslSecretArn,
        vips: vips.map(({ id, profiles, sipPort }) => ({ id, profiles, sipPort })),
      };
      this.fingerprints[node.id] = nodeFingerprint(config, node, identity);
      this.created.set(
        node.id,
        new Node(this, `Node${pascal(node.id)}`, {
          node,
          identity,
          subnet: network.nodeSubnet(node.zone),
          securityGroup: network.nodeGroup,
          role,
          vipAddresses: vips.length,
          publicManagementAddress: config.network.nodeEgress === 'public-ip',
          terminationProtection: config.state.deletionProtection,
          paging: state.paging,
        }),
      );
    }
    const guard = new ReplacementGuard(this, 'ReplacementGuard', {
      cluster: config.id,
      state,
      fingerprints: this.fingerprints,
    });
    for (const node of this.created.values()) node.guardedBy(guard);
  }
}
