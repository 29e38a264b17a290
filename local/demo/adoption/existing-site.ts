/** What a team has before it adopts: a VPC, FreeSWITCH nodes, Elastic IPs on one of them, zones, passwords. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  EC2Client,
  RunInstancesCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import type { TagSelector } from '../../../lib/config/model';
import { awsClientConfig, LOCAL_REGION } from '../../emulator/loopback';
import { hostOf, type Lane } from '../../lane';
import type { LocalPostgres } from '../../postgres/start';
import type { SitePlan } from './site-plan';

/** Third octet of the first zone's subnet: of the nodes, and of the functions. */
const FIRST_SUBNET = { nodes: 10, functions: 100 };

/** In the configuration, which may name no loopback address: an override leads to the laptop's server. */
const DATABASE_HOST = 'freeswitch-db.corp.internal';

export interface ExistingSite {
  vpcId: string;
  /** Zone -> subnet and route table for the functions. */
  functionSubnets: Record<string, { functionSubnetId: string; routeTableId: string }>;
  /** Node id -> instance id. */
  instances: Record<string, string>;
  /** In the order of the plan. */
  vips: { id: string; allocationId: string | null; hostedZoneId: string | null }[];
  secretArn: string;
  /** As the configuration names it: `database.existing`. null: the team has none. */
  database: ExistingDatabase | null;
}

export interface ExistingDatabase {
  host: string;
  port: number;
  name: string;
  adminSecretArn: string;
  securityGroupId: string;
}

interface Clients {
  ec2: EC2Client;
  route53: Route53Client;
  secrets: SecretsManagerClient;
}

/** @param postgres with a database of that name in it; null: none */
export async function makeExistingSite(
  aws: { endpoint: string },
  { network }: Lane,
  plan: SitePlan,
  postgres: { server: LocalPostgres; name: string } | null,
): Promise<ExistingSite> {
  const config = awsClientConfig(aws);
  const clients = {
    ec2: new EC2Client(config),
    route53: new Route53Client(config),
    secrets: new SecretsManagerClient(config),
  };
  const { ec2 } = clients;
  try {
    const { Vpc: vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: network }));
    const vpcId = vpc?.VpcId ?? '';
    const functionSubnets: ExistingSite['functionSubnets'] = {};
    for (const [index, zone] of plan.zones.entries()) {
      functionSubnets[zone] = await makeFunctionSubnet(
        ec2,
        vpcId,
        zone,
        cidrOf(network, FIRST_SUBNET.functions + index),
      );
    }
    const instances = await makeNodes(ec2, { vpcId, network }, plan.nodes);
    const carrier = instances[plan.carrier] ?? '';
    const vips: ExistingSite['vips'] = [];
    for (const { id, address, zoneName } of plan.vips) {
      vips.push({
        id,
        allocationId: address === null ? null : await makeAddress(ec2, address, carrier),
        hostedZoneId: zoneName === null ? null : await makeZone(clients, vpcId, zoneName),
      });
    }
    const secretArn = await makeSecret(clients, 'freeswitch-esl', 'what-the-nodes-have-today');
    const database = postgres === null ? null : await makeDatabase(clients, vpcId, postgres);
    return { vpcId, functionSubnets, instances, vips, secretArn, database };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

export async function tag(ec2: EC2Client, resource: string, made: Tag): Promise<void> {
  await ec2.send(new CreateTagsCommand({ Resources: [resource], Tags: [made] }));
}

const cidrOf = (network: string, thirdOctet: number): string => hostOf(network, `${thirdOctet}.0/24`);

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

async function makeNodes(
  ec2: EC2Client,
  { vpcId, network }: { vpcId: string; network: string },
  nodes: SitePlan['nodes'],
): Promise<ExistingSite['instances']> {
  const subnets = new Map<string, string>();
  const instances: ExistingSite['instances'] = {};
  for (const { id, zone, tag: name } of nodes) {
    const subnetId =
      subnets.get(zone) ?? (await makeSubnet(ec2, vpcId, zone, cidrOf(network, FIRST_SUBNET.nodes + subnets.size)));
    subnets.set(zone, subnetId);
    const { Instances: [instance] = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12345678',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: subnetId,
        TagSpecifications: [{ ResourceType: 'instance', Tags: [tagOf(name)] }],
      }),
    );
    instances[id] = instance?.InstanceId ?? '';
  }
  return instances;
}

async function makeAddress(ec2: EC2Client, name: TagSelector, instanceId: string): Promise<string> {
  const { AllocationId: allocationId = '' } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  await tag(ec2, allocationId, tagOf(name));
  await ec2.send(new AssociateAddressCommand({ AllocationId: allocationId, InstanceId: instanceId }));
  return allocationId;
}

async function makeZone({ route53 }: Clients, vpcId: string, name: string): Promise<string> {
  const { HostedZone: hostedZone } = await route53.send(
    new CreateHostedZoneCommand({
      Name: name,
      CallerReference: name,
      VPC: { VPCId: vpcId, VPCRegion: LOCAL_REGION },
    }),
  );
  return hostedZone?.Id?.replace('/hostedzone/', '') ?? '';
}

/** The server is the laptop's; its administrator's login is a secret, as the team has one. */
async function makeDatabase(
  clients: Clients,
  vpcId: string,
  { server, name }: { server: LocalPostgres; name: string },
): Promise<ExistingDatabase> {
  const { port, adminUser: username, adminPassword: password } = server;
  const { GroupId: securityGroupId = '' } = await clients.ec2.send(
    new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: 'freeswitch-db', Description: 'the shared PostgreSQL' }),
  );
  const adminSecretArn = await makeSecret(clients, 'freeswitch-db', JSON.stringify({ username, password }));
  return { host: DATABASE_HOST, port, name, adminSecretArn, securityGroupId };
}

async function makeSecret({ secrets }: Clients, name: string, value: string): Promise<string> {
  const { ARN: arn = '' } = await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  return arn;
}

const tagOf = ({ key, value }: TagSelector): Tag => ({ Key: key, Value: value });
