import { Logger } from '@aws-lambda-powertools/logger';
import { OutsideCalls } from '../lib/aws/call';
import { EslPassword, secretsManagerClient } from '../lib/aws/esl-password';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { MalformedEvent } from '../lib/domain/errors';
import { assertNever } from '../lib/domain/model';
import type { CheckResult, NodeControlRequest, PromoteResult, ShutdownProof } from '../lib/domain/ports';
import { EslNodeControl } from '../lib/freeswitch/node-control';
import { parseNodeControlRequest } from '../lib/freeswitch/node-control-request';

/**
 * Orders to FreeSWITCH nodes over ESL and SIP, from inside the VPC. One function a zone; the failover function calls
 * that of the candidate's zone first. Its permission: to read one secret.
 */
const logger = new Logger({ serviceName: 'node-control' });
let control: EslNodeControl | null = null;

export async function handler(event: unknown): Promise<ShutdownProof | PromoteResult | CheckResult> {
  const request = parseNodeControlRequest(event);
  control ??= wire();
  const result = await perform(control, request);
  logger.info('done', { action: request.action, node: request.node.id, vip: vipOf(request), result });
  return result;
}

function perform(
  nodes: EslNodeControl,
  request: NodeControlRequest,
): Promise<ShutdownProof | PromoteResult | CheckResult> {
  switch (request.action) {
    case 'shutdownNow':
      return nodes.shutdownNow(request.node, request.timeoutMs, request.coreUuid ?? null);
    case 'promote':
      return nodes.promote(request.node, request.vip, request.timeoutMs);
    case 'check':
      return nodes.check(request.node, request.vip, request.timeoutMs);
    default:
      return assertNever(request);
  }
}

/** Made at the first event and kept: the password stays in memory over invocations. */
function wire(): EslNodeControl {
  const secretArn = process.env['UNDERSTUDY_ESL_SECRET_ARN'];
  if (secretArn === undefined || secretArn === '') {
    throw new MalformedEvent('UNDERSTUDY_ESL_SECRET_ARN is not set: deploy the control plane stack again');
  }
  const clock = new SystemClock();
  const random = new SystemRandom();
  const calls = new OutsideCalls(clock, random);
  const password = new EslPassword({ client: secretsManagerClient(), secretArn, calls, clock });
  return new EslNodeControl({ password, clock, random });
}

function vipOf(request: NodeControlRequest): string | null {
  return request.action === 'shutdownNow' ? null : request.vip.id;
}
