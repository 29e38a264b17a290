/** Invokes the half of the database's setup that is inside the VPC, and waits for its answer. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { OutsideRefused } from '../domain/errors';
import type { CallPolicy, OutsideCalls } from './call';

/** One attempt, a little longer than the function's own time: whoever asks counts and repeats. */
export const WORKER_POLICY: CallPolicy = {
  attemptTimeoutMs: 29_000,
  totalTimeoutMs: 29_000,
  maxAttempts: 1,
  backoffBaseMs: 0,
  backoffCapMs: 0,
};

/** `away`: it does not answer yet, which a fresh instance does not for a while. Everything else is thrown. */
export type WorkerAnswer = { outcome: 'done' } | { outcome: 'away'; reason: string };

export class DatabaseWorker {
  constructor(
    private readonly client: LambdaClient,
    private readonly calls: OutsideCalls,
    private readonly functionName: string,
  ) {}

  /** @throws OutsideTimeout when it did not answer, OutsideRefused when it failed; its log says why */
  async ask(request: object): Promise<WorkerAnswer> {
    const { functionName } = this;
    const callee = { service: 'lambda', action: 'InvokeFunction', resource: `function ${functionName}` };
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(request)) });
    const output = await this.calls.run(callee, WORKER_POLICY, (abortSignal) =>
      this.client.send(command, { abortSignal }),
    );
    const text = Buffer.from(output.Payload ?? []).toString('utf8');
    if (output.FunctionError !== undefined) {
      throw new OutsideRefused(`${functionName} failed: ${failureIn(text)}. Its log group has the rest`);
    }
    const answer = parse(text);
    if (answer !== null) return answer;
    throw new OutsideRefused(`${functionName} gave an answer that this version does not understand; deploy again`);
  }
}

function parse(text: string): WorkerAnswer | null {
  const { outcome, reason } = fieldsOf(text);
  if (outcome === 'done') return { outcome };
  return outcome === 'away' ? { outcome, reason: String(reason) } : null;
}

/** Lambda wraps what was thrown as `{"errorType","errorMessage","trace"}`. */
function failureIn(text: string): string {
  const { errorType, errorMessage } = fieldsOf(text);
  return typeof errorMessage === 'string' ? `${String(errorType)}: ${errorMessage}`.slice(0, 600) : text.slice(0, 300);
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
