/** One local AWS for the adapters' tests, and what they need in it. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OutsideCalls } from '../../../lib/aws/call';
import { dynamoDbClient, type ClientOverrides } from '../../../lib/aws/clients';
import { DynamoStateStore } from '../../../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../../../lib/aws/system-clock';
import { SystemRandom } from '../../../lib/aws/system-random';
import type { Log } from '../../../lib/domain/ports';
import { startEmulator, type Emulator } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';

export const PROJECT = resolve(__dirname, '../../..');

export function startLocalAws(instanceName: string): Promise<Emulator> {
  return startEmulator({ projectDir: PROJECT, instanceName });
}

/** Where the product's clients go in a test: the local AWS and nowhere else. */
export function overridesFor(aws: Emulator): ClientOverrides {
  const { endpoint, region, credentials } = awsClientConfig(aws);
  return { endpoint, region, credentials };
}

export const calls = (): OutsideCalls => new OutsideCalls(new SystemClock(), new SystemRandom());

export const quietLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A table of its own for each test, so that none sees what another left. */
export async function newTable(aws: Emulator): Promise<string> {
  const TableName = `state-${randomUUID()}`;
  const client = new DynamoDBClient(awsClientConfig(aws));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  client.destroy();
  return TableName;
}

export function storeOn(aws: Emulator, tableName: string, log: Log = quietLog): DynamoStateStore {
  return new DynamoStateStore({ client: dynamoDbClient(overridesFor(aws)), tableName, calls: calls(), log });
}
