/** Wakes a function without waiting for its end. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Kicker } from '../domain/ports';
import { MESSAGE_POLICY, type OutsideCalls } from './call';

export class LambdaKicker implements Kicker {
  constructor(
    private readonly client: LambdaClient,
    private readonly calls: OutsideCalls,
  ) {}

  /** A lost answer may wake it twice: every function here is made for that. */
  async kick(functionName: string, payload: unknown): Promise<void> {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(payload ?? {})),
    });
    const callee = { service: 'lambda', action: 'InvokeFunction', resource: `function ${functionName}` };
    await this.calls.run(callee, MESSAGE_POLICY, (signal) => this.client.send(command, { abortSignal: signal }));
  }
}
