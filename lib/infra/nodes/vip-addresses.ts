import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { acknowledge } from '../acknowledge';
import { pascal, required, TAGS, zoneLetter } from '../naming';
import type { ClusterNetwork } from '../network/cluster-network';
import { callEachOther, routePastNat } from '../network/node-routes';
import { profilePortsOf } from '../network/profile-ports';
import { describe } from '../network/security-groups';

export interface VipAddressesProps {
  config: ClusterConfig;
  network: Pick<ClusterNetwork, 'nodeGroup' | 'waysPastNat'>;
}

/**
 * The Elastic IPs that callers know. They are made here and associated nowhere: where an address points is the control
 * plane's to say, and a template that said it too would pull the address back to a dead node at the next deployment.
 *
 * They stay when the stack goes. Carriers list them by hand, and an address that was released never comes back; one
 * that was kept costs 3.65 USD a month until it is released by hand or adopted by its tags.
 */
export class VipAddresses extends Construct {
  /** VIP id -> address. Only of the VIPs whose address the deployment makes. */
  readonly created = new Map<string, ec2.CfnEIP>();

  constructor(scope: Construct, id: string, props: VipAddressesProps) {
    super(scope, id);
    const { config } = props;
    for (const vip of config.vips) {
      if (vip.elasticIp.source !== 'create') continue;
      const address = new ec2.CfnEIP(this, pascal(vip.id), { domain: 'vpc' });
      // Not when the stack's own creation fails: an account has five addresses, and a retry would lose one each time.
      address.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      Tags.of(address).add('Name', `${config.id}-${vip.id}`);
      Tags.of(address).add(TAGS.vip, vip.id);
      this.created.set(vip.id, address);
    }
    for (const vip of callEachOther(config.vips)) {
      const address = required(this.created.get(vip.id), `Elastic IP of VIP ${vip.id}`);
      this.letVipCall(vip.id, address, props);
    }
  }

  /**
   * A reference to a security group does not match traffic that went out to an Elastic IP: addresses do. And the one who
   * calls it must leave by the internet gateway: behind a NAT gateway's address nobody would know him.
   */
  private letVipCall(vipId: string, { attrPublicIp }: ec2.CfnEIP, { config, network }: VipAddressesProps): void {
    const cidr = `${attrPublicIp}/32`;
    const ranges = [...profilePortsOf(config.vips).map((port) => ({ fromPort: port, toPort: port })), config.rtp];
    for (const range of ranges) {
      const rule = new ec2.CfnSecurityGroupIngress(this, `From${pascal(vipId)}To${range.fromPort}`, {
        groupId: network.nodeGroup.securityGroupId,
        ipProtocol: 'udp',
        cidrIp: cidr,
        description: describe(`calls from VIP ${vipId} through its Elastic IP`),
        ...range,
      });
      acknowledge(
        rule,
        ['AwsSolutions-EC23'],
        'One address, ours: the rule cannot read an address that is yet to be made.',
      );
    }
    for (const way of network.waysPastNat) {
      routePastNat(this, `To${pascal(vipId)}Route${zoneLetter(way.zone)}`, way, { destinationCidrBlock: cidr });
    }
  }
}
