import { Logger } from '@aws-lambda-powertools/logger';
import { OutsideCalls } from '../lib/aws/call';
import { EslPassword, secretsManagerClient } from '../lib/aws/esl-password';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { databaseFromEnvironment } from '../lib/database/from-environment';
import { MalformedEvent } from '../lib/domain/errors';
import { assertNever } from '../lib/domain/model';
import type { NodeControl, NodeControlAnswer, NodeControlRequest } from '../lib/domain/ports';
import { EslCallSwitch } from '../lib/freeswitch/call-switch';
import { EslNodeControl } from '../lib/freeswitch/node-control';
import { parseNodeControlRequest } from '../lib/freeswitch/node-control-request';
import { NodeOrders } from '../lib/operations/node-orders';

/**
 * Orders to FreeSWITCH nodes over ESL, SIP and the shared database, from inside the VPC. One function a zone; the
 * failover function calls that of the candidate's zone first. Its permissions: to read one secret, and to sign in to
 * the database as a role that may lock nodes out and recover calls.
 */
const logger = new Logger({ serviceName: 'node-control' });
let control: NodeControl | null = null;

export async function handler(event: unknown): Promise<NodeControlAnswer> {
  const request = parseNodeControlRequest(event);
  control ??= wire();
  const result = await perform(control, request);
  const vip = 'vip' in request ? request.vip.id : null;
  logger.info('done', { action: request.action, node: request.node.id, vip, result });
  return result;
}

/** Gives the order that the request names. */
export function perform(nodes: NodeControl, request: NodeControlRequest): Promise<NodeControlAnswer> {
  const { node, timeoutMs } = request;
  switch (request.action) {
    case 'shutdownNow':
      return nodes.shutdownNow(node, timeoutMs, request.coreUuid ?? null);
    case 'promote':
      return nodes.promote(node, request.vip, timeoutMs, request.coreUuid ?? null);
    case 'check':
      return nodes.check(node, request.vip, timeoutMs, request.asksDatabase);
    case 'demote':
      return nodes.demote(node, request.vip, timeoutMs);
    case 'lockRole':
    case 'unlockRole':
      return nodes[request.action](node, timeoutMs);
    case 'recover':
    case 'countAlive':
    case 'previewRecovery':
      return nodes[request.action](node, request.vip, request.order, timeoutMs);
    case 'forecast':
    case 'inspect':
      return nodes[request.action](node, request.vips, timeoutMs);
    default:
      return assertNever(request);
  }
}

/** Made at the first event and kept: the password stays in memory over invocations. */
function wire(): NodeControl {
  const secretArn = process.env['UNDERSTUDY_ESL_SECRET_ARN'];
  if (secretArn === undefined || secretArn === '') {
    throw new MalformedEvent('UNDERSTUDY_ESL_SECRET_ARN is not set: deploy the control plane stack again');
  }
  const clock = new SystemClock();
  const random = new SystemRandom();
  const calls = new OutsideCalls(clock, random);
  const password = new EslPassword({ client: secretsManagerClient(), secretArn, calls, clock });
  return new NodeOrders(new EslNodeControl({ password, clock, random }), {
    switches: new EslCallSwitch({ password, clock, random }),
    database: databaseFromEnvironment(),
    clock,
  });
}
