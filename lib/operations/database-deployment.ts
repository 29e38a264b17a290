/** What CloudFormation asks of the shared database, answered from outside the VPC. */
import type { WorkerAnswer } from '../aws/database-worker';
import { describeError, MalformedEvent } from '../domain/errors';
import type { Clock, Log, Random } from '../domain/ports';
import { parseSetupRequest, type DatabaseSetupRequest } from './database-setup';

export interface DatabaseDeploymentEvent {
  RequestType: 'Create' | 'Update' | 'Delete';
  PhysicalResourceId?: string;
  ResourceProperties: Record<string, unknown>;
}

export interface DatabaseDeploymentAnswer {
  status: 'SUCCESS' | 'FAILED';
  reason: string;
  physicalResourceId: string;
}

export interface DatabaseDeploymentDeps {
  /** Invokes the half inside the VPC and waits. Throws when that failed or did not answer. */
  work(request: DatabaseSetupRequest): Promise<WorkerAnswer>;
  clock: Clock;
  random: Random;
  log: Log;
}

/**
 * A fresh instance of RDS is `available` when it answers; a Multi-AZ failover or a restart in the middle of a
 * deployment takes one to two minutes. The function itself has eight.
 */
const PATIENCE_MS = 6 * 60_000;
const PAUSE_MS = 5_000;
/** A failure may be a permission that IAM has not spread yet. What three attempts do not cure, waiting does not. */
const MAX_FAILURES = 3;

/** Never throws: an exception without an answer would hang the stack. */
export async function onDatabaseDeployment(
  deps: DatabaseDeploymentDeps,
  event: DatabaseDeploymentEvent,
): Promise<DatabaseDeploymentAnswer> {
  // The same for ever: CloudFormation deletes a resource whose id changes.
  const physicalResourceId = event.PhysicalResourceId ?? 'understudy-database';
  try {
    const reason =
      // What is in the database goes with the database, or stays: its owner's decision, by the deletion policy.
      event.RequestType === 'Delete' ? 'nothing is taken back' : await untilDone(deps, requestOf(event));
    return { status: 'SUCCESS', reason, physicalResourceId };
  } catch (error) {
    deps.log.error('the database was not set up', { error: describeError(error) });
    return { status: 'FAILED', reason: describeError(error), physicalResourceId };
  }
}

async function untilDone(deps: DatabaseDeploymentDeps, request: DatabaseSetupRequest): Promise<string> {
  const deadlineMs = deps.clock.monotonicMs() + PATIENCE_MS;
  let failures = 0;
  for (;;) {
    let trouble: Error;
    try {
      const answer = await deps.work(request);
      if (answer.outcome === 'done') return `tables and the roles of ${request.nodes.length} nodes are there`;
      trouble = new Error(`the database does not answer: ${answer.reason}`);
    } catch (error) {
      failures += 1;
      trouble = error instanceof Error ? error : new Error(String(error));
      if (failures >= MAX_FAILURES) throw trouble;
    }
    const pauseMs = PAUSE_MS * (0.5 + deps.random.next());
    if (deps.clock.monotonicMs() + pauseMs > deadlineMs) throw trouble;
    await deps.clock.sleep(pauseMs);
  }
}

function requestOf(event: DatabaseDeploymentEvent): DatabaseSetupRequest {
  const text = event.ResourceProperties['request'];
  if (typeof text !== 'string') throw new MalformedEvent('a custom resource without a request: deploy it again');
  return parseSetupRequest(JSON.parse(text));
}
