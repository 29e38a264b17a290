/** Elastic IPs and interfaces against what the EC2 API reference says; each test names its page. */
import {
  AllocateAddressCommand,
  AssignPrivateIpAddressesCommand,
  AssociateAddressCommand,
  CreateTagsCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DisassociateAddressCommand,
  EC2Client,
  ReleaseAddressCommand,
  StopInstancesCommand,
  type AssociateAddressCommandInput,
} from '@aws-sdk/client-ec2';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { deploy, errorOf, eventually, GROUND, useEmulator, type Stack } from './support';

const emulator = useEmulator('elastic-ip');

const node = (id: string, count: number) => ({
  [`${id}Interface`]: {
    Type: 'AWS::EC2::NetworkInterface',
    Properties: { SubnetId: { Ref: 'Subnet' }, SecondaryPrivateIpAddressCount: count },
  },
  [id]: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      ImageId: 'ami-0',
      InstanceType: 't3.micro',
      NetworkInterfaces: [{ NetworkInterfaceId: { Ref: `${id}Interface` }, DeviceIndex: '0' }],
      Tags: [{ Key: 'node', Value: id }],
    },
  },
});
const template = (count: number) => ({
  Resources: { ...GROUND, ...node('A', count), ...node('B', count) },
  Outputs: Object.fromEntries(
    ['A', 'B'].flatMap((id) => [
      [id, { Value: { Ref: id } }],
      [`${id}Zone`, { Value: { 'Fn::GetAtt': [id, 'AvailabilityZone'] } }],
      [`${id}Interface`, { Value: { 'Fn::GetAtt': [`${id}Interface`, 'Id'] } }],
      [`${id}Primary`, { Value: { 'Fn::GetAtt': [`${id}Interface`, 'PrimaryPrivateIpAddress'] } }],
      [
        `${id}Secondary`,
        { Value: { 'Fn::Join': [',', { 'Fn::GetAtt': [`${id}Interface`, 'SecondaryPrivateIpAddresses'] }] } },
      ],
    ]),
  ),
});

let ec2: EC2Client;
let stack: Stack;
let out: Record<string, string>;

beforeAll(async () => {
  ec2 = new EC2Client(awsClientConfig(emulator()));
  stack = await deploy(emulator(), 'ground', template(2));
  out = await stack.outputs();
});

/** An Elastic IP that the test has for itself. */
async function allocate() {
  const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const associate = async (input: AssociateAddressCommandInput) =>
    (await ec2.send(new AssociateAddressCommand({ AllocationId, ...input }))).AssociationId;
  const describe = async () =>
    (await ec2.send(new DescribeAddressesCommand({ AllocationIds: [String(AllocationId)] }))).Addresses?.[0];
  return { AllocationId: String(AllocationId), PublicIp: String(PublicIp), associate, describe };
}

const secondary = (id: 'A' | 'B', index: number) => out[`${id}Secondary`]?.split(',')[index] ?? '';

describe('aws-resource-ec2-networkinterface, aws-resource-ec2-instance', () => {
  test('an instance takes zone and addresses from the interface it is given', async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [String(out['A'])] }));
    const instance = Reservations?.[0]?.Instances?.[0];
    expect(out['AZone']).toBe('us-east-1b');
    expect(instance?.PrivateIpAddress).toBe(out['APrimary']);
    expect(instance?.PublicIpAddress).toBeUndefined();
    expect(instance?.NetworkInterfaces?.[0]?.PrivateIpAddresses).toEqual([
      { Primary: true, PrivateIpAddress: out['APrimary'] },
      { Primary: false, PrivateIpAddress: secondary('A', 0) },
      { Primary: false, PrivateIpAddress: secondary('A', 1) },
    ]);
  });

  test('addresses come from the subnet, each once', () => {
    const all = [out['APrimary'], out['BPrimary'], ...[0, 1].flatMap((i) => [secondary('A', i), secondary('B', i)])];
    expect(new Set(all).size).toBe(6);
    all.forEach((address) => expect(address).toMatch(/^127\.64\.1\./));
  });
});

