import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ClusterConfig, CreatedNodeConfig } from '../../config/model';
import { contentEnvironment } from '../../freeswitch/host/settings';
import { userData } from '../../freeswitch/host/user-data';
import { ownerOf } from '../../domain/model';
import { pascal, required, TAGS } from '../naming';
import type { ClusterNetwork } from '../network/cluster-network';
import type { ClusterState } from '../state/cluster-state';
import { mayChange } from '../weak-references';
import { archiveOf } from './archive-of';
import { Node } from './node';
import { NodeArchive } from './node-archive';
import type { NodeDatabase } from './node-database';
import { nodeFingerprint } from './node-fingerprint';
import { NodeRole } from './node-role';
import { hostSettings, nodeIdentity, vipsOf, type LateValues } from './node-settings';
import { ReplacementGuard } from './replacement-guard';
import { userFilesOf, type UserFiles } from './user-files';
import { VipAddresses } from './vip-addresses';
import { VipNames } from './vip-names';

export interface ClusterNodesProps {
  config: ClusterConfig;
  network: ClusterNetwork;
  state: ClusterState;
  /** null or absent: calls are not recovered, and everything else works. */
  database?: NodeDatabase | null;
}

/** What all created nodes of a cluster share. */
interface Common extends ClusterNodesProps {
  logGroup: logs.LogGroup;
  userFiles: UserFiles | null;
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
    this.addresses = new VipAddresses(this, 'Addresses', { config, network });
    this.names = new VipNames(this, 'Names', { config, vpc: network.vpc, addresses: this.addresses.created });

    const nodes = config.nodes.filter((node): node is CreatedNodeConfig => node.source === 'create');
    if (nodes.length > 0) this.makeNodes(nodes, props);

    Tags.of(this).add(TAGS.cluster, config.id);
    Tags.of(this).add(TAGS.owner, ownerOf(config.id));
    mayChange(this);
  }

  private makeNodes(nodes: readonly CreatedNodeConfig[], props: ClusterNodesProps): void {
    const { config, state } = props;
    const common: Common = {
      ...props,
      logGroup: new logs.LogGroup(this, 'NodeLog', {
        retention: logs.RetentionDays.THREE_MONTHS,
        // Journals and audit, which must outlive the stack, are in the table.
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      userFiles: userFilesOf(this, config.freeswitch.userFiles),
    };
    for (const node of nodes) this.created.set(node.id, this.makeNode(node, common));
    const guard = new ReplacementGuard(this, 'ReplacementGuard', {
      cluster: config.id,
      state,
      fingerprints: this.fingerprints,
    });
    for (const node of this.created.values()) node.guardedBy(guard);
  }

  private makeNode(node: CreatedNodeConfig, common: Common): Node {
    const { config, network, state, userFiles } = common;
    const name = pascal(node.id);
    const archive = new NodeArchive(this, `Archive${name}`, archiveOf(config, node.id));
    const contentName = `/understudy/${config.id}/${node.id}/content`;
    const content = new ssm.StringParameter(this, `Content${name}`, {
      parameterName: contentName,
      description: `Understudy ${config.id}: what node ${node.id} fetches at its next boot`,
      stringValue: contentEnvironment({ archive: archive.uri, userFiles: userFiles?.uri ?? null }),
    });
    const database = databaseOf(common, node.id);
    const late: Omit<LateValues, 'secondaryAddresses'> = {
      eslSecretArn: state.eslSecretArn,
      elasticIp: (vipId) => required(this.addresses.created.get(vipId), `Elastic IP of VIP ${vipId}`).attrPublicIp,
      database,
      contentParameter: contentName,
      logGroup: common.logGroup.logGroupName,
    };
    this.fingerprints[node.id] = nodeFingerprint(config, node);
    const { role } = new NodeRole(this, `Role${name}`, {
      secretArns: secretsOf(config, node.id, [state.eslSecretArn, ...(database === null ? [] : [database.secretArn])]),
      archiveArn: archive.objectArn,
      contentArn: content.parameterArn,
      logGroupArn: common.logGroup.logGroupArn,
      findsAddressesByTag: vipsOf(config, node.id).some((vip) => vip.elasticIp.source === 'adopt'),
      further: userFiles?.permissions ?? [],
    });
    return new Node(this, `Node${name}`, {
      cluster: config.id,
      node,
      userData: (secondaryAddresses) =>
        userData(hostSettings(config, node, { ...late, secondaryAddresses }), nodeIdentity(config, node)),
      subnet: network.nodeSubnet(node.zone),
      securityGroup: network.nodeGroup,
      role,
      vipAddresses: vipsOf(config, node.id).length,
      publicManagementAddress: config.network.nodeEgress === 'public-ip',
      loadsCertificates: vipsOf(config, node.id).some((vip) => vip.tls !== null),
      paging: state.paging,
    });
  }
}

function databaseOf({ database }: ClusterNodesProps, nodeId: string): LateValues['database'] {
  if (database === undefined || database === null) return null;
  const { host, port, name, tls } = database;
  return { host, port, name, tls, secretArn: database.nodeSecretArn(nodeId) };
}

/** Certificates of the VIPs that may come to the node, and the packages' token where there is one. */
function secretsOf(config: ClusterConfig, nodeId: string, own: readonly string[]): string[] {
  const { install } = config.freeswitch;
  const certificates = vipsOf(config, nodeId).flatMap((vip) => (vip.tls === null ? [] : [vip.tls.secretArn]));
  const token = install.source === 'packages' ? [install.tokenSecretArn] : [];
  return [...new Set([...own, ...certificates, ...token])];
}
