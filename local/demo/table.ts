/** The cluster's own adapters, with root credentials, to read what the functions wrote. */
import { OutsideCalls } from '../../lib/aws/call';
import { dynamoDbClient } from '../../lib/aws/clients';
import { EslPassword, secretsManagerClient } from '../../lib/aws/esl-password';
import { DynamoStateStore } from '../../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../../lib/aws/system-clock';
import { SystemRandom } from '../../lib/aws/system-random';
import type { Log, StateStore } from '../../lib/domain/ports';
import { awsClientConfig } from '../emulator/loopback';

const clock = new SystemClock();
const calls = new OutsideCalls(clock, new SystemRandom());
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

const local = (aws: { endpoint: string }) => {
  const { endpoint, region, credentials } = awsClientConfig(aws);
  return { endpoint, region, credentials };
};

export function openStore(aws: { endpoint: string }, tableName: string): StateStore {
  return new DynamoStateStore({ client: dynamoDbClient(local(aws)), tableName, calls, log: silent });
}

/** What FreeSWITCH on a node would be configured with. */
export async function readEslPassword(aws: { endpoint: string }, secretArn: string): Promise<string> {
  const client = secretsManagerClient(local(aws));
  const password = await new EslPassword({ client, secretArn, calls, clock }).get();
  client.destroy();
  return password;
}
