/**
 * Answers CloudFormation for a Lambda-backed custom resource. Without an answer a stack hangs for an hour, so this one
 * tries hard: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
import { OutsideTimeout, describeError } from '../domain/errors';
import type { Clock, Random } from '../domain/ports';

export interface CustomResourceEvent {
  RequestType: 'Create' | 'Update' | 'Delete';
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ResourceProperties: Record<string, unknown>;
  OldResourceProperties?: Record<string, unknown>;
}

/** CloudFormation refuses responses over 4,096 bytes. */
const REASON_MAX = 2_000;
const ATTEMPTS = 5;
const ATTEMPT_TIMEOUT_MS = 5_000;

export interface CustomResourceAnswer {
  status: 'SUCCESS' | 'FAILED';
  reason: string;
  physicalResourceId: string;
}

/** Throws OutsideTimeout when CloudFormation could not be told, so that the asynchronous invocation counts as failed. */
export async function answerCloudFormation(
  event: CustomResourceEvent,
  answer: CustomResourceAnswer,
  deps: { clock: Clock; random: Random; fetch: typeof fetch },
): Promise<void> {
  const body = JSON.stringify({
    Status: answer.status,
    Reason: answer.reason.slice(0, REASON_MAX),
    PhysicalResourceId: answer.physicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  });
  let last: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      const response = await deps.fetch(event.ResponseURL, {
        method: 'PUT',
        body,
        headers: { 'content-type': '' },
        signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
      });
      if (response.ok) return;
      last = new Error(`HTTP ${response.status}`);
    } catch (error) {
      last = error;
    }
    await deps.clock.sleep(deps.random.next() * 500 * 2 ** attempt);
  }
  throw new OutsideTimeout(
    `CloudFormation did not take the answer of ${event.LogicalResourceId}: ${describeError(last)}`,
    {
      cause: last,
    },
  );
}
