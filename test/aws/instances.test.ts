import { EC2Client, DescribeInstancesCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { OutsideCalls } from '../../lib/aws/call';
import { Ec2Instances } from '../../lib/aws/instances';
import { OutsideRefused } from '../../lib/domain/errors';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

/** EC2 that answers a start with `refusal` (null: accepted), and finds the instance in `state` afterwards. */
function instancesOf(refusal: string | null, state: string) {
  const sent: unknown[] = [];
  const client = new EC2Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
  const send = (command: unknown): Promise<unknown> => {
    sent.push(command);
    if (command instanceof DescribeInstancesCommand) {
      return Promise.resolve({ Reservations: [{ Instances: [{ InstanceId: 'i-a', State: { Name: state } }] }] });
    }
    return refusal === null
      ? Promise.resolve({})
      : Promise.reject(Object.assign(new Error('not in a state'), { name: refusal }));
  };
  Object.assign(client, { send });
  const calls = new OutsideCalls(new VirtualClock(), seededRandom(1));
  return { instances: new Ec2Instances(client, calls, 'cluster/pbx'), sent };
}

describe('starting an instance', () => {
  it('orders that one to start', async () => {
    const { instances, sent } = instancesOf(null, 'stopped');
    await instances.start('i-a');
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBeInstanceOf(StartInstancesCommand);
    expect((sent[0] as StartInstancesCommand).input).toEqual({ InstanceIds: ['i-a'] });
  });

  it.each(['running', 'pending'])('is done when EC2 refuses because it is %s by now', async (state) => {
    const { instances } = instancesOf('IncorrectInstanceState', state);
    await expect(instances.start('i-a')).resolves.toBeUndefined();
  });

  it.each(['stopping', 'terminated'])('says that it is %s, and from when on it can be started', async (state) => {
    const { instances } = instancesOf('IncorrectInstanceState', state);
    const refused = instances.start('i-a');
    await expect(refused).rejects.toBeInstanceOf(OutsideRefused);
    await expect(refused).rejects.toThrow(`instance i-a was refused: it is ${state}; it can be started once`);
  });

  it('names the permission where it is missing', async () => {
    const { instances } = instancesOf('UnauthorizedOperation', 'stopped');
    await expect(instances.start('i-a')).rejects.toThrow('grant ec2:StartInstances');
  });
});
