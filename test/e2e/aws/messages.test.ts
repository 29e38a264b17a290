import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { snsClient } from '../../../lib/aws/clients';
import { SnsPager } from '../../../lib/aws/pager';
import type { Emulator } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { calls, overridesFor, startLocalAws } from './local-aws';

let aws: Emulator;
let sns: SNSClient;
let sqs: SQSClient;
let topicArn: string;
let queueUrl: string;

beforeAll(async () => {
  aws = await startLocalAws('e2e-messages');
  sns = new SNSClient(awsClientConfig(aws));
  sqs = new SQSClient({ ...awsClientConfig(aws), useQueueUrlAsEndpoint: false });
  topicArn = (await sns.send(new CreateTopicCommand({ Name: 'paging' }))).TopicArn ?? '';
  queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }))).QueueUrl ?? '';
  const attributes = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Endpoint = attributes.Attributes?.['QueueArn'];
  const allow = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: '*',
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy } }));
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint }));
});

afterAll(async () => {
  sns?.destroy();
  sqs?.destroy();
  await aws?.stop();
});

describe('the pager', () => {
  it('gets through with a subject that SNS would refuse, in spite of throttling', async () => {
    const pager = new SnsPager(snsClient(overridesFor(aws)), calls(), topicArn);
    const fault = aws.faults.add({ service: 'sns', action: 'Publish', effect: 'throttle', times: 1 });

    await pager.page({
      subject: 'main → fs-b\nserved',
      body: 'callers are served',
      attributes: { vip: 'main', none: '' },
    });

    expect(fault.hits).toBe(1);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 }));
    const body: unknown = JSON.parse(Messages?.[0]?.Body ?? '{}');
    expect(body).toMatchObject({ Subject: 'main -> fs-b served', Message: 'callers are served' });
  });
});
