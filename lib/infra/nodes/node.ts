import { Duration, Fn, Tags } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CreatedNodeConfig } from '../../config/model';
import { NODE_METRIC_NAMESPACE, STATSD_GAUGE } from '../../freeswitch/host/cloudwatch-agent';
import { acknowledge } from '../acknowledge';
import { TAGS } from '../naming';
import { SILENCE_IS_GOOD, type Paging } from '../paging';
import { interfaceId, ROOT_DEVICE } from './node-fingerprint';

export interface NodeProps {
  cluster: string;
  node: CreatedNodeConfig;
  /** @returns the user data of a node that has these secondary addresses, one per VIP */
  userData: (secondaryAddresses: readonly string[]) => string;
  subnet: ec2.ISubnet;
  securityGroup: ec2.ISecurityGroup;
  role: iam.IRole;
  /** How many VIPs may come to this node: each has an address of its own here. */
  vipAddresses: number;
  /** The node's own way to the internet; never a caller's way in. */
  publicManagementAddress: boolean;
  /** Whether a VIP that may come to it is served over TLS: its certificate is loaded here. */
  loadsCertificates: boolean;
  paging: Paging;
}

/** When there is still time. */
const CERTIFICATE_DAYS = 14;

/** A metric that the node's own `metrics` writes. */
export function nodeMetric(
  cluster: string,
  node: string,
  metricName: string,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  const dimensionsMap = { cluster, node, ...STATSD_GAUGE };
  return new cloudwatch.Metric({ namespace: NODE_METRIC_NAMESPACE, metricName, dimensionsMap, statistic, period });
}

/**
 * One EC2 instance for FreeSWITCH and the network interface it lives on. The interface is a resource of its own: the
 * number of its secondary addresses changes in place, and the addresses are known to the user data. An instance that
 * replaces another has an interface, and so addresses, of its own.
 */
export class Node extends Construct {
  readonly instance: ec2.CfnInstance;
  readonly networkInterface: ec2.CfnNetworkInterface;
  readonly loadsCertificates: boolean;
  readonly statusAlarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: NodeProps) {
    super(scope, id);
    const { node, cluster } = props;
    this.networkInterface = new ec2.CfnNetworkInterface(this, interfaceId(node), {
      description: `Understudy ${cluster} ${node.id}: management address first, then one per VIP`,
      subnetId: props.subnet.subnetId,
      groupSet: [props.securityGroup.securityGroupId],
      ...(props.vipAddresses > 0 ? { secondaryPrivateIpAddressCount: props.vipAddresses } : {}),
    });
    const secondaryAddresses = Array.from({ length: props.vipAddresses }, (_, index) =>
      Fn.select(index, this.networkInterface.attrSecondaryPrivateIpAddresses),
    );
    if (props.publicManagementAddress) this.givePublicManagementAddress();

    this.instance = new ec2.CfnInstance(this, 'Instance', {
      imageId: node.imageId,
      instanceType: node.instanceType,
      networkInterfaces: [{ networkInterfaceId: this.networkInterface.attrId, deviceIndex: '0' }],
      iamInstanceProfile: this.profileOf(props.role),
      blockDeviceMappings: [
        {
          deviceName: ROOT_DEVICE,
          ebs: { volumeType: 'gp3', volumeSize: node.volumeGiB, encrypted: true, deleteOnTermination: true },
        },
      ],
      // Version 2 only and one hop: what forwards a request for somebody else never gets the role's credentials.
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1, httpEndpoint: 'enabled' },
      monitoring: true,
      disableApiTermination: false,
      propagateTagsToVolumeOnCreation: true,
      userData: Fn.base64(props.userData(secondaryAddresses)),
    });
    for (const resource of [this.networkInterface, this.instance]) {
      Tags.of(resource).add('Name', `${cluster}-${node.id}`);
      Tags.of(resource).add(TAGS.node, node.id);
    }
    acknowledge(
      this.instance,
      ['CloudFormation-Validate::W9010'],
      'The image is pinned on purpose: an image that changes by itself would replace the node at the next deployment.',
    );
    acknowledge(
      this.instance,
      ['AwsSolutions-EC29'],
      'CloudFormation could not end an instance that it has replaced, which would go on under the same id. The guard ' +
        'refuses to replace or remove a node in use.',
    );
    this.statusAlarm = this.alarm(node.id, props.paging);
    this.loadsCertificates = props.loadsCertificates;
    if (this.loadsCertificates) this.certificateAlarm(node.id, props.paging);
  }

  /** Makes the instance wait for `guard`, and with it every replacement. */
  guardedBy(guard: Construct): void {
    this.instance.node.addDependency(guard);
    this.networkInterface.node.addDependency(guard);
  }

  /**
   * Unlike a VIP's association, this one may be CloudFormation's: the address is for packages, SSM and logs, no caller
   * knows it, and it never moves to another node.
   */
  private givePublicManagementAddress(): void {
    const address = new ec2.CfnEIP(this, 'ManagementAddress', { domain: 'vpc' });
    // Without the ownership tag it is out of the failover function's reach.
    Tags.of(address).remove(TAGS.owner, { priority: 300 });
    new ec2.CfnEIPAssociation(this, 'ManagementAssociation', {
      allocationId: address.attrAllocationId,
      networkInterfaceId: this.networkInterface.attrId,
      privateIpAddress: this.networkInterface.attrPrimaryPrivateIpAddress,
    });
  }

  private profileOf(role: iam.IRole): string {
    return new iam.CfnInstanceProfile(this, 'Profile', { roles: [role.roleName] }).ref;
  }

  private alarm(nodeId: string, paging: Paging): cloudwatch.Alarm {
    return paging.alarm(this, 'StatusCheckFailed', {
      metric: new cloudwatch.Metric({
        namespace: 'AWS/EC2',
        metricName: 'StatusCheckFailed',
        dimensionsMap: { InstanceId: this.instance.ref },
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      comparison: 'at-least',
      threshold: 1,
      periods: 3,
      badPeriods: 2,
      says: `EC2 finds node ${nodeId} impaired. If it held a VIP, a failover has been decided by the observers already.`,
      runbook: 'instance-status-check-failed',
      missingData: SILENCE_IS_GOOD('a stopped instance has no status checks; the observers tell whether it is missed.'),
    });
  }

  private certificateAlarm(nodeId: string, paging: Paging): void {
    paging.alarm(this, 'CertificateRunsOut', {
      metric: nodeMetric(paging.cluster, nodeId, 'certificate_days_left', 'Minimum', Duration.hours(1)),
      comparison: 'below',
      // Whoever renews by itself does so a month before; the rest is time to switch over in a quiet hour.
      threshold: CERTIFICATE_DAYS,
      says:
        `A certificate that FreeSWITCH on ${nodeId} has loaded runs out in less than ${CERTIFICATE_DAYS} days: ` +
        'callers over TLS will be refused. A renewed one is loaded by the next start alone.',
      runbook: 'certificate-runs-out',
      missingData: SILENCE_IS_GOOD('a stopped node loads none; the observers tell whether it is missed.'),
    });
  }
}
