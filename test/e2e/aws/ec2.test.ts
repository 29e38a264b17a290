import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { ec2Client } from '../../../lib/aws/clients';
import { Ec2ElasticIps } from '../../../lib/aws/elastic-ips';
import { Ec2Instances } from '../../../lib/aws/instances';
import { Ec2Inventory } from '../../../lib/aws/inventory';
import { ForeignOwner, OutsideRefused } from '../../../lib/domain/errors';
import type { InstanceFacts } from '../../../lib/domain/ports';
import type { Emulator } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { calls, overridesFor, startLocalAws } from './local-aws';

const OWNER = 'cluster/pbx';

let aws: Emulator;
let ec2: EC2Client;
let subnetId: string;
let elasticIps: Ec2ElasticIps;
let instances: Ec2Instances;
let inventory: Ec2Inventory;

beforeAll(async () => {
  aws = await startLocalAws('e2e-ec2');
  ec2 = new EC2Client(awsClientConfig(aws));
  const ours = ec2Client(overridesFor(aws));
  elasticIps = new Ec2ElasticIps(ours, calls(), OWNER);
  instances = new Ec2Instances(ours, calls(), OWNER);
  inventory = new Ec2Inventory(ours, calls());
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '127.64.0.0/16' }));
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '127.64.1.0/24', AvailabilityZone: 'us-east-1b' }),
  );
  subnetId = Subnet?.SubnetId ?? '';
});

afterAll(async () => {
  ec2?.destroy();
  await aws?.stop();
});

beforeEach(() => aws.faults.clear());

async function aNode(name: string): Promise<InstanceFacts> {
  await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnetId, SecondaryPrivateIpAddressCount: 2 }],
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
    }),
  );
  return inventory.findInstance({ tag: { key: 'Name', value: name } });
}

async function anElasticIp(): Promise<string> {
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  return AllocationId ?? '';
}

const targetOn = (node: InstanceFacts, allocationId: string, index = 0) => ({
  allocationId,
  networkInterfaceId: node.networkInterfaceId,
  privateAddress: node.secondaryAddresses[index] ?? '',
});

describe('the inventory', () => {
  it('finds an instance by tag and by id, with zone, interface and addresses in order', async () => {
    const node = await aNode('inventory-one');
    expect(node).toMatchObject({ zone: 'us-east-1b', owner: null });
    expect(node.networkInterfaceId).toMatch(/^eni-/);
    expect(node.primaryAddress).toMatch(/^127\.64\.1\./);
    expect(node.secondaryAddresses).toHaveLength(2);
    expect(node.secondaryAddresses).not.toContain(node.primaryAddress);
    expect((await inventory.findInstance({ id: node.instanceId })).instanceId).toBe(node.instanceId);
  });

  it('refuses none and refuses two, naming the tag and the ids', async () => {
    const none = await inventory
      .findInstance({ tag: { key: 'Name', value: 'nobody' } })
      .catch((error: unknown) => error);
    expect(none).toBeInstanceOf(OutsideRefused);
    expect(String(none)).toContain('Name=nobody');

    const first = await aNode('twin');
    const two = await aNode('twin').catch((error: unknown) => error);
    expect(two).toBeInstanceOf(OutsideRefused);
    expect(String(two)).toMatch(new RegExp(`2 of kind instance with tag Name=twin: .*${first.instanceId}`));
  });

  it('does not count an instance that was terminated', async () => {
    const gone = await aNode('replaced');
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [gone.instanceId] }));
    const deadlineMs = performance.now() + 20_000;
    while ((await instances.describe([gone.instanceId]))[0]?.state !== 'terminated') {
      expect(performance.now()).toBeLessThan(deadlineMs);
    }
    const next = await aNode('replaced');
    expect(next.instanceId).not.toBe(gone.instanceId);
  });

  it('finds an Elastic IP with its tags and what it is on', async () => {
    const node = await aNode('eip-inventory');
    const allocationId = await anElasticIp();
    await elasticIps.tag(allocationId, { owner: OWNER, epoch: 7 });
    await elasticIps.attach(targetOn(node, allocationId));
    expect(await inventory.findElasticIp({ id: allocationId })).toMatchObject({
      allocationId,
      owner: OWNER,
      epoch: 7,
      association: { networkInterfaceId: node.networkInterfaceId, privateAddress: node.secondaryAddresses[0] },
    });
    await expect(inventory.findElasticIp({ tag: { key: 'Name', value: 'none' } })).rejects.toThrow('Name=none');
  });
});

