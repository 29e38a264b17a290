import {
  EC2Client,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  StartInstancesCommand,
  type DescribeInstancesCommandInput,
  type StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { OutsideCalls } from '../../lib/aws/call';
import { Ec2Instances } from '../../lib/aws/instances';
import { OutsideRefused } from '../../lib/domain/errors';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

/** EC2 that answers an order with `refusal` (null: accepted), and finds the instance in `state` afterwards. */
function instancesOf(refusal: string | null, state: string, owner: string | null = null) {
  const Tags = owner === null ? [] : [{ Key: 'understudy:owner', Value: owner }];
  const sent: unknown[] = [];
  const client = new EC2Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
  const send = (command: unknown): Promise<unknown> => {
    sent.push(command);
    if (command instanceof DescribeInstancesCommand) {
      return Promise.resolve({ Reservations: [{ Instances: [{ InstanceId: 'i-a', State: { Name: state }, Tags }] }] });
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

describe('stopping an instance', () => {
  it('is by force, and without a shutdown, in which FreeSWITCH would end the calls that live on elsewhere', async () => {
    const { instances, sent } = instancesOf(null, 'running');

    await instances.forceStop('i-a');

    expect(sent.map((each) => (each as StopInstancesCommand).input)).toEqual([
      { InstanceIds: ['i-a'], Force: true, SkipOsShutdown: true },
    ]);
  });

  it.each(['IncorrectInstanceState', 'InvalidInstanceID.NotFound'])(
    'is done where it is stopped or gone: %s',
    async (refusal) => {
      await expect(instancesOf(refusal, 'stopped').instances.forceStop('i-a')).resolves.toBeUndefined();
    },
  );

  it('is not done where it was not allowed', async () => {
    const { instances } = instancesOf('UnauthorizedOperation', 'running');

    await expect(instances.forceStop('i-a')).rejects.toThrow('grant ec2:StopInstances');
  });
});

describe('the mark of an instance', () => {
  it.each([
    ['ours is taken off', 'cluster/pbx', 1],
    ['that of another deployment stays', 'cluster/other', 0],
    ['one that is not there is left alone', null, 0],
  ])('%s', async (_words, owner, howMany) => {
    const { instances, sent } = instancesOf(null, 'running', owner);

    await instances.releaseOwner('i-a');

    expect(sent.filter((each) => each instanceof DeleteTagsCommand)).toHaveLength(howMany);
  });
});

describe('describing instances', () => {
  /** EC2 whose lists have these pages, and which answers a question for one id with what `byId` makes of it. */
  function answering(pages: string[][], byId: (id: string) => unknown) {
    const sent: DescribeInstancesCommandInput[] = [];
    const client = new EC2Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
    const send = async ({ input }: DescribeInstancesCommand): Promise<unknown> => {
      await Promise.resolve();
      sent.push(input);
      if (input.InstanceIds !== undefined) return byId(input.InstanceIds[0] ?? '');
      const page = Number(input.NextToken ?? 0);
      return { ...running(pages[page] ?? []), ...(page + 1 < pages.length ? { NextToken: String(page + 1) } : {}) };
    };
    Object.assign(client, { send });
    const calls = new OutsideCalls(new VirtualClock(), seededRandom(1));
    return { instances: new Ec2Instances(client, calls, 'cluster/pbx'), sent };
  }
  const running = (ids: string[]) => ({
    Reservations: [{ Instances: ids.map((id) => ({ InstanceId: id, State: { Name: 'running' } })) }],
  });
  const refusing = (name: string) => () => {
    throw Object.assign(new Error('refused'), { name });
  };
  const view = (instanceId: string, state: string) => ({ instanceId, state, owner: null });

  it('reads every page of the list', async () => {
    const { instances, sent } = answering([['i-a'], [], ['i-b']], refusing('Unexpected'));
    expect(await instances.describe(['i-a', 'i-b'])).toEqual([view('i-a', 'running'), view('i-b', 'running')]);
    expect(sent.map(({ NextToken }) => NextToken)).toEqual([undefined, '1', '2']);
  });

  it('ends with a list that does not', async () => {
    const { instances, sent } = answering(
      Array.from({ length: 1_000 }, () => []),
      () => running(['i-a']),
    );
    expect(await instances.describe(['i-a'])).toEqual([view('i-a', 'running')]);
    expect(sent.length).toBeLessThan(10);
  });

  it('asks by its id for one that is not listed', async () => {
    const { instances, sent } = answering([['i-a']], (id) => running([id]));
    expect(await instances.describe(['i-a', 'i-b'])).toEqual([view('i-a', 'running'), view('i-b', 'running')]);
    expect(sent.slice(1)).toEqual([{ InstanceIds: ['i-b'] }]);
  });

  it.each(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'])(
    'leaves out one that EC2 does not know (%s), and no other',
    async (name) => {
      const { instances } = answering([['i-a']], refusing(name));
      expect(await instances.describe(['i-a', 'i-b'])).toEqual([view('i-a', 'running')]);
    },
  );

  it('calls the state of one unknown that is neither listed nor refused: silence proves no death', async () => {
    const { instances } = answering([[]], () => ({ Reservations: [] }));
    expect(await instances.describe(['i-a'])).toEqual([view('i-a', 'unknown')]);
  });

  it('takes no word on another instance for one on this', async () => {
    const { instances } = answering([['i-b']], () => running(['i-b']));
    expect(await instances.describe(['i-a'])).toEqual([view('i-a', 'unknown')]);
  });

  it('throws when it may not ask', async () => {
    const { instances } = answering([[]], refusing('UnauthorizedOperation'));
    await expect(instances.describe(['i-a'])).rejects.toThrow('grant ec2:DescribeInstances');
  });
});
