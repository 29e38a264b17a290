import {
  DeleteTagsCommand,
  DescribeAddressesCommand,
  EC2Client,
  type Address,
  type AssociateAddressCommand,
  type DisassociateAddressCommand,
} from '@aws-sdk/client-ec2';
import { OutsideCalls } from '../../lib/aws/call';
import { Ec2ElasticIps } from '../../lib/aws/elastic-ips';
import { ForeignOwner } from '../../lib/domain/errors';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

const OURS = 'cluster/pbx';
const TARGET = { allocationId: 'eipalloc-1', networkInterfaceId: 'eni-b', privateAddress: '10.0.1.11' };

const ownedBy = (owner: string): Address => ({ Tags: [{ Key: 'understudy:owner', Value: owner }] });
const at = (networkInterface: string, privateAddress: string): Address => ({
  AssociationId: 'eipassoc-1',
  NetworkInterfaceId: networkInterface,
  PrivateIpAddress: privateAddress,
});

/** EC2 that answers an order with `refusal` (null: accepted), and finds the address so; null: no such association. */
function elasticIpsOf(address: Address | null, refusal: string | null = null) {
  const sent: unknown[] = [];
  const client = new EC2Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
  const send = async (command: unknown): Promise<unknown> => {
    sent.push(command);
    if (command instanceof DescribeAddressesCommand)
      return { Addresses: address === null ? [] : [{ AllocationId: 'eipalloc-1', ...address }] };
    if (refusal !== null) throw Object.assign(new Error('refused'), { name: refusal });
    return {};
  };
  Object.assign(client, { send });
  const calls = new OutsideCalls(new VirtualClock(), seededRandom(1));
  return { elasticIps: new Ec2ElasticIps(client, calls, OURS), sent };
}

describe('putting an Elastic IP on an address', () => {
  it('never takes it from somebody else: EC2 is told to refuse one that is associated', async () => {
    const { elasticIps, sent } = elasticIpsOf({});

    await elasticIps.attach(TARGET);

    expect(sent.map((each) => (each as AssociateAddressCommand).input)).toEqual([
      {
        AllocationId: 'eipalloc-1',
        NetworkInterfaceId: 'eni-b',
        PrivateIpAddress: '10.0.1.11',
        AllowReassociation: false,
      },
    ]);
  });

  it.each([
    ['attached where it is there already: an answer was lost', at('eni-b', '10.0.1.11'), 'attached'],
    ['taken where another interface has it', at('eni-a', '10.0.1.11'), 'taken'],
    ['taken where another address of that interface has it', at('eni-b', '10.0.1.12'), 'taken'],
    ['taken where it is free, and something else has the address', {}, 'taken'],
  ])('finds it %s', async (_words, address, outcome) => {
    const { elasticIps } = elasticIpsOf(address, 'Resource.AlreadyAssociated');

    expect(await elasticIps.attach(TARGET)).toBe(outcome);
  });
});

describe('taking an Elastic IP off', () => {
  it('ends the association that was read, and no other', async () => {
    const { elasticIps, sent } = elasticIpsOf({});

    expect(await elasticIps.detach('eipassoc-1')).toBe('detached');
    expect(sent.map((each) => (each as DisassociateAddressCommand).input)).toEqual([{ AssociationId: 'eipassoc-1' }]);
  });

  it('has nothing to do where EC2 says that it is gone, whatever its reads still show', async () => {
    const { elasticIps } = elasticIpsOf(at('eni-a', '10.0.0.11'), 'InvalidAssociationID.NotFound');

    expect(await elasticIps.detach('eipassoc-1')).toBe('already-gone');
  });

  it('that is refused is done only where no such association is left', async () => {
    const gone = elasticIpsOf(null, 'UnauthorizedOperation').elasticIps;
    const there = elasticIpsOf(at('eni-a', '10.0.0.11'), 'UnauthorizedOperation').elasticIps;

    expect(await gone.detach('eipassoc-1')).toBe('already-gone');
    await expect(there.detach('eipassoc-1')).rejects.toThrow('grant ec2:DisassociateAddress');
  });
});

describe('an Elastic IP of another deployment', () => {
  const foreign = ownedBy('cluster/other');

  it('is refused, and not read as ours', async () => {
    await expect(elasticIpsOf(foreign).elasticIps.read('eipalloc-1')).rejects.toBeInstanceOf(ForeignOwner);
  });

  it('keeps its tags, and ours does not', async () => {
    for (const [address, howMany] of [
      [foreign, 0],
      [ownedBy(OURS), 1],
    ] as const) {
      const { elasticIps, sent } = elasticIpsOf(address);
      await elasticIps.release('eipalloc-1');
      expect(sent.filter((each) => each instanceof DeleteTagsCommand)).toHaveLength(howMany);
    }
  });
});
