/** Each fault in each protocol, as the SDK's own clients see it; and latency. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { AllocateAddressCommand, DescribeAddressesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { LambdaClient, GetFunctionCommand } from '@aws-sdk/client-lambda';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { FaultEffect } from '../../../local/emulator/faults';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { deploy, errorOf, eventually, useEmulator } from './support';

const emulator = useEmulator('faults');

/** One attempt and a short deadline, so that a test sees the fault and not the retries. */
const once = () => ({
  ...awsClientConfig(emulator()),
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({ requestTimeout: 400, throwOnRequestTimeout: true }),
});
/** One attempt with all the time of a busy machine, where what is asked is whether it passed. */
const patient = () => ({ ...awsClientConfig(emulator()), maxAttempts: 1 });
const change = () =>
  new ChangeResourceRecordSetsCommand({
    HostedZoneId: 'Z1',
    ChangeBatch: { Changes: [{ Action: 'DELETE', ResourceRecordSet: { Name: 'a.b', Type: 'A' } }] },
  });

/** A call for each protocol: AWS JSON, EC2 query, AWS query, REST XML, REST JSON, and CloudWatch's (CBOR or query). */
const CALLS: Record<string, { service: string; action: string; call: () => Promise<unknown> }> = {
  dynamodb: {
    service: 'dynamodb',
    action: 'ListTables',
    call: () => new DynamoDBClient(once()).send(new ListTablesCommand({})),
  },
  ec2: {
    service: 'ec2',
    action: 'DescribeAddresses',
    call: () => new EC2Client(once()).send(new DescribeAddressesCommand({})),
  },
  sns: {
    service: 'sns',
    action: 'Publish',
    call: () => new SNSClient(once()).send(new PublishCommand({ TopicArn: 'arn:aws:sns:::t', Message: 'm' })),
  },
  route53: {
    service: 'route53',
    action: 'ChangeResourceRecordSets',
    call: () => new Route53Client(once()).send(change()),
  },
  lambda: {
    service: 'lambda',
    action: 'GetFunction',
    call: () => new LambdaClient(once()).send(new GetFunctionCommand({ FunctionName: 'f' })),
  },
  cloudwatch: {
    service: 'monitoring',
    action: 'DescribeAlarms',
    call: () => new CloudWatchClient(once()).send(new DescribeAlarmsCommand({})),
  },
  secretsmanager: {
    service: 'secretsmanager',
    action: 'GetSecretValue',
    call: () => new SecretsManagerClient(once()).send(new GetSecretValueCommand({ SecretId: 's' })),
  },
};

const EXPECTED: Record<string, Record<'throttle' | 'refuse' | 'server-error', string>> = {
  dynamodb: {
    throttle: 'ProvisionedThroughputExceededException',
    refuse: 'AccessDeniedException',
    'server-error': 'InternalServerError',
  },
  ec2: { throttle: 'RequestLimitExceeded', refuse: 'UnauthorizedOperation', 'server-error': 'InternalError' },
  sns: {
    throttle: 'ThrottledException',
    refuse: 'AuthorizationErrorException',
    'server-error': 'InternalErrorException',
  },
  route53: { throttle: 'Throttling', refuse: 'AccessDenied', 'server-error': 'InternalFailure' },
  lambda: { throttle: 'TooManyRequestsException', refuse: 'AccessDeniedException', 'server-error': 'ServiceException' },
  cloudwatch: {
    throttle: 'ThrottlingException',
    refuse: 'AccessDeniedException',
    'server-error': 'InternalServerError',
  },
  secretsmanager: {
    throttle: 'ThrottlingException',
    refuse: 'AccessDeniedException',
    'server-error': 'InternalServiceError',
  },
};

beforeEach(() => {
  emulator().faults.clear();
  emulator().faults.clearLog();
});

const cases = Object.entries(EXPECTED).flatMap(([name, errors]) =>
  Object.entries(errors).map(([effect, error]) => [name, effect as FaultEffect, error] as const),
);
test.each(cases)('%s: %s is %s to the SDK', async (name, effect, error) => {
  const { service, action, call } = CALLS[name]!;
  const rule = emulator().faults.add({ service, action, effect });
  expect(await errorOf(call())).toBe(error);
  expect(rule.hits).toBe(1);
  expect(emulator().faults.callsOf(service, action)[0]?.fault).toBe(effect);
});

test.each(Object.keys(CALLS))('%s: time-out holds the answer until the client gives up', async (name) => {
  const { service, action, call } = CALLS[name]!;
  emulator().faults.add({ service, action, effect: 'time-out' });
  const startedMs = Date.now();
  expect(await errorOf(call())).toBe('TimeoutError');
  expect(Date.now() - startedMs).toBeGreaterThanOrEqual(390);
});

test('lost-answer: it was applied, the client cannot know, and a retried condition then fails', async () => {
  await deploy(emulator(), 'lost', {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'lost',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        },
      },
    },
  });
  const dynamodb = new DynamoDBClient(awsClientConfig(emulator()));
  const put = (pk: string) => ({
    TableName: 'lost',
    Item: { pk: { S: pk } },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  const rule = { service: 'dynamodb', action: 'PutItem', effect: 'lost-answer', times: 1 } as const;
  emulator().faults.add({ ...rule, bodyIncludes: 'retried' });
  await dynamodb.send(new PutItemCommand(put('other')));
  expect(await errorOf(dynamodb.send(new PutItemCommand(put('retried'))))).toBe('ConditionalCheckFailedException');
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'lost', Key: { pk: { S: 'retried' } } }));
  expect(Item).toBeDefined();
});

test('skip and times pick calls; what passes reaches the emulator', async () => {
  const rule = { service: 'ec2', action: 'AllocateAddress', effect: 'throttle', skip: 1, times: 2 } as const;
  emulator().faults.add(rule);
  const allocate = () =>
    new EC2Client(patient()).send(new AllocateAddressCommand({})).then(
      () => 'done',
      () => 'refused',
    );
  const outcomes = [await allocate(), await allocate(), await allocate(), await allocate()];
  expect(outcomes).toEqual(['done', 'refused', 'refused', 'done']);
});

test('a call whose client is gone meanwhile is applied, and counted as applied', async () => {
  const slow = { medianMs: 60_000, sigma: 0, source: 'test' };
  emulator().setLatency({ seed: 1, streamReadMs: 20, calls: { 'ec2:AllocateAddress': slow } });
  // The client of `once` gives up after 400 ms, as one that is killed does.
  expect(await errorOf(new EC2Client(once()).send(new AllocateAddressCommand({})))).toBe('TimeoutError');
  emulator().setLatency(null);
  const last = () => emulator().faults.callsOf('ec2', 'AllocateAddress').at(-1);
  await eventually('it was applied', () => Promise.resolve(last()?.status === 200 ? true : null));
});

test('latency is added before the call, by service and action', async () => {
  const slow = { medianMs: 150, sigma: 0, source: 'test' };
  emulator().setLatency({ seed: 1, streamReadMs: 20, calls: { 'ec2:DescribeAddresses': slow } });
  await CALLS['ec2']!.call();
  await CALLS['dynamodb']!.call();
  emulator().setLatency(null);
  expect(emulator().faults.callsOf('ec2', 'DescribeAddresses')[0]?.durationMs).toBeGreaterThanOrEqual(149);
  expect(emulator().faults.callsOf('dynamodb', 'ListTables')[0]?.durationMs).toBeLessThan(149);
});
