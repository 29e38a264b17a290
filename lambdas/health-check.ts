import type { Context } from 'aws-lambda';
import { OutsideCalls } from '../lib/aws/call';
import { dynamoDbClient } from '../lib/aws/clients';
import { requireEnv } from '../lib/aws/environment';
import { EslPassword, secretsManagerClient } from '../lib/aws/esl-password';
import { PowertoolsLog } from '../lib/aws/logger';
import { PowertoolsMetrics } from '../lib/aws/metrics';
import { DynamoStateStore } from '../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { databaseFromEnvironment } from '../lib/database/from-environment';
import { FreeSwitchNodeProbe } from '../lib/freeswitch/node-probe';
import { evaluateCluster } from '../lib/operations/evaluate';
import { anyTargetAnswers, parseControlTargets, tryTcp } from '../lib/operations/observe/control-target';
import { runObserver, type ObserverDeps, type ObserverOutcome } from '../lib/operations/observe/observer';
import { lifetimeMs, parseStartDelayMs } from '../lib/operations/observe/observer-event';

/** The observer of one zone: the schedule sends a challenger each minute, and one of them is always watching. */
const cluster = requireEnv('UNDERSTUDY_CLUSTER');
const zone = requireEnv('UNDERSTUDY_ZONE');
const version = requireEnv('UNDERSTUDY_VERSION');
const metrics = new PowertoolsMetrics(cluster);
const observerOf = wire();

export async function handler(event: unknown, context: Context): Promise<ObserverOutcome> {
  const owner = `${zone}/${context.awsRequestId}`;
  try {
    return await runObserver(observerOf(owner), {
      zone,
      owner,
      version,
      startDelayMs: parseStartDelayMs(event),
      lifetimeMs: lifetimeMs(process.env['UNDERSTUDY_OBSERVER_LIFETIME_MS'], context.getRemainingTimeInMillis()),
    });
  } finally {
    metrics.flush();
  }
}

/** Made once a process: clients and password stay over invocations, probes do not. */
function wire(): (owner: string) => ObserverDeps {
  const clock = new SystemClock();
  const random = new SystemRandom();
  const calls = new OutsideCalls(clock, random);
  const log = new PowertoolsLog('health-check', { cluster, zone });
  const store = new DynamoStateStore({
    client: dynamoDbClient(),
    tableName: requireEnv('UNDERSTUDY_TABLE'),
    calls,
    log,
  });
  const secretArn = requireEnv('UNDERSTUDY_ESL_SECRET_ARN');
  const password = new EslPassword({ client: secretsManagerClient(), secretArn, calls, clock });
  const database = databaseFromEnvironment();
  const targets = parseControlTargets(process.env['UNDERSTUDY_CONTROL_TARGETS']);
  return (owner) => ({
    store,
    clock,
    random,
    log,
    metrics,
    openProbe: (node, vips) => new FreeSwitchNodeProbe({ node, vips, password, clock, random }),
    controlTargetAnswers: (timeoutMs) => anyTargetAnswers(targets, tryTcp, timeoutMs),
    ...(database === null ? {} : { askDatabase: (timeoutMs: number) => database.probe(timeoutMs) }),
    evaluate: async () => {
      await evaluateCluster({ store, clock, log, metrics, actor: `observer/${owner}` });
    },
  });
}
