/** What a team has before it adopts: a VPC, two FreeSWITCH nodes, an Elastic IP on one of them, a zone, a password. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  EC2Client,
  RunInstancesCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Document } from 'yaml';

import { awsClientConfig, LOCAL_REGION } from '../../../local/emulator/loopback';

const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;
const CIDR = '127.64.0.0/16';

export interface ExistingSite {
  vpcId: string;
  /** Zone -> subnet and route table for the functions. */
  functionSubnets: Record<string, { functionSubnetId: string; routeTableId: string }>;
  /** Name tag -> instance id. */
  instances: Record<string, string>;
  allocationId: string;
  hostedZoneId: string;
  secretArn: string;
}

/** Makes it in the emulator, the address on the node named `carrier`. */
export async function makeExistingSite(
  aws: { endpoint: string },
  names: { nodes: readonly [string, string]; carrier: string; address: string; zone: string },
): Promise<ExistingSite> {
  const config = awsClientConfig(aws);
  const ec2 = new EC2Client(config);
  const route53 = new Route53Client(config);
  const secrets = new SecretsManagerClient(config);
  try {
    const { Vpc: vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: CIDR }));
    const vpcId = vpc?.VpcId ?? '';
    const functionSubnets: ExistingSite['functionSubnets'] = {};
    for (const [index, zone] of ZONES.entries()) {
      functionSubnets[zone] = await makeFunctionSubnet(ec2, vpcId, zone, `127.64.${100 + index}.0/24`);
    }
    const instances: ExistingSite['instances'] = {};
    for (const [index, name] of names.nodes.entries()) {
      instances[name] = await makeNode(ec2, vpcId, ZONES[index] ?? '', `127.64.${10 + index}.0/24`, name);
    }
    const { AllocationId: allocationId = '' } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
    await tag(ec2, allocationId, { Key: 'Name', Value: names.address });
    await ec2.send(
      new AssociateAddressCommand({ AllocationId: allocationId, InstanceId: instances[names.carrier] ?? '' }),
    );
    const { HostedZone: hostedZone } = await route53.send(
      new CreateHostedZoneCommand({
        Name: names.zone,
        CallerReference: names.zone,
        VPC: { VPCId: vpcId, VPCRegion: LOCAL_REGION },
      }),
    );
    const secret = await secrets.send(
      new CreateSecretCommand({ Name: 'freeswitch-esl', SecretString: 'what-the-nodes-have-today' }),
    );
    const hostedZoneId = hostedZone?.Id?.replace('/hostedzone/', '') ?? '';
    return { vpcId, functionSubnets, instances, allocationId, hostedZoneId, secretArn: secret.ARN ?? '' };
  } finally {
    for (const client of [ec2, route53, secrets]) client.destroy();
  }
}

async function makeFunctionSubnet(
  ec2: EC2Client,
  vpcId: string,
  zone: string,
  cidr: string,
): Promise<{ functionSubnetId: string; routeTableId: string }> {
  const functionSubnetId = await makeSubnet(ec2, vpcId, zone, cidr);
  const { RouteTable: table } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
  return { functionSubnetId, routeTableId: table?.RouteTableId ?? '' };
}

async function makeSubnet(ec2: EC2Client, vpcId: string, zone: string, cidr: string): Promise<string> {
  const { Subnet: subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: cidr, AvailabilityZone: zone }),
  );
  return subnet?.SubnetId ?? '';
}

async function makeNode(ec2: EC2Client, vpcId: string, zone: string, cidr: string, name: string): Promise<string> {
  const subnetId = await makeSubnet(ec2, vpcId, zone, cidr);
  const { Instances: [instance] = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
    }),
  );
  return instance?.InstanceId ?? '';
}

export async function tag(ec2: EC2Client, resource: string, made: Tag): Promise<void> {
  await ec2.send(new CreateTagsCommand({ Resources: [resource], Tags: [made] }));
}

/** Puts the site's ids where the example has placeholders. */
export function describeSite(document: Document, site: ExistingSite): void {
  const cluster = ['clusters', 0];
  document.setIn([...cluster, 'network', 'existing', 'vpcId'], site.vpcId);
  document.setIn([...cluster, 'network', 'existing', 'zones'], site.functionSubnets);
  document.setIn([...cluster, 'vips', 0, 'privateDns', 'zoneId'], site.hostedZoneId);
  document.setIn([...cluster, 'eslSecret', 'arn'], site.secretArn);
}