describe('API_AssociateAddress', () => {
  test('without a private address the primary one is meant', async () => {
    const address = await allocate();
    await address.associate({ NetworkInterfaceId: out['AInterface'] });
    expect(await address.describe()).toMatchObject({
      PrivateIpAddress: out['APrimary'],
      InstanceId: out['A'],
      NetworkInterfaceId: out['AInterface'],
    });
  });

  test('each private address has an Elastic IP of its own', async () => {
    const [first, second] = [await allocate(), await allocate()];
    await first.associate({ NetworkInterfaceId: out['AInterface'], PrivateIpAddress: secondary('A', 0) });
    await second.associate({ NetworkInterfaceId: out['AInterface'], PrivateIpAddress: secondary('A', 1) });
    const { NetworkInterfaces } = await ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [String(out['AInterface'])] }),
    );
    const held = NetworkInterfaces?.[0]?.PrivateIpAddresses?.slice(1).map((a) => a.Association?.PublicIp);
    expect(held).toEqual([first.PublicIp, second.PublicIp]);
  });

  test('AllowReassociation=false refuses an address that is associated elsewhere, and changes nothing', async () => {
    const address = await allocate();
    const before = await address.associate({
      NetworkInterfaceId: out['AInterface'],
      PrivateIpAddress: secondary('A', 0),
    });
    const move = { NetworkInterfaceId: out['BInterface'], PrivateIpAddress: secondary('B', 0) };
    expect(await errorOf(address.associate({ ...move, AllowReassociation: false }))).toBe('Resource.AlreadyAssociated');
    expect((await address.describe())?.AssociationId).toBe(before);
    expect(await address.associate(move)).not.toBe(before);
  });

  test('an Elastic IP that is already on the private address is displaced without a word', async () => {
    const [sitting, coming] = [await allocate(), await allocate()];
    const place = { NetworkInterfaceId: out['BInterface'], PrivateIpAddress: secondary('B', 1) };
    await sitting.associate(place);
    await coming.associate({ ...place, AllowReassociation: false });
    expect((await sitting.describe())?.AssociationId).toBeUndefined();
    expect((await coming.describe())?.PrivateIpAddress).toBe(secondary('B', 1));
  });

  test('is idempotent: the same association again keeps its id', async () => {
    const address = await allocate();
    const place = { NetworkInterfaceId: out['BInterface'], PrivateIpAddress: secondary('B', 0) };
    const first = await address.associate(place);
    expect(await address.associate({ ...place, AllowReassociation: false })).toBe(first);
  });

  test.each([
    ['InvalidNetworkInterfaceID.NotFound', { NetworkInterfaceId: 'eni-00000000000000000' }],
    ['InvalidInstanceID.NotFound', { InstanceId: 'i-00000000000000000' }],
    ['InvalidAllocationID.NotFound', { AllocationId: 'eipalloc-00000000000000000' }],
  ])('%s for what does not exist', async (code, input) => {
    const address = await allocate();
    expect(await errorOf(address.associate(input))).toBe(code);
  });

  test('DryRun changes nothing', async () => {
    const address = await allocate();
    expect(await errorOf(address.associate({ NetworkInterfaceId: out['AInterface'], DryRun: true }))).toBe(
      'DryRunOperation',
    );
    expect((await address.describe())?.AssociationId).toBeUndefined();
  });
});

describe('API_DisassociateAddress, API_ReleaseAddress', () => {
  test('a stale association id is refused and the newer association stays', async () => {
    const address = await allocate();
    const stale = await address.associate({
      NetworkInterfaceId: out['AInterface'],
      PrivateIpAddress: secondary('A', 0),
    });
    const newer = await address.associate({
      NetworkInterfaceId: out['BInterface'],
      PrivateIpAddress: secondary('B', 0),
    });
    expect(await errorOf(ec2.send(new DisassociateAddressCommand({ AssociationId: stale })))).toBe(
      'InvalidAssociationID.NotFound',
    );
    expect((await address.describe())?.AssociationId).toBe(newer);
    await ec2.send(new DisassociateAddressCommand({ AssociationId: newer }));
    expect((await address.describe())?.AssociationId).toBeUndefined();
  });

  test('an associated address cannot be released', async () => {
    const address = await allocate();
    await address.associate({ NetworkInterfaceId: out['AInterface'] });
    expect(await errorOf(ec2.send(new ReleaseAddressCommand({ AllocationId: address.AllocationId })))).toBe(
      'InvalidIPAddress.InUse',
    );
  });
});

test('API_DescribeAddresses: filters by tag, interface and private address', async () => {
  const address = await allocate();
  await ec2.send(new CreateTagsCommand({ Resources: [address.AllocationId], Tags: [{ Key: 'owner', Value: 'test' }] }));
  await address.associate({ NetworkInterfaceId: out['AInterface'], PrivateIpAddress: secondary('A', 1) });
  const find = async (Name: string, value: string | undefined) =>
    (await ec2.send(new DescribeAddressesCommand({ Filters: [{ Name, Values: [String(value)] }] }))).Addresses?.map(
      (a) => a.AllocationId,
    );
  expect(await find('tag:owner', 'test')).toEqual([address.AllocationId]);
  expect(await find('private-ip-address', secondary('A', 1))).toEqual([address.AllocationId]);
  expect(await find('network-interface-id', out['AInterface'])).toContain(address.AllocationId);
  expect(await find('network-interface-id', 'eni-0')).toEqual([]);
});

test('API_AssignPrivateIpAddresses: an address in use is refused', async () => {
  const assign = new AssignPrivateIpAddressesCommand({
    NetworkInterfaceId: out['AInterface'],
    PrivateIpAddresses: [secondary('B', 0)],
  });
  expect(await errorOf(ec2.send(assign))).toBe('InvalidIPAddress.InUse');
});

test('API_StopInstances: takes its time, keeps the addresses, and both flags can be seen to have been sent', async () => {
  await ec2.send(new StopInstancesCommand({ InstanceIds: [String(out['B'])], Force: true, SkipOsShutdown: true }));
  const read = async () =>
    (await ec2.send(new DescribeInstancesCommand({ InstanceIds: [String(out['B'])] }))).Reservations?.[0]
      ?.Instances?.[0];
  expect((await read())?.State?.Name).toBe('stopping');
  const stopped = await eventually('stopped', async () => {
    const instance = await read();
    return instance?.State?.Name === 'stopped' ? instance : null;
  });
  expect(stopped.PrivateIpAddress).toBe(out['BPrimary']);
  expect(emulator().faults.callsOf('ec2', 'StopInstances')[0]?.parameters).toMatchObject({
    Force: 'true',
    SkipOsShutdown: 'true',
  });
});

test('aws-resource-ec2-networkinterface: the number of secondary addresses changes in place, then all is deleted', async () => {
  const kept = out['ASecondary'];
  await stack.update(template(3));
  const grown = await stack.outputs();
  expect(grown['AInterface']).toBe(out['AInterface']);
  expect(grown['ASecondary']?.startsWith(`${String(kept)},`)).toBe(true);
  await stack.update(template(1));
  expect((await stack.outputs())['ASecondary']).toBe(secondary('A', 0));
  expect(await stack.delete()).toBe('DELETE_COMPLETE');
});
