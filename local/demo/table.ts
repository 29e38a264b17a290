/** The cluster's own adapters, with root credentials, to read what the functions wrote. */
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';

import { type Callee, type CallPolicy, OutsideCalls } from '../../lib/aws/call';
import { dynamoDbClient } from '../../lib/aws/clients';
import { EslPassword, secretsManagerClient } from '../../lib/aws/esl-password';
import { DynamoStateStore } from '../../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../../lib/aws/system-clock';
import { SystemRandom } from '../../lib/aws/system-random';
import type { Log, StateStore } from '../../lib/domain/ports';
import { awsClientConfig } from '../emulator/loopback';

/** An observer's tick must not wait for a slow table; who looks on has time, also where the emulator is starved. */
class PatientCalls extends OutsideCalls {
  override run<T>(callee: Callee, policy: CallPolicy, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return super.run(callee, { ...policy, attemptTimeoutMs: 10_000, totalTimeoutMs: 30_000 }, attempt);
  }
}

const clock = new SystemClock();
const calls = new PatientCalls(clock, new SystemRandom());
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

const local = (aws: { endpoint: string }) => {
  const { endpoint, region, credentials } = awsClientConfig(aws);
  return { endpoint, region, credentials };
};

export function openStore(aws: { endpoint: string }, tableName: string): StateStore {
  return new DynamoStateStore({ client: dynamoDbClient(local(aws)), tableName, calls, log: silent });
}

/** Login role -> password in the shared database, as each node would read its own. Empty without a database. */
export async function readDatabaseLogins(
  aws: { endpoint: string },
  secretArns: readonly string[],
): Promise<Map<string, string>> {
  const client = secretsManagerClient(local(aws));
  try {
    const values = await Promise.all(
      secretArns.map((SecretId) => client.send(new GetSecretValueCommand({ SecretId }))),
    );
    return new Map(values.flatMap(({ SecretString = '' }) => loginOf(SecretString)));
  } finally {
    client.destroy();
  }
}

/** Other secrets of the stacks are plain passwords, or the administrator's. */
function loginOf(text: string): [string, string][] {
  if (!text.startsWith('{')) return [];
  const { username, password } = JSON.parse(text) as { username?: string; password?: string };
  return username === undefined || password === undefined ? [] : [[username, password]];
}

/** What FreeSWITCH on a node would be configured with. */
export async function readEslPassword(aws: { endpoint: string }, secretArn: string): Promise<string> {
  const client = secretsManagerClient(local(aws));
  const password = await new EslPassword({ client, secretArn, calls, clock }).get();
  client.destroy();
  return password;
}
