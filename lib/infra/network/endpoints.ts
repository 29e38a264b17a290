import { Aws, Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ClusterConfig, NetworkConfig } from '../../config/model';
import { required, TAGS } from '../naming';
import type { Ground } from './ground';

/** Something in a zone that answers a TCP connection as long as the zone is there. */
export interface ControlTarget {
  zone: string;
  host: string;
  port: number;
}

export interface ClusterEndpointsProps {
  config: ClusterConfig;
  ground: Ground;
  securityGroup: ec2.ISecurityGroup;
}

/** Services that nodes need besides Secrets Manager when they have no way to the internet. */
const NODE_SERVICES = {
  Ssm: ec2.InterfaceVpcEndpointAwsService.SSM,
  SsmMessages: ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES,
  Ec2Messages: ec2.InterfaceVpcEndpointAwsService.EC2_MESSAGES,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  // The agent's own numbers.
  Monitoring: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
} as const;

/** Whether we make the doors: a VPC has each of them once. */
export const makesEndpoints = (network: NetworkConfig): boolean =>
  network.source === 'create' || !network.endpointsExist;

/** The doors to AWS out of subnets that have no other. */
export class ClusterEndpoints extends Construct {
  /** Doubles as the observers' control targets: an endpoint has an address in each zone, and AWS keeps it answering. */
  readonly controlTargets: ControlTarget[];

  constructor(scope: Construct, id: string, props: ClusterEndpointsProps) {
    super(scope, id);
    const { config, ground } = props;
    const functionSubnets = [...ground.functionSubnets.values()];
    const dynamoDb = ground.vpc.addGatewayEndpoint('DynamoDb', {
      service: ec2.GatewayVpcEndpointAwsService.DYNAMODB,
      subnets: [{ subnets: functionSubnets }],
    });
    admit(dynamoDb, 'dynamodb:*', config);

    const observerSubnets = config.observerZones.map((zone) =>
      required(ground.functionSubnets.get(zone), `the function subnet of zone ${zone}`),
    );
    const secrets = this.interfaceEndpoint('SecretsManager', props, {
      service: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      subnets: observerSubnets,
    });
    admit(secrets, 'secretsmanager:*', config);
    this.controlTargets = config.observerZones.map((zone) => ({ zone, host: zonalName(secrets, zone), port: 443 }));

    if (config.network.nodeEgress === 'endpoints' && ground.nodeSubnets.size > 0) {
      const subnets = [...ground.nodeSubnets.values()];
      for (const [name, service] of Object.entries(NODE_SERVICES)) {
        this.interfaceEndpoint(name, props, { service, subnets });
      }
      if (config.vips.some((vip) => vip.elasticIp.source === 'adopt')) {
        // A node finds an adopted address by its tag.
        this.interfaceEndpoint('Ec2', props, { service: ec2.InterfaceVpcEndpointAwsService.EC2, subnets });
      }
      // What a node fetches at its boot, without which it does not come up. Costs nothing. In a VPC that exists its
      // owner has it, or not: we do not know the route tables of its nodes.
      if (config.network.source === 'existing') return;
      ground.vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [{ subnets }] });
    }
  }

  private interfaceEndpoint(
    id: string,
    props: ClusterEndpointsProps,
    target: { service: ec2.IInterfaceVpcEndpointService; subnets: ec2.ISubnet[] },
  ): ec2.InterfaceVpcEndpoint {
    return new ec2.InterfaceVpcEndpoint(this, id, {
      vpc: props.ground.vpc,
      service: target.service,
      subnets: { subnets: target.subnets },
      securityGroups: [props.securityGroup],
      // The group's own rules decide.
      open: false,
      privateDnsEnabled: true,
    });
  }
}

/**
 * The endpoint's name that resolves to its address in one zone only. AWS lists the regional name first
 * (`<zone id>:vpce-0a-1b.secretsmanager.us-east-1.vpce.amazonaws.com`); the zonal one has the zone behind its first
 * label (PrivateLink guide, "Access an AWS service using an interface VPC endpoint", DNS hostnames).
 */
function zonalName(endpoint: ec2.InterfaceVpcEndpoint, zone: string): string {
  const service = '.secretsmanager.';
  const regional = Fn.select(1, Fn.split(':', Fn.select(0, endpoint.vpcEndpointDnsEntries)));
  const [label, domain] = [0, 1].map((index) => Fn.select(index, Fn.split(service, regional)));
  return Fn.join('', [label ?? '', `-${zone}`, service, domain ?? '']);
}

/**
 * A function that was taken over cannot carry what it reads to somebody else's account through our endpoint. A VPC that
 * exists has other tenants, whose requests come this way, too, and may well go to another account: there it is said of
 * those alone who carry our tag.
 */
function admit(endpoint: ec2.VpcEndpoint, action: string, { network }: ClusterConfig): void {
  const everything = { principals: [new iam.AnyPrincipal()], actions: [action], resources: ['*'] };
  const account = { 'aws:ResourceAccount': Aws.ACCOUNT_ID };
  if (network.source === 'create') {
    endpoint.addToPolicy(new iam.PolicyStatement({ ...everything, conditions: { StringEquals: account } }));
    return;
  }
  endpoint.addToPolicy(new iam.PolicyStatement(everything));
  endpoint.addToPolicy(
    new iam.PolicyStatement({
      ...everything,
      effect: iam.Effect.DENY,
      conditions: { Null: { [`aws:PrincipalTag/${TAGS.cluster}`]: 'false' }, StringNotEquals: account },
    }),
  );
}
