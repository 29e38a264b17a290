/** DynamoDB and Route 53 where the control plane hangs on their exact semantics. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { ChangeResourceRecordSetsCommand, GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { deploy, errorOf, GROUND, useEmulator, type Stack } from './support';

const emulator = useEmulator('state');

const template = (DeletionProtectionEnabled: boolean) => ({
  Resources: {
    ...GROUND,
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled,
      },
    },
    Zone: {
      Type: 'AWS::Route53::HostedZone',
      Properties: { Name: 'lab.internal', VPCs: [{ VPCId: { Ref: 'Vpc' }, VPCRegion: 'us-east-1' }] },
    },
  },
  Outputs: { Table: { Value: { Ref: 'Table' } }, Zone: { Value: { Ref: 'Zone' } } },
});

let dynamodb: DynamoDBClient;
let route53: Route53Client;
let stack: Stack;
let out: Record<string, string>;

beforeAll(async () => {
  dynamodb = new DynamoDBClient(awsClientConfig(emulator()));
  route53 = new Route53Client(awsClientConfig(emulator()));
  stack = await deploy(emulator(), 'state', template(true));
  out = await stack.outputs();
});

test('API_TransactWriteItems: the reasons stand in the order of the items, and nothing is written', async () => {
  const TableName = String(out['Table']);
  await dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'vip' }, epoch: { N: '7' } } }));
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName, Item: { pk: { S: 'journal' } }, ConditionExpression: 'attribute_not_exists(pk)' } },
      {
        Update: {
          TableName,
          Key: { pk: { S: 'vip' } },
          UpdateExpression: 'SET epoch = :new',
          ConditionExpression: 'epoch = :read',
          ExpressionAttributeValues: { ':new': { N: '7' }, ':read': { N: '6' } },
        },
      },
    ],
  });
  const refused = await dynamodb.send(transaction).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TransactionCanceledException);
  const reasons = (refused as TransactionCanceledException).CancellationReasons?.map((reason) => reason.Code);
  expect(reasons).toEqual(['None', 'ConditionalCheckFailed']);
  const again = { TableName, Item: { pk: { S: 'journal' } }, ConditionExpression: 'attribute_not_exists(pk)' };
  await expect(dynamodb.send(new PutItemCommand(again))).resolves.toBeDefined();
});

test('aws-resource-dynamodb-table: time to live and point-in-time recovery of the template are in force', async () => {
  const TableName = out['Table'];
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
  expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
});

describe('API_ChangeResourceRecordSets', () => {
  const record = (address: string) => ({
    Name: 'sip.lab.internal.',
    Type: 'A' as const,
    TTL: 5,
    ResourceRecords: [{ Value: address }],
  });
  const swap = (from: string | null, to: string) =>
    route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: String(out['Zone']),
        ChangeBatch: {
          Changes: [
            ...(from === null ? [] : [{ Action: 'DELETE' as const, ResourceRecordSet: record(from) }]),
            { Action: 'CREATE' as const, ResourceRecordSet: record(to) },
          ],
        },
      }),
    );

  test('DELETE of the exact record and CREATE of the new one is a compare-and-swap: of 10 at once, one wins', async () => {
    await swap(null, '127.64.0.1');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => swap('127.64.0.1', `127.64.0.${i + 10}`)),
    );
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(9);
    lost.forEach((outcome) => expect((outcome.reason as Error).name).toBe('InvalidChangeBatch'));
    expect(await errorOf(swap('127.64.0.1', '127.64.0.99'))).toBe('InvalidChangeBatch');
  });

  test('a zone with VPCs is private', async () => {
    const { HostedZone } = await route53.send(new GetHostedZoneCommand({ Id: String(out['Zone']) }));
    expect(HostedZone?.Config?.PrivateZone).toBe(true);
  });
});

test('WorkingWithTables.Basics: a protected table survives the deletion of its stack', async () => {
  expect(await stack.delete()).toBe('DELETE_FAILED');
  await expect(
    dynamodb.send(new DescribeTimeToLiveCommand({ TableName: String(out['Table']) })),
  ).resolves.toBeDefined();
});