describe('an Elastic IP', () => {
  it('moves by the exact association that was read', async () => {
    const [one, other] = [await aNode('move-a'), await aNode('move-b')];
    const allocationId = await anElasticIp();
    expect(await elasticIps.read(allocationId)).toEqual({ association: null, owner: null, epoch: null });

    expect(await elasticIps.attach(targetOn(one, allocationId))).toBe('attached');
    const { association } = await elasticIps.read(allocationId);
    expect(association).toMatchObject({ instanceId: one.instanceId, privateAddress: one.secondaryAddresses[0] });

    expect(await elasticIps.attach(targetOn(other, allocationId))).toBe('taken');
    expect(await elasticIps.detach(association?.associationId ?? '')).toBe('detached');
    expect(await elasticIps.detach(association?.associationId ?? '')).toBe('already-gone');
    expect(await elasticIps.attach(targetOn(other, allocationId))).toBe('attached');
    expect((await elasticIps.read(allocationId)).association?.instanceId).toBe(other.instanceId);
  });

  it('is found by the private address it is on, and only by that', async () => {
    const node = await aNode('by-address');
    const allocationId = await anElasticIp();
    await elasticIps.attach(targetOn(node, allocationId, 1));
    const [first = '', second = ''] = node.secondaryAddresses;
    expect(await elasticIps.readByPrivateAddress(node.networkInterfaceId, second)).toEqual({ allocationId });
    expect(await elasticIps.readByPrivateAddress(node.networkInterfaceId, first)).toBeNull();
  });

  it('is known as attached when the answer was lost', async () => {
    const node = await aNode('lost');
    const allocationId = await anElasticIp();
    const lost = aws.faults.add({ service: 'ec2', action: 'AssociateAddress', effect: 'lost-answer', times: 1 });
    expect(await elasticIps.attach(targetOn(node, allocationId))).toBe('attached');
    expect(lost.hits).toBe(1);
  });

  it('is known as detached when the answer was lost', async () => {
    const node = await aNode('lost-detach');
    const allocationId = await anElasticIp();
    await elasticIps.attach(targetOn(node, allocationId));
    const { association } = await elasticIps.read(allocationId);
    aws.faults.add({ service: 'ec2', action: 'DisassociateAddress', effect: 'lost-answer', times: 1 });
    expect(await elasticIps.detach(association?.associationId ?? '')).toBe('already-gone');
    expect((await elasticIps.read(allocationId)).association).toBeNull();
  });

  it('of another deployment is refused, and keeps its tags when ours are taken off', async () => {
    const allocationId = await anElasticIp();
    await ec2.send(
      new CreateTagsCommand({ Resources: [allocationId], Tags: [{ Key: 'understudy:owner', Value: 'cluster/other' }] }),
    );
    await expect(elasticIps.read(allocationId)).rejects.toBeInstanceOf(ForeignOwner);
    await elasticIps.release(allocationId);
    await expect(elasticIps.read(allocationId)).rejects.toThrow('cluster/other');
  });

  it('carries owner and epoch until it is released', async () => {
    const allocationId = await anElasticIp();
    await elasticIps.tag(allocationId, { owner: OWNER, epoch: 12 });
    expect(await elasticIps.read(allocationId)).toMatchObject({ owner: OWNER, epoch: 12 });
    await elasticIps.release(allocationId);
    expect(await elasticIps.read(allocationId)).toMatchObject({ owner: null, epoch: null });
  });

  it('that does not exist is named', async () => {
    await expect(elasticIps.read('eipalloc-0123456789abcdef0')).rejects.toThrow('eipalloc-0123456789abcdef0');
  });

  it.each(['throttle', 'server-error'] as const)('moves in spite of %s', async (effect) => {
    const node = await aNode(`in-spite-of-${effect}`);
    const allocationId = await anElasticIp();
    aws.faults.add({ service: 'ec2', action: 'AssociateAddress', effect, times: 2 });
    expect(await elasticIps.attach(targetOn(node, allocationId))).toBe('attached');
  });

  it('names the permission that is missing', async () => {
    aws.faults.add({ service: 'ec2', action: 'AssociateAddress', effect: 'refuse' });
    const node = await aNode('refused');
    const attempt = elasticIps.attach(targetOn(node, await anElasticIp()));
    await expect(attempt).rejects.toThrow('grant ec2:AssociateAddress');
  });

  it('displaces nobody: EC2 would silently, so the address is looked up first', async () => {
    const node = await aNode('displaced');
    const [sitting, coming] = [await anElasticIp(), await anElasticIp()];
    const target = targetOn(node, sitting);
    await ec2.send(
      new AssociateAddressCommand({
        AllocationId: sitting,
        NetworkInterfaceId: target.networkInterfaceId,
        PrivateIpAddress: target.privateAddress,
      }),
    );
    const there = await elasticIps.readByPrivateAddress(target.networkInterfaceId, target.privateAddress);
    expect(there).toEqual({ allocationId: sitting });
    expect(there?.allocationId).not.toBe(coming);
  });
});

