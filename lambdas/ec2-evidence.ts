import { OutsideCalls } from '../lib/aws/call';
import { dynamoDbClient } from '../lib/aws/clients';
import { requireEnv } from '../lib/aws/environment';
import { PowertoolsLog } from '../lib/aws/logger';
import { DynamoStateStore } from '../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { noteInstanceState } from '../lib/operations/instance-evidence';

/** What EC2 says about the nodes' instances, noted as evidence. Its permission: to read and write the table. */
const log = new PowertoolsLog('ec2-evidence', { cluster: requireEnv('UNDERSTUDY_CLUSTER') });
const clock = new SystemClock();
const store = new DynamoStateStore({
  client: dynamoDbClient(),
  tableName: requireEnv('UNDERSTUDY_TABLE'),
  calls: new OutsideCalls(clock, new SystemRandom()),
  log,
});

export async function handler(event: unknown): Promise<void> {
  await noteInstanceState({ store, clock, log }, event);
}
