import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { distinct, zoneLetter } from '../naming';
import { routeNodes, type WayPastNat } from './node-routes';
import { planSubnets } from './subnet-plan';
import type { Ground } from './ground';

interface NodeSubnet {
  zone: string;
  subnet: ec2.ISubnet;
  pastNat: WayPastNat | null;
}

/**
 * A VPC of the cluster's own. Functions live in isolated subnets: no route leads out of them but the one to DynamoDB's
 * gateway endpoint. Nodes live in public subnets, because an Elastic IP works only where an internet gateway is.
 */
export class CreatedGround extends Construct implements Ground {
  readonly vpc: ec2.IVpc;
  readonly functionSubnets: ReadonlyMap<string, ec2.ISubnet>;
  readonly nodeSubnets: ReadonlyMap<string, ec2.ISubnet>;
  readonly waysPastNat: readonly WayPastNat[];
  readonly databaseSubnets: readonly ec2.ISubnet[];

  constructor(scope: Construct, id: string, config: ClusterConfig, cidr: string) {
    super(scope, id);
    const nodeZones = distinct(config.nodes.map((node) => node.zone));
    const zones = distinct([...config.observerZones, ...nodeZones]).sort();

    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(cidr),
      availabilityZones: zones,
      // The subnets are made below, one by one: the CDK's own plan moves them when a zone is added.
      subnetConfiguration: [],
      natGateways: 0,
    });
    // The CDK's class and its own interface disagree under exactOptionalPropertyTypes, in one optional property.
    this.vpc = vpc as ec2.IVpc;

    const functionSubnets = new Map<string, ec2.ISubnet>();
    for (const zone of zones) {
      const subnet = new ec2.PrivateSubnet(this, `FunctionSubnet${zoneLetter(zone)}`, {
        vpcId: this.vpc.vpcId,
        availabilityZone: zone,
        cidrBlock: planSubnets(cidr, zone).functions,
      });
      functionSubnets.set(zone, subnet);
    }
    this.functionSubnets = functionSubnets;
    const nodeSubnets = this.makeNodeSubnets(config, cidr, nodeZones);
    this.nodeSubnets = new Map(nodeSubnets.map(({ zone, subnet }) => [zone, subnet]));
    this.waysPastNat = nodeSubnets.flatMap(({ pastNat }) => (pastNat === null ? [] : [pastNat]));
    this.databaseSubnets = config.database.source === 'create' ? this.makeDatabaseSubnets(cidr, zones) : [];
    this.logRejectedFlows();
  }

  private makeNodeSubnets(config: ClusterConfig, cidr: string, zones: string[]): NodeSubnet[] {
    const internet = new ec2.CfnInternetGateway(this, 'InternetGateway');
    const attachment = new ec2.CfnVPCGatewayAttachment(this, 'InternetGatewayAttachment', {
      vpcId: this.vpc.vpcId,
      internetGatewayId: internet.ref,
    });
    return zones.map((zone) => {
      const plan = planSubnets(cidr, zone);
      const subnet = new ec2.PublicSubnet(this, `NodeSubnet${zoneLetter(zone)}`, {
        vpcId: this.vpc.vpcId,
        availabilityZone: zone,
        cidrBlock: plan.nodes,
        // Never: an address that comes and goes with the instance would be one more thing callers might learn.
        mapPublicIpOnLaunch: false,
      });
      const { vpcId } = this.vpc;
      const pastNat = routeNodes(this, { config, zone, subnet, natCidr: plan.nat, vpcId, internet, attachment });
      return { zone, subnet, pastNat };
    });
  }

  /** In every zone that has room: a database that moves to another zone must find a subnet there. */
  private makeDatabaseSubnets(cidr: string, zones: string[]): ec2.ISubnet[] {
    return zones.flatMap((zone) => {
      const { database } = planSubnets(cidr, zone);
      if (database === null) return [];
      const props = { vpcId: this.vpc.vpcId, availabilityZone: zone, cidrBlock: database };
      return [new ec2.PrivateSubnet(this, `DatabaseSubnet${zoneLetter(zone)}`, props)];
    });
  }

  /** Rejected flows only: calls make millions of accepted ones, and what one looks for is who was turned away. */
  private logRejectedFlows(): void {
    const group = new logs.LogGroup(this, 'FlowLogGroup', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new ec2.FlowLog(this, 'FlowLog', {
      resourceType: ec2.FlowLogResourceType.fromVpc(this.vpc),
      destination: ec2.FlowLogDestination.toCloudWatchLogs(group),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
  }
}