describe('the instance of a node', () => {
  it('is stopped by force and without a shutdown of its system, and again without complaint', async () => {
    const node = await aNode('stopped');
    await instances.forceStop(node.instanceId);
    const [call] = aws.faults.callsOf('ec2', 'StopInstances');
    expect(call?.parameters).toMatchObject({ Force: 'true', SkipOsShutdown: 'true', 'InstanceId.1': node.instanceId });

    const deadlineMs = performance.now() + 20_000;
    while ((await instances.describe([node.instanceId]))[0]?.state !== 'stopped') {
      expect(performance.now()).toBeLessThan(deadlineMs);
    }
    await expect(instances.forceStop(node.instanceId)).resolves.toBeUndefined();
    await expect(instances.forceStop('i-0123456789abcdef0')).resolves.toBeUndefined();
  });

  it('is started again once it is stopped, and not before; again without complaint', async () => {
    const node = await aNode('started');
    const state = async (): Promise<string | undefined> => (await instances.describe([node.instanceId]))[0]?.state;
    await instances.start(node.instanceId);
    await instances.forceStop(node.instanceId);
    if ((await state()) === 'stopping') {
      await expect(instances.start(node.instanceId)).rejects.toThrow(/it is stopping; it can be started once/);
    }
    const deadlineMs = performance.now() + 20_000;
    while ((await state()) !== 'stopped') expect(performance.now()).toBeLessThan(deadlineMs);
    await instances.start(node.instanceId);
    expect(['pending', 'running']).toContain(await state());
    await expect(instances.start(node.instanceId)).resolves.toBeUndefined();
    expect(await inventory.findInstance({ id: node.instanceId })).toMatchObject({
      primaryAddress: node.primaryAddress,
      secondaryAddresses: node.secondaryAddresses,
    });
  });

  it('is described with its owner; one that does not exist hides no other', async () => {
    const node = await aNode('described');
    await instances.tagOwner(node.instanceId, OWNER);
    expect(await instances.describe([node.instanceId, 'i-0123456789abcdef0'])).toEqual([
      { instanceId: node.instanceId, state: expect.any(String) as unknown, owner: OWNER },
    ]);
    await instances.releaseOwner(node.instanceId);
    expect((await instances.describe([node.instanceId]))[0]?.owner).toBeNull();
    expect(await instances.describe([])).toEqual([]);
  });
});
