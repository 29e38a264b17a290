import type { AssociateAddressCommand } from '@aws-sdk/client-ec2';
import { EC2Client } from '@aws-sdk/client-ec2';
import { OutsideCalls } from '../../lib/aws/call';
import { Ec2ElasticIps } from '../../lib/aws/elastic-ips';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

describe('putting an Elastic IP on an address', () => {
  it('never takes it from somebody else: EC2 is told to refuse one that is associated', async () => {
    const sent: unknown[] = [];
    const client = new EC2Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
    Object.assign(client, { send: (command: unknown) => Promise.resolve(void sent.push(command)) });
    const calls = new OutsideCalls(new VirtualClock(), seededRandom(1));
    const elasticIps = new Ec2ElasticIps(client, calls, 'cluster/pbx');

    await elasticIps.attach({ allocationId: 'eipalloc-1', networkInterfaceId: 'eni-b', privateAddress: '10.0.1.11' });

    expect(sent).toHaveLength(1);
    expect((sent[0] as AssociateAddressCommand).input).toEqual({
      AllocationId: 'eipalloc-1',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.1.11',
      AllowReassociation: false,
    });
  });
});
