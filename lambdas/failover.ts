import { OutsideCalls } from '../lib/aws/call';
import { dynamoDbClient, ec2Client, lambdaClient, route53Client, snsClient } from '../lib/aws/clients';
import { Route53Dns } from '../lib/aws/dns';
import { Ec2ElasticIps } from '../lib/aws/elastic-ips';
import { requireEnv, requireJsonMap } from '../lib/aws/environment';
import { Ec2Instances } from '../lib/aws/instances';
import { PowertoolsLog } from '../lib/aws/logger';
import { PowertoolsMetrics } from '../lib/aws/metrics';
import { LambdaNodeControl } from '../lib/aws/node-control-client';
import { SnsPager } from '../lib/aws/pager';
import { DynamoStateStore } from '../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { ownerOf } from '../lib/domain/model';
import type { ConvergeDeps } from '../lib/operations/converge/context';
import { onWake } from '../lib/operations/converge-cluster';
import { parseWake } from '../lib/operations/wake';

/** Makes the world agree with what was decided: woken by the stream, by the minute schedule, by a registration. */
const cluster = requireEnv('UNDERSTUDY_CLUSTER');
const metrics = new PowertoolsMetrics(cluster);
const deps = wire();

export async function handler(event: unknown): Promise<void> {
  try {
    const { wakes, malformed } = parseWake(event);
    // All come to their end before one's error ends the invocation: a journal in mid-step would be frozen with its lease.
    const outcomes = await Promise.allSettled(wakes.map((wake) => onWake(deps, wake)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    if (malformed[0] !== undefined) throw malformed[0];
  } finally {
    metrics.flush();
  }
}

function wire(): ConvergeDeps {
  const clock = new SystemClock();
  const random = new SystemRandom();
  const calls = new OutsideCalls(clock, random);
  const log = new PowertoolsLog('failover');
  const owner = ownerOf(cluster);
  const table = requireEnv('UNDERSTUDY_TABLE');
  const ec2 = ec2Client();
  return {
    store: new DynamoStateStore({ client: dynamoDbClient(), tableName: table, calls, log }),
    elasticIps: new Ec2ElasticIps(ec2, calls, owner),
    dns: new Route53Dns(route53Client(), calls),
    instances: new Ec2Instances(ec2, calls, owner),
    nodeControl: new LambdaNodeControl(lambdaClient(), calls, requireJsonMap('UNDERSTUDY_NODE_CONTROL')),
    pager: new SnsPager(snsClient(), calls, requireEnv('UNDERSTUDY_TOPIC_ARN')),
    clock,
    random,
    metrics,
    log,
    runbookUrl: requireEnv('UNDERSTUDY_RUNBOOK_URL'),
    table,
  };
}
