import { OutsideCalls } from '../lib/aws/call';
import { lambdaClient } from '../lib/aws/clients';
import { answerCloudFormation, type CustomResourceEvent } from '../lib/aws/cloudformation-response';
import { DatabaseWorker } from '../lib/aws/database-worker';
import { requireEnv } from '../lib/aws/environment';
import { PowertoolsLog } from '../lib/aws/logger';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { onDatabaseDeployment } from '../lib/operations/database-deployment';

/** Stands between CloudFormation and the function that sets up the shared database. */
const clock = new SystemClock();
const random = new SystemRandom();

export async function handler(event: CustomResourceEvent): Promise<void> {
  const worker = new DatabaseWorker(lambdaClient(), new OutsideCalls(clock, random), requireEnv('UNDERSTUDY_WORKER'));
  const log = new PowertoolsLog('database-deployment');
  const answer = await onDatabaseDeployment({ work: (request) => worker.ask(request), clock, random, log }, event);
  await answerCloudFormation(event, answer, { clock, random, fetch });
}
