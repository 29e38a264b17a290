import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig, NetworkConfig } from '../../config/model';
import { distinct, required, zoneLetter } from '../naming';
import type { Ground } from './ground';

/** A VPC that exists, named by its ids: nothing is looked up, so that synthesis needs neither network nor account. */
export class ExistingGround extends Construct implements Ground {
  readonly vpc: ec2.IVpc;
  readonly functionSubnets: ReadonlyMap<string, ec2.ISubnet>;
  readonly nodeSubnets: ReadonlyMap<string, ec2.ISubnet>;
  /** The routes of a VPC that exists are its owner's. */
  readonly waysPastNat = [];
  readonly databaseSubnets: readonly ec2.ISubnet[];

  constructor(
    scope: Construct,
    id: string,
    config: ClusterConfig,
    network: Extract<NetworkConfig, { source: 'existing' }>,
  ) {
    super(scope, id);
    const zoneOf = (zone: string) => required(network.zones[zone], `network.zones.${zone}`);
    const created = config.nodes.filter((node) => node.source === 'create').map((node) => node.zone);
    const zones = distinct([...config.observerZones, ...config.nodes.map((node) => node.zone)]).sort();

    this.vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: network.vpcId,
      vpcCidrBlock: network.cidr,
      availabilityZones: zones,
    });
    this.functionSubnets = new Map(
      zones.map((zone) => {
        const { functionSubnetId: subnetId, routeTableId } = zoneOf(zone);
        const name = `FunctionSubnet${zoneLetter(zone)}`;
        const attributes = { subnetId, availabilityZone: zone, routeTableId };
        return [zone, ec2.Subnet.fromSubnetAttributes(this, name, attributes)];
      }),
    );
    // They have no way out, and that is all a database asks of a subnet.
    this.databaseSubnets = config.database.source === 'create' ? [...this.functionSubnets.values()] : [];
    this.nodeSubnets = new Map(
      distinct(created).map((zone) => {
        const subnetId = required(zoneOf(zone).nodeSubnetId, `network.zones.${zone}.nodeSubnetId`);
        const name = `NodeSubnet${zoneLetter(zone)}`;
        return [zone, ec2.Subnet.fromSubnetAttributes(this, name, { subnetId, availabilityZone: zone })];
      }),
    );
  }
}
