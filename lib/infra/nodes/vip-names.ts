import { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { ClusterConfig, VipConfig } from '../../config/model';
import { distinct, pascal, required } from '../naming';

export interface VipNamesProps {
  config: ClusterConfig;
  vpc: ec2.IVpc;
  addresses: ReadonlyMap<string, ec2.CfnEIP>;
}

/**
 * The zones and the public records. A public name points at the Elastic IP and needs no change at a failover, so it is
 * CloudFormation's. The private record of a VIP follows its holder: it is the control plane's alone and never made
 * here.
 */
export class VipNames extends Construct {
  /** Name of a private zone that the deployment makes -> its id. */
  private readonly zoneIds = new Map<string, string>();

  constructor(scope: Construct, id: string, props: VipNamesProps) {
    super(scope, id);
    const { config } = props;
    const names = config.vips.flatMap(({ privateDns }) =>
      privateDns !== null && privateDns.zoneId === null ? [privateDns.zoneName] : [],
    );
    for (const zoneName of distinct(names)) {
      const zone = new route53.PrivateHostedZone(this, `Zone${pascal(zoneName)}`, {
        zoneName,
        vpc: props.vpc,
        comment: `Understudy ${config.id}: names that follow their holder`,
      });
      this.zoneIds.set(zoneName, zone.hostedZoneId);
    }
    for (const vip of config.vips) this.publish(vip, props.addresses);
  }

  /** @returns id of the private zone of a VIP's name, made here or given by the configuration */
  privateZoneId(dns: NonNullable<VipConfig['privateDns']>): string {
    return dns.zoneId ?? required(this.zoneIds.get(dns.zoneName), `the private zone ${dns.zoneName}`);
  }

  private publish(vip: VipConfig, addresses: VipNamesProps['addresses']): void {
    if (vip.publicDns === null) return;
    const address = addresses.get(vip.id);
    if (address === undefined) {
      throw new Error(
        `VIP ${vip.id}: the deployment can publish ${vip.publicDns.name} only for an Elastic IP that it makes itself. ` +
          'Point the record of an adopted address by hand, once, and leave `publicDns` out: it never changes.',
      );
    }
    const { zoneId: hostedZoneId, zoneName, name, ttlS } = vip.publicDns;
    const id = pascal(vip.id);
    new route53.ARecord(this, `Public${id}`, {
      zone: route53.HostedZone.fromHostedZoneAttributes(this, `PublicZone${id}`, { hostedZoneId, zoneName }),
      recordName: `${name.replace(/\.$/, '')}.`,
      target: route53.RecordTarget.fromIpAddresses(address.attrPublicIp),
      ttl: Duration.seconds(ttlS),
    });
  }
}
