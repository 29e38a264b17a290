/**
 * NodeControl through the node-control functions, one per zone. The function in the node's own zone is asked first,
 * with a part of the time; then one in another zone: a zone that loses its functions, or their way to the node, keeps
 * its nodes. A recovery is the exception: see `recover`.
 */
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { OutsideRefused, OutsideTimeout } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import {
  FROM_OUTSIDE,
  IN_TURNS,
  Inquiry,
  oneAtATime,
  ShutWays,
  workMsOf,
  type Turns,
} from '../domain/node-control-turns';
import type {
  AliveResult,
  CheckResult,
  DemoteResult,
  Forecast,
  Inspection,
  LockResult,
  NodeControl,
  NodeControlAnswer,
  NodeControlRequest,
  PreviewResult,
  PromoteResult,
  RecoverResult,
  RecoveryOrder,
  ShutdownProof,
  UnlockResult,
} from '../domain/ports';
import type { CallPolicy, OutsideCalls } from './call';
import { isThrottled } from './failures';
import {
  readAlive,
  readCheck,
  readDemote,
  readForecast,
  readInspection,
  readLock,
  readPromote,
  readRecover,
  readShutdown,
  readUnlock,
} from './node-control-answer';
import { readPreview } from './recovery-preview-answer';

/** A function that failed (not: said no). */
class NodeControlFailed extends Error {
  override readonly name = 'NodeControlFailed';
}

export class LambdaNodeControl implements NodeControl {
  private readonly ways = new ShutWays();

  /** @param functions zone -> name of the function there */
  constructor(
    private readonly client: LambdaClient,
    private readonly calls: OutsideCalls,
    private readonly functions: Readonly<Record<string, string>>,
  ) {}

  shutdownNow(node: NodeTopology, timeoutMs: number, coreUuid: string | null = null): Promise<ShutdownProof> {
    return this.ask({ action: 'shutdownNow', node, timeoutMs, coreUuid }, readShutdown);
  }

  promote(
    node: NodeTopology,
    vip: VipTopology,
    timeoutMs: number,
    coreUuid: string | null = null,
  ): Promise<PromoteResult> {
    return this.ask({ action: 'promote', node, vip, timeoutMs, coreUuid }, readPromote);
  }

  check(
    node: NodeTopology,
    vip: VipTopology,
    timeoutMs: number,
    asksDatabase = false,
    from: 'beside' | 'outside' = 'beside',
  ): Promise<CheckResult> {
    const turns = from === 'outside' ? FROM_OUTSIDE : IN_TURNS;
    return this.ask({ action: 'check', node, vip, timeoutMs, asksDatabase }, readCheck, turns);
  }

  demote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<DemoteResult> {
    return this.ask({ action: 'demote', node, vip, timeoutMs }, readDemote);
  }

  lockRole(node: NodeTopology, timeoutMs: number): Promise<LockResult> {
    return this.ask({ action: 'lockRole', node, timeoutMs }, readLock);
  }

  unlockRole(node: NodeTopology, timeoutMs: number): Promise<UnlockResult> {
    return this.ask({ action: 'unlockRole', node, timeoutMs }, readUnlock);
  }

  /**
   * Two recoveries of one order must not run at once. A function that did not answer may still be at work, so that
   * another zone is asked only when the first is known to have ended or never to have begun. After a time-out the next
   * convergence asks again, and the database then knows how far the first one came.
   */
  recover(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<RecoverResult> {
    return this.ask({ action: 'recover', node, vip, order, timeoutMs }, readRecover, oneAtATime(isOver));
  }

  countAlive(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<AliveResult> {
    return this.ask({ action: 'countAlive', node, vip, order, timeoutMs }, readAlive);
  }

  previewRecovery(
    node: NodeTopology,
    vip: VipTopology,
    order: RecoveryOrder,
    timeoutMs: number,
  ): Promise<PreviewResult> {
    return this.ask({ action: 'previewRecovery', node, vip, order, timeoutMs }, readPreview);
  }

  forecast(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Forecast> {
    return this.ask({ action: 'forecast', node, vips, timeoutMs }, readForecast);
  }

  inspect(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Inspection> {
    return this.ask({ action: 'inspect', node, vips, timeoutMs }, readInspection);
  }

  /** @throws OutsideTimeout when no zone's function answered: whether anything was done is unknown */
  private async ask<T extends NodeControlAnswer>(
    request: NodeControlRequest,
    read: (answer: unknown) => T | null,
    turns: Turns = IN_TURNS,
  ): Promise<T> {
    const nowMs = (): number => this.calls.clock.monotonicMs();
    const inquiry = new Inquiry<T>(request, Object.keys(this.functions), turns, this.ways, nowMs());
    for (let turn = inquiry.next(nowMs()); turn !== null; turn = inquiry.next(nowMs())) {
      const { zone, shareMs } = turn;
      try {
        inquiry.answered(zone, await this.invoke(zone, { ...request, timeoutMs: shareMs }, read), nowMs());
      } catch (error) {
        inquiry.failed(zone, error, nowMs());
      }
    }
    return inquiry.outcome();
  }

  private async invoke<T>(zone: string, request: NodeControlRequest, read: (answer: unknown) => T | null): Promise<T> {
    const functionName = this.functions[zone] ?? '';
    const command = new InvokeCommand({
      FunctionName: functionName,
      Payload: Buffer.from(JSON.stringify({ ...request, timeoutMs: workMsOf(request.timeoutMs) })),
    });
    const callee = { service: 'lambda', action: 'InvokeFunction', resource: `function ${functionName}` };
    const output = await this.calls.run(callee, once(request.timeoutMs), (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
    const answer = read(payloadOf(functionName, output));
    if (answer === null) {
      throw new NodeControlFailed(`${functionName} gave an answer that this version does not understand; deploy again`);
    }
    return answer;
  }
}

/** No retry in the same zone: the other zone is the retry. */
function once(timeoutMs: number): CallPolicy {
  return { attemptTimeoutMs: timeoutMs, totalTimeoutMs: timeoutMs, maxAttempts: 1, backoffBaseMs: 0, backoffCapMs: 0 };
}

function payloadOf(functionName: string, output: InvokeCommandOutput): unknown {
  const text = Buffer.from(output.Payload ?? []).toString('utf8');
  if (output.FunctionError !== undefined) {
    throw new NodeControlFailed(`${functionName} failed (${output.FunctionError}): ${text.slice(0, 300)}`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OutsideRefused(`${functionName} answered no JSON: ${text.slice(0, 100)}`, { cause });
  }
}

/** The function has ended, or was never begun: an answer of whatever kind, a refusal, a throttled invocation. */
function isOver(failure: unknown): boolean {
  if (failure instanceof NodeControlFailed || failure instanceof OutsideRefused) return true;
  return failure instanceof OutsideTimeout && isThrottled(failure.cause);
}
