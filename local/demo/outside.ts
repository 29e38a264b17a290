/** What AWS itself says, past the control plane's own account: who has the address, and where the name leads. */
import { DescribeAddressesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';

import type { Topology, VipTopology } from '../../lib/domain/model';
import { awsClientConfig } from '../emulator/loopback';

export class Outside {
  private readonly ec2: EC2Client;
  private readonly route53: Route53Client;

  constructor(
    aws: { endpoint: string },
    private readonly topology: Topology,
  ) {
    const config = awsClientConfig(aws);
    this.ec2 = new EC2Client(config);
    this.route53 = new Route53Client(config);
  }

  /** Public address -> the private one that EC2 has it on; null while it is free. What the internet gateway knows. */
  async addresses(): Promise<Map<string, string | null>> {
    const { Addresses: addresses = [] } = await this.ec2.send(new DescribeAddressesCommand({}));
    return new Map(addresses.map((each) => [each.PublicIp ?? '', each.PrivateIpAddress ?? null]));
  }

  /** Node on which the VIP's Elastic IP is; null when it is free or there is none. */
  async addressOn(vip: VipTopology): Promise<string | null> {
    if (vip.elasticIp === null) return null;
    const address = (await this.addresses()).get(vip.elasticIp.publicIp) ?? null;
    return address === null ? null : this.nodeWith(vip, address);
  }

  /** Node that the VIP's private name leads to; null when it leads nowhere or there is none. */
  async nameLeadsTo(vip: VipTopology): Promise<string | null> {
    if (vip.privateDns === null) return null;
    const wanted = `${vip.privateDns.name.replace(/\.$/, '')}.`;
    const answer = await this.route53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: vip.privateDns.zoneId,
        StartRecordName: wanted,
        StartRecordType: 'A',
        MaxItems: 1,
      }),
    );
    const record = answer.ResourceRecordSets?.find((each) => each.Name === wanted && each.Type === 'A');
    const address = record?.ResourceRecords?.[0]?.Value;
    return address === undefined ? null : this.nodeWith(vip, address);
  }

  close(): void {
    this.ec2.destroy();
    this.route53.destroy();
  }

  private nodeWith(vip: VipTopology, address: string): string | null {
    const owner = this.topology.nodes.find(
      (node) => node.vipAddresses[vip.id] === address || node.managementAddress === address,
    );
    return owner?.id ?? null;
  }
}
