/** What wakes functions and queues: state-change events, streams with their retries, metrics and alarms. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { deploy, eventually, GROUND, inlineFunction, useEmulator } from './support';

const emulator = useEmulator('events');

/** Fails on every batch that holds the key `poison`; a slow key holds up its own lane only. */
const CONSUMER = `
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient({});
exports.handler = async (event) => {
  const keys = event.Records.map((record) => record.dynamodb.Keys.pk.S);
  if (keys.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 4000));
  if (keys.includes('poison')) throw new Error('poison');
  for (const key of keys) {
    const Item = { pk: { S: 'done-' + key }, batch: { N: String(keys.length) } };
    await client.send(new PutItemCommand({ TableName: process.env.AWS_LAMBDA_FUNCTION_NAME + '-done', Item }));
  }
};`;

const METRICS = `
exports.handler = async (event) => {
  console.log(JSON.stringify({
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [
      { Namespace: 'Test', Dimensions: [['zone']], Metrics: [{ Name: 'Blind', Unit: 'Count' }] }] },
    zone: event.zone, Blind: 1 }));
};`;

const keyed = (TableName: string, stream: boolean) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    ...(stream ? { StreamSpecification: { StreamViewType: 'NEW_IMAGE' } } : {}),
  },
});

const mapping = (table: string, ParallelizationFactor: number) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': [table, 'StreamArn'] },
    FunctionName: { Ref: 'consumer' },
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 10,
    ParallelizationFactor,
    MaximumRetryAttempts: 1,
    BisectBatchOnFunctionError: true,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['failed', 'Arn'] } } },
  },
});

const queueOpenTo = (id: string, service: string) => ({
  [id]: { Type: 'AWS::SQS::Queue', Properties: { QueueName: id } },
  [`${id}Policy`]: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: id }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: service },
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [id, 'Arn'] },
          },
        ],
      },
    },
  },
});

const template = {
  Resources: {
    ...GROUND,
    ...queueOpenTo('states', 'events.amazonaws.com'),
    ...queueOpenTo('alarms', 'sns.amazonaws.com'),
    failed: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failed' } },
    StateRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] },
        Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['states', 'Arn'] } }],
      },
    },
    Table: keyed('records', true),
    Parallel: keyed('parallel', true),
    Done: keyed('consumer-done', false),
    ...inlineFunction('consumer', CONSUMER),
    ...inlineFunction('metrics', METRICS),
    Mapping: mapping('Table', 1),
    ParallelMapping: mapping('Parallel', 10),
    Topic: { Type: 'AWS::SNS::Topic' },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Topic' },
        Protocol: 'sqs',
        Endpoint: { 'Fn::GetAtt': ['alarms', 'Arn'] },
      },
    },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'blind-in-b',
        Namespace: 'Test',
        MetricName: 'Blind',
        Dimensions: [{ Name: 'zone', Value: 'b' }],
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: 'Topic' }],
      },
    },
    OtherZone: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'blind-share-in-a',
        Metrics: [
          {
            Id: 'blind',
            ReturnData: false,
            MetricStat: {
              Metric: { Namespace: 'Test', MetricName: 'Blind', Dimensions: [{ Name: 'zone', Value: 'a' }] },
              Period: 60,
              Stat: 'Sum',
            },
          },
          { Id: 'share', Expression: 'FILL(blind, 0) / 3', ReturnData: true },
        ],
        EvaluationPeriods: 1,
        Threshold: 0.5,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    },
  },
  Outputs: Object.fromEntries(['states', 'alarms', 'failed', 'Subnet'].map((id) => [id, { Value: { Ref: id } }])),
};

let out: Record<string, string>;
let sqs: SQSClient;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  out = await (await deploy(emulator(), 'events', template)).outputs();
  sqs = new SQSClient(awsClientConfig(emulator()));
  dynamodb = new DynamoDBClient(awsClientConfig(emulator()));
});

/** Takes one message off a queue. */
async function receive(queue: string): Promise<unknown> {
  const QueueUrl = out[queue];
  return eventually(`a message in ${queue}`, async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    const message = Messages?.[0];
    if (message === undefined) {
      return null;
    }
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return JSON.parse(String(message.Body)) as unknown;
  });
}

const put = (pk: string) => dynamodb.send(new PutItemCommand({ TableName: 'parallel', Item: { pk: { S: pk } } }));
const done = (pk: string, deadlineMs?: number) =>
  eventually(
    `${pk} was processed`,
    async () => {
      const key: Record<string, AttributeValue> = { pk: { S: `done-${pk}` } };
      return (await dynamodb.send(new GetItemCommand({ TableName: 'consumer-done', Key: key }))).Item ?? null;
    },
    deadlineMs,
  );

test('monitoring-instance-state-changes: every state is an event that a rule sees', async () => {
  const ec2 = new EC2Client(awsClientConfig(emulator()));
  const launched = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-0', MinCount: 1, MaxCount: 1, SubnetId: out['Subnet'] }),
  );
  const id = String(launched.Instances?.[0]?.InstanceId);
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  const seen: unknown[] = [];
  while (seen.length < 4) {
    const { detail } = (await receive('states')) as { detail: Record<string, string> };
    expect(detail['instance-id']).toBe(id);
    seen.push(detail['state']);
  }
  expect(seen).toEqual(['pending', 'running', 'stopping', 'stopped']);
});

describe('with-ddb, services-ddb-params', () => {
  test('a poison record is isolated by bisection, retried, and reported; its neighbours are processed', async () => {
    const items = ['one', 'two', 'poison', 'three'].map((pk) => ({
      Put: { TableName: 'records', Item: { pk: { S: pk } } },
    }));
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items }));
    await Promise.all(['one', 'two', 'three'].map((pk) => done(pk)));
    expect(await receive('failed')).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted' },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
  });

  test('a slow record does not hold up other keys (ParallelizationFactor)', async () => {
    await put('slow');
    const others = Array.from({ length: 8 }, (_, i) => `quick-${i}`);
    await Promise.all(others.map(put));
    // Ten lanes by key: one or the other may share the slow one's lane, most do not.
    const inTime = await Promise.allSettled(others.map((pk) => done(pk, 2_500)));
    expect(inTime.filter((outcome) => outcome.status === 'fulfilled').length).toBeGreaterThanOrEqual(4);
  });
});

test('alarm-evaluation: an embedded metric raises the alarm of its dimensions, and only that; the topic tells', async () => {
  const lambda = new LambdaClient(awsClientConfig(emulator()));
  const cloudwatch = new CloudWatchClient(awsClientConfig(emulator()));
  const state = async (name: string) =>
    (await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0]?.StateValue;
  await lambda.send(new InvokeCommand({ FunctionName: 'metrics', Payload: Buffer.from('{"zone":"b"}') }));
  await eventually('ALARM', async () => ((await state('blind-in-b')) === 'ALARM' ? true : null));
  expect(await state('blind-share-in-a')).toBe('OK');
  const { Message } = (await receive('alarms')) as { Message: string };
  expect(JSON.parse(Message)).toMatchObject({ AlarmName: 'blind-in-b', NewStateValue: 'ALARM' });

  await lambda.send(new InvokeCommand({ FunctionName: 'metrics', Payload: Buffer.from('{"zone":"a"}') }));
  await lambda.send(new InvokeCommand({ FunctionName: 'metrics', Payload: Buffer.from('{"zone":"a"}') }));
  await eventually('the metric-math alarm', async () => ((await state('blind-share-in-a')) === 'ALARM' ? true : null));
});
