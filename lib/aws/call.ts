/**
 * One policy for every call to the outside: a deadline per attempt and over all, bounded retries with full jitter, and
 * errors that name service, action, resource and remedy. The SDK's own retries are switched off (`clients.ts`), so
 * that attempts are counted in one place.
 */
import { OutsideRefused, OutsideTimeout } from '../domain/errors';
import type { Clock, Random } from '../domain/ports';
import { classify, errorName } from './failures';

export interface CallPolicy {
  /** An attempt that has not answered by then is given up: its socket is closed, whether it was applied is unknown. */
  attemptTimeoutMs: number;
  /** No attempt or pause goes beyond this. */
  totalTimeoutMs: number;
  maxAttempts: number;
  /** Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): uniform in 0 .. base × 2^n, capped. */
  backoffBaseMs: number;
  backoffCapMs: number;
}

/** What is called, in the words of the IAM action, so that an error can name the missing permission. */
export interface Callee {
  /** IAM prefix: `dynamodb`, `ec2`, ... */
  service: string;
  /** IAM action: `UpdateItem`, `AssociateAddress`, ... */
  action: string;
  /** Table, allocation id, record name, ... */
  resource: string;
}

/** Reads of DynamoDB take single milliseconds; an observer's tick must not wait for long. */
export const STORE_POLICY: CallPolicy = {
  attemptTimeoutMs: 900,
  totalTimeoutMs: 4_000,
  maxAttempts: 5,
  backoffBaseMs: 25,
  backoffCapMs: 400,
};

/** EC2 and Route 53 answer in 0.1 to 1.5 s and throttle by account: fewer, slower attempts. */
export const CONTROL_POLICY: CallPolicy = {
  attemptTimeoutMs: 4_000,
  totalTimeoutMs: 12_000,
  maxAttempts: 4,
  backoffBaseMs: 150,
  backoffCapMs: 1_500,
};

/** Publishing a page and asynchronous invocations. */
export const MESSAGE_POLICY: CallPolicy = {
  attemptTimeoutMs: 2_500,
  totalTimeoutMs: 8_000,
  maxAttempts: 3,
  backoffBaseMs: 100,
  backoffCapMs: 1_000,
};

class AttemptTimedOut extends Error {
  override readonly name = 'AttemptTimedOut';
}

export class OutsideCalls {
  constructor(
    readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /**
   * Runs `attempt` under the policy. Errors that are answers (a failed condition, "already gone") belong inside
   * `attempt`: turn them into values there, see `answer`.
   * @throws OutsideTimeout when attempts or time ran out; whether the last attempt was applied is unknown
   * @throws OutsideRefused when a retry does not help (permission, validation, not found); its cause is the SDK's error
   */
  async run<T>(callee: Callee, policy: CallPolicy, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadlineMs = this.clock.monotonicMs() + policy.totalTimeoutMs;
    for (let attempts = 1; ; attempts += 1) {
      try {
        const leftMs = deadlineMs - this.clock.monotonicMs();
        return await this.withDeadline(Math.min(policy.attemptTimeoutMs, leftMs), attempt);
      } catch (error) {
        if (!(error instanceof AttemptTimedOut) && classify(error) === 'final') throw refused(callee, error);
        const pauseMs = this.random.next() * Math.min(policy.backoffCapMs, policy.backoffBaseMs * 2 ** (attempts - 1));
        const leftMs = deadlineMs - this.clock.monotonicMs();
        if (attempts >= policy.maxAttempts || pauseMs >= leftMs) throw timedOut(callee, attempts, error);
        await this.clock.sleep(pauseMs);
      }
    }
  }

  private async withDeadline<T>(timeoutMs: number, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abandon = new AbortController();
    const settled = new AbortController();
    const deadline = this.clock.sleep(timeoutMs, settled.signal).then(() => {
      // An aborted sleep resolves too; by then the race is over and nobody looks.
      throw new AttemptTimedOut(`no answer within ${Math.round(timeoutMs)} ms`);
    });
    const answer = attempt(abandon.signal);
    try {
      return await Promise.race([answer, deadline]);
    } finally {
      settled.abort();
      abandon.abort();
      // Whichever lost the race rejects later: that is expected, and must not end the process.
      answer.catch(() => undefined);
      deadline.catch(() => undefined);
    }
  }
}

/** Turns named errors of the SDK into values: they are answers, not failures. Any other error passes through. */
export async function answer<T, U>(
  call: Promise<T>,
  names: readonly string[],
  value: (error: unknown) => U,
): Promise<T | U> {
  try {
    return await call;
  } catch (error) {
    if (names.includes(errorName(error))) return value(error);
    throw error;
  }
}

const ACCESS_DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError']);

function refused(callee: Callee, error: unknown): OutsideRefused {
  const what = `${callee.service}:${callee.action} on ${callee.resource} was refused (${errorName(error)})`;
  const remedy = ACCESS_DENIED.has(errorName(error))
    ? permissionFor(callee, messageOf(error))
    : remedyFor(callee, error);
  return new OutsideRefused(`${what}: ${remedy}`, { cause: error });
}

/** What whoever types an operator's command meets first. */
function remedyFor({ service }: Callee, error: unknown): string {
  const message = messageOf(error);
  if (message.includes('Region is missing')) return 'no region is known: set AWS_REGION to that of the cluster';
  if (message.includes('Could not load credentials')) {
    return `no credentials are known: set AWS_PROFILE, or sign in with the AWS CLI (${message})`;
  }
  if (service === 'dynamodb' && errorName(error) === 'ResourceNotFoundException') {
    return 'there is no such table in this account and region: its name is output TableName of the State stack';
  }
  return message;
}

/** What is under a KMS key is refused by the key too, in the name of the service that holds it. */
function permissionFor({ service, action }: Callee, message: string): string {
  return /kms:|\bKMS\b/.test(message)
    ? `it is under a KMS key that this function's role may not use: allow the role kms:Decrypt in the policy of that key (${message})`
    : `grant ${service}:${action} on it to this function's role`;
}

function timedOut(callee: Callee, attempts: number, error: unknown): OutsideTimeout {
  return new OutsideTimeout(
    `${callee.service}:${callee.action} on ${callee.resource} gave no usable answer in ${attempts} attempt(s), ` +
      `at last ${errorName(error)}: ${messageOf(error)}; it is tried again at the next convergence, ` +
      'check the service health and the account limits if this goes on',
    { cause: error },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
