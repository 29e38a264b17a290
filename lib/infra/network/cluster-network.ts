import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { required } from '../naming';
import { CreatedGround } from './created-ground';
import { ClusterEndpoints, makesEndpoints, type ControlTarget } from './endpoints';
import { ExistingGround } from './existing-ground';
import type { Ground } from './ground';
import type { WayPastNat } from './node-routes';
import { ClusterSecurityGroups } from './security-groups';

export interface ClusterNetworkProps {
  config: ClusterConfig;
  /** Id of the region's prefix list `com.amazonaws.<region>.dynamodb`; narrows one egress rule of the functions. */
  dynamoDbPrefixListId?: string;
}

/** Where a cluster lives: VPC, subnets per zone, security groups and the endpoints of the AWS services it needs. */
export class ClusterNetwork extends Construct {
  readonly vpc: ec2.IVpc;
  readonly functionGroup: ec2.ISecurityGroup;
  readonly nodeGroup: ec2.ISecurityGroup;
  /** Of a database that the deployment makes; null where it makes none. */
  readonly databaseGroup: ec2.ISecurityGroup | null;
  /** Empty where the endpoints exist already: their names are then not known. */
  readonly controlTargets: ControlTarget[];
  private readonly ground: Ground;

  constructor(scope: Construct, id: string, props: ClusterNetworkProps) {
    super(scope, id);
    const { config } = props;
    const { network } = config;
    this.ground =
      network.source === 'create'
        ? new CreatedGround(this, 'Created', config, network.cidr)
        : new ExistingGround(this, 'Existing', config, network);
    this.vpc = this.ground.vpc;

    const groups = new ClusterSecurityGroups(this, 'SecurityGroups', {
      config,
      vpc: this.vpc,
      dynamoDbPrefixListId: props.dynamoDbPrefixListId,
    });
    this.functionGroup = groups.functions;
    this.nodeGroup = groups.nodes;
    this.databaseGroup = groups.database;

    this.controlTargets = makesEndpoints(network)
      ? new ClusterEndpoints(this, 'Endpoints', { config, ground: this.ground, securityGroup: groups.endpoints })
          .controlTargets
      : [];
  }

  /** @throws Error when the configuration has no function subnet in this zone */
  functionSubnet(zone: string): ec2.ISubnet {
    return required(this.ground.functionSubnets.get(zone), `the function subnet of zone ${zone}`);
  }

  /** Isolated subnets for a database, one a zone. Empty where none is made. */
  get databaseSubnets(): readonly ec2.ISubnet[] {
    return this.ground.databaseSubnets;
  }

  /** For what is to leave a node through its Elastic IP although a NAT gateway has the default route. */
  get waysPastNat(): readonly WayPastNat[] {
    return this.ground.waysPastNat;
  }

  /** @throws Error when the configuration has no node subnet in this zone */
  nodeSubnet(zone: string): ec2.ISubnet {
    return required(this.ground.nodeSubnets.get(zone), `the node subnet of zone ${zone}`);
  }
}
