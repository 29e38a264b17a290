/** What a policy of the product may rely on when IAM is enforced: resources and condition keys as AWS evaluates them. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateTagsCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  EC2Client,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { deploy, GROUND, inlineFunction, useEmulator } from './support';

const emulator = useEmulator('iam');

const CALLER = `
const ec2 = require('@aws-sdk/client-ec2');
const route53 = require('@aws-sdk/client-route-53');
exports.handler = async ({ service, command, input }) => {
  const [library, Client] = service === 'ec2' ? [ec2, ec2.EC2Client] : [route53, route53.Route53Client];
  try {
    await new Client({ maxAttempts: 1 }).send(new library[command](input));
    return 'allowed';
  } catch (error) {
    return error.name;
  }
};`;

const MINE = { StringEquals: { 'ec2:ResourceTag/owner': 'me' } };
const policy = [
  { Effect: 'Allow', Action: 'ec2:DescribeAddresses', Resource: '*' },
  {
    Effect: 'Allow',
    Action: ['ec2:AssociateAddress', 'ec2:DisassociateAddress', 'ec2:CreateTags'],
    Resource: 'arn:aws:ec2:*:*:elastic-ip/*',
    Condition: MINE,
  },
  { Effect: 'Allow', Action: 'ec2:AssociateAddress', Resource: 'arn:aws:ec2:*:*:network-interface/*' },
  {
    Effect: 'Allow',
    Action: 'ec2:StopInstances',
    Resource: 'arn:aws:ec2:*:*:instance/*',
    Condition: { StringEquals: { 'aws:ResourceTag/owner': 'me' } },
  },
  {
    Effect: 'Allow',
    Action: 'route53:ChangeResourceRecordSets',
    Resource: { 'Fn::Sub': 'arn:aws:route53:::hostedzone/${Zone}' },
    Condition: {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['sip.lab.internal', '_epoch.sip.lab.internal'],
        'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'TXT'],
      },
    },
  },
  { Effect: 'Allow', Action: 'route53:GetChange', Resource: 'arn:aws:route53:::change/*' },
];

const instance = (owner: string) => ({
  Type: 'AWS::EC2::Instance',
  Properties: { ImageId: 'ami-0', SubnetId: { Ref: 'Subnet' }, Tags: [{ Key: 'owner', Value: owner }] },
});

function template() {
  const functions = inlineFunction('caller', CALLER);
  const role = functions['callerRole'] as { Properties: object };
  return {
    Resources: {
      ...GROUND,
      ...functions,
      callerRole: {
        ...role,
        Properties: {
          ...role.Properties,
          Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: policy } }],
        },
      },
      Zone: {
        Type: 'AWS::Route53::HostedZone',
        Properties: { Name: 'lab.internal', VPCs: [{ VPCId: { Ref: 'Vpc' }, VPCRegion: 'us-east-1' }] },
      },
      Interface: { Type: 'AWS::EC2::NetworkInterface', Properties: { SubnetId: { Ref: 'Subnet' } } },
      Mine: instance('me'),
      Foreign: instance('them'),
    },
    Outputs: Object.fromEntries(['Zone', 'Interface', 'Mine', 'Foreign'].map((id) => [id, { Value: { Ref: id } }])),
  };
}

let out: Record<string, string>;
let addresses: { mine: string; foreign: string };

beforeAll(async () => {
  out = await (await deploy(emulator(), 'iam', template())).outputs();
  const root = new EC2Client(awsClientConfig(emulator()));
  const tagged = async (owner: string) => {
    const TagSpecifications = [{ ResourceType: 'elastic-ip' as const, Tags: [{ Key: 'owner', Value: owner }] }];
    return String((await root.send(new AllocateAddressCommand({ TagSpecifications }))).AllocationId);
  };
  addresses = { mine: await tagged('me'), foreign: await tagged('them') };
});

/** The outcome of a call that the function makes with its role. */
async function asFunction(service: 'ec2' | 'route53', command: string, input: object): Promise<unknown> {
  const lambda = new LambdaClient(awsClientConfig(emulator()));
  const Payload = Buffer.from(JSON.stringify({ service, command, input }));
  const answer = await lambda.send(new InvokeCommand({ FunctionName: 'caller', Payload }));
  return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as unknown;
}
const ec2 = (command: { name: string }, input: object) => asFunction('ec2', command.name, input);

describe('list_ec2', () => {
  test('Describe calls need the resource *', async () => {
    expect(await ec2(DescribeAddressesCommand, {})).toBe('allowed');
  });

  test.each([
    ['mine', 'allowed'],
    ['foreign', 'UnauthorizedOperation'],
  ] as const)('AssociateAddress is checked on address and interface; %s is %s', async (which, outcome) => {
    const input = { AllocationId: addresses[which], NetworkInterfaceId: out['Interface'] };
    expect(await ec2(AssociateAddressCommand, input)).toBe(outcome);
  });

  test('DisassociateAddress is checked on the address behind the association id', async () => {
    const root = new EC2Client(awsClientConfig(emulator()));
    const place = { NetworkInterfaceId: out['Interface'] };
    const foreign = await root.send(new AssociateAddressCommand({ ...place, AllocationId: addresses.foreign }));
    expect(await ec2(DisassociateAddressCommand, { AssociationId: foreign.AssociationId })).toBe(
      'UnauthorizedOperation',
    );
    const mine = await root.send(new AssociateAddressCommand({ ...place, AllocationId: addresses.mine }));
    expect(await ec2(DisassociateAddressCommand, { AssociationId: mine.AssociationId })).toBe('allowed');
  });

  test.each([
    ['mine', 'allowed'],
    ['foreign', 'UnauthorizedOperation'],
  ] as const)('CreateTags is checked on the resource that it tags; %s is %s', async (which, outcome) => {
    const input = { Resources: [addresses[which]], Tags: [{ Key: 'k', Value: 'v' }] };
    expect(await ec2(CreateTagsCommand, input)).toBe(outcome);
  });

  test('StopInstances is checked on every instance it names', async () => {
    const stop = (...InstanceIds: unknown[]) => ec2(StopInstancesCommand, { InstanceIds });
    expect(await stop(out['Mine'], out['Foreign'])).toBe('UnauthorizedOperation');
    expect(await stop(out['Mine'])).toBe('allowed');
  });
});

describe('specifying-rrset-conditions', () => {
  const change = (Name: string, Type: string, Value: string) => ({
    Action: 'UPSERT',
    ResourceRecordSet: { Name, Type, TTL: 5, ResourceRecords: [{ Value }] },
  });
  const apply = (...Changes: object[]) =>
    asFunction('route53', 'ChangeResourceRecordSetsCommand', {
      HostedZoneId: out['Zone'],
      ChangeBatch: { Changes },
    });

  test('a batch of allowed names in any case is allowed', async () => {
    const batch = [change('SIP.lab.internal.', 'A', '127.64.1.10'), change('_epoch.sip.lab.internal', 'TXT', '"7"')];
    expect(await apply(...batch)).toBe('allowed');
  });

  test('one other name, or another type, denies the whole batch', async () => {
    const allowed = change('sip.lab.internal', 'A', '127.64.1.11');
    expect(await apply(allowed, change('www.lab.internal', 'A', '127.64.1.11'))).toBe('AccessDenied');
    expect(await apply(change('sip.lab.internal', 'CNAME', 'www.lab.internal'))).toBe('AccessDenied');
  });

  test('GetChange is checked on the change', async () => {
    expect(await asFunction('route53', 'GetChangeCommand', { Id: 'C000' })).toBe('NoSuchChange');
  });
});
