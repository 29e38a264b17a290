import { LambdaClient, type InvokeCommand } from '@aws-sdk/client-lambda';
import { OutsideCalls } from '../../lib/aws/call';
import { LambdaNodeControl, zonesToAsk } from '../../lib/aws/node-control-client';
import { OutsideTimeout } from '../../lib/domain/errors';
import { aTopology } from '../support/store-fixtures';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

const FUNCTIONS = { z1: 'control-z1', z2: 'control-z2', z3: 'control-z3' };
const NODE_IN_Z2 = aTopology().nodes[1]!;
const VIP = aTopology().vips[0]!;

interface Asked {
  functionName: string;
  request: { action: string; timeoutMs: number; coreUuid?: string | null };
}

/** A Lambda client whose functions answer as `answers` says; a function that is not named never answers. */
function scenario(answers: Record<string, { payload: unknown; failed?: boolean } | Error>) {
  const clock = new VirtualClock();
  const client = new LambdaClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
  const asked: Asked[] = [];
  const send = (command: unknown): Promise<unknown> => {
    const { FunctionName = '', Payload } = (command as InvokeCommand).input;
    const request = JSON.parse(Buffer.from((Payload ?? '') as Uint8Array).toString()) as Asked['request'];
    asked.push({ functionName: FunctionName, request });
    const answer = answers[FunctionName];
    if (answer === undefined) return new Promise(() => undefined);
    if (answer instanceof Error) return Promise.reject(answer);
    const Payload2 = Buffer.from(JSON.stringify(answer.payload));
    return Promise.resolve({ Payload: Payload2, ...(answer.failed === true ? { FunctionError: 'Unhandled' } : {}) });
  };
  Object.assign(client, { send });
  const control = new LambdaNodeControl(client, new OutsideCalls(clock, seededRandom(1)), FUNCTIONS);
  const run = async <T>(call: Promise<T>): Promise<{ value?: T; error?: unknown; tookMs: number }> => {
    let settled: { value?: T; error?: unknown } | null = null;
    call.then(
      (value) => (settled = { value }),
      (error: unknown) => (settled = { error }),
    );
    const tookMs = await clock.until(() => settled !== null, 60_000);
    return { ...(settled ?? {}), tookMs };
  };
  return { control, asked, run };
}

const promoted = { promoted: true, coreUuid: 'uuid-b', proof: '200 OK' };

describe('node-control', () => {
  it("is asked in the node's own zone, with time kept back for the invocation", async () => {
    const { control, asked, run } = scenario({ 'control-z2': { payload: promoted } });
    expect((await run(control.promote(NODE_IN_Z2, VIP, 5_000))).value).toEqual(promoted);
    expect(asked.map((each) => each.functionName)).toEqual(['control-z2']);
    expect(asked[0]?.request).toMatchObject({ action: 'promote', timeoutMs: 2_600 });
  });

  it('is asked in another zone when that one is silent, inside the whole deadline', async () => {
    const { control, asked, run } = scenario({ 'control-z1': { payload: promoted } });
    const { value, tookMs } = await run(control.promote(NODE_IN_Z2, VIP, 5_000));
    expect(value).toEqual(promoted);
    expect(asked.map((each) => each.functionName)).toEqual(['control-z2', 'control-z1']);
    expect(tookMs).toBeLessThanOrEqual(5_000);
  });

  it.each([
    ['failed', { payload: { errorMessage: 'boom' }, failed: true }],
    ['was refused', Object.assign(new Error('no'), { name: 'AccessDeniedException' })],
    ['answered what nobody understands', { payload: { promoted: 'maybe' } }],
    ['answered nothing', { payload: null }],
  ])('is asked in another zone when that one %s', async (_what, first) => {
    const { control, run } = scenario({ 'control-z2': first, 'control-z1': { payload: promoted } });
    expect((await run(control.promote(NODE_IN_Z2, VIP, 5_000))).value).toEqual(promoted);
  });

  it('is not asked again after a no', async () => {
    const { control, asked, run } = scenario({ 'control-z2': { payload: { serving: false, reason: '503' } } });
    expect((await run(control.check(NODE_IN_Z2, VIP, 5_000))).value).toEqual({ serving: false, reason: '503' });
    expect(asked).toHaveLength(1);
  });

  it('says that it does not know, naming each zone, when none answers', async () => {
    const { control, run } = scenario({ 'control-z1': { payload: {}, failed: true } });
    const { error, tookMs } = await run(control.shutdownNow(NODE_IN_Z2, 3_000, 'uuid-b'));
    expect(error).toBeInstanceOf(OutsideTimeout);
    expect(String(error)).toMatch(/shutdownNow fs-b: z2: .*; z1: .*control-z1 failed/);
    expect(tookMs).toBeLessThanOrEqual(3_000);
  });

  it('is told which incarnation to end', async () => {
    const { control, asked, run } = scenario({ 'control-z2': { payload: { fenced: true, proof: 'closed, refused' } } });
    expect((await run(control.shutdownNow(NODE_IN_Z2, 3_000, 'uuid-b'))).value).toMatchObject({ fenced: true });
    expect(asked[0]?.request.coreUuid).toBe('uuid-b');
  });

  it('asks two zones at most, the own one first where there is one', () => {
    expect(zonesToAsk('z3', ['z1', 'z2', 'z3'])).toEqual(['z3', 'z1']);
    expect(zonesToAsk('z9', ['z2', 'z1', 'z3'])).toEqual(['z1', 'z2']);
    expect(zonesToAsk('z1', ['z1'])).toEqual(['z1']);
    expect(zonesToAsk('z1', [])).toEqual([]);
  });
});
