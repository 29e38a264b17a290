import { OutsideCalls } from '../lib/aws/call';
import { dynamoDbClient, ec2Client, lambdaClient, route53Client } from '../lib/aws/clients';
import { answerCloudFormation, type CustomResourceEvent } from '../lib/aws/cloudformation-response';
import { Route53Dns } from '../lib/aws/dns';
import { Ec2ElasticIps } from '../lib/aws/elastic-ips';
import { requireEnv } from '../lib/aws/environment';
import { Ec2Instances } from '../lib/aws/instances';
import { Ec2Inventory } from '../lib/aws/inventory';
import { LambdaKicker } from '../lib/aws/kicker';
import { PowertoolsLog } from '../lib/aws/logger';
import { DynamoStateStore } from '../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { ownerOf } from '../lib/domain/model';
import { onDeployment } from '../lib/operations/registrar';
import type { RegisterDeps } from '../lib/operations/register';

/** Stands between CloudFormation and the control plane: registration, its end, and the guard of the holders. */
const clock = new SystemClock();
const random = new SystemRandom();

export async function handler(event: CustomResourceEvent): Promise<void> {
  const cluster = requireEnv('UNDERSTUDY_CLUSTER');
  const answer = await onDeployment(wire(cluster), cluster, event);
  await answerCloudFormation(event, answer, { clock, random, fetch });
}

function wire(cluster: string): RegisterDeps {
  const calls = new OutsideCalls(clock, random);
  const log = new PowertoolsLog('registrar');
  const ec2 = ec2Client();
  const owner = ownerOf(cluster);
  return {
    store: new DynamoStateStore({ client: dynamoDbClient(), tableName: requireEnv('UNDERSTUDY_TABLE'), calls, log }),
    inventory: new Ec2Inventory(ec2, calls),
    elasticIps: new Ec2ElasticIps(ec2, calls, owner),
    instances: new Ec2Instances(ec2, calls, owner),
    dns: new Route53Dns(route53Client(), calls),
    kicker: new LambdaKicker(lambdaClient(), calls),
    clock,
    log,
  };
}
