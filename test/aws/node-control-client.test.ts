import { LambdaClient, type InvokeCommand } from '@aws-sdk/client-lambda';
import { OutsideCalls } from '../../lib/aws/call';
import { LambdaNodeControl } from '../../lib/aws/node-control-client';
import { OutsideTimeout } from '../../lib/domain/errors';
import { aTopology } from '../support/store-fixtures';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

const FUNCTIONS = { z1: 'control-z1', z2: 'control-z2', z3: 'control-z3' };
const NODE_IN_Z2 = aTopology().nodes[1]!;
const NODE_IN_Z3 = aTopology().nodes[2]!;
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

const everywhere = (payload: unknown) =>
  Object.fromEntries(Object.values(FUNCTIONS).map((name) => [name, { payload }]));

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
    expect((await run(control.check(NODE_IN_Z2, VIP, 5_000))).value).toMatchObject({ serving: false, reason: '503' });
    expect(asked).toHaveLength(1);
  });

  it('is asked in another zone when that one got no answer, and there first from then on', async () => {
    const unreached = { promoted: false, reason: 'no greeting', unreached: true };
    const { control, asked, run } = scenario({
      'control-z2': { payload: unreached },
      'control-z1': { payload: promoted },
      'control-z3': { payload: promoted },
    });
    expect((await run(control.promote(NODE_IN_Z2, VIP, 5_000))).value).toEqual(promoted);
    expect((await run(control.promote(NODE_IN_Z2, VIP, 5_000))).value).toEqual(promoted);
    await run(control.promote(NODE_IN_Z3, VIP, 5_000));
    expect(asked.map((each) => each.functionName)).toEqual(['control-z2', 'control-z1', 'control-z1', 'control-z3']);
    expect(asked[1]?.request.timeoutMs).toBe(4_600);
  });

  it.each([
    ['that could take over', { coreUuid: 'uuid-b', unfit: null }, { coreUuid: 'uuid-b', unfit: null }],
    ['that could not', { coreUuid: 'uuid-b', unfit: 'paused' }, { coreUuid: 'uuid-b', unfit: 'paused' }],
    ['that could not, for whatever reason', { unfit: 7 }, { coreUuid: null, unfit: 'no reason given' }],
    ['of which the version before says nothing', {}, { coreUuid: null }],
  ])('says of a standby %s what its process told', async (_what, told, read) => {
    const payload = { serving: false, reason: '503', ...told };
    const { control, run } = scenario({ 'control-z1': { payload } });
    const { value } = await run(control.check(NODE_IN_Z2, VIP, 5_000));
    expect(value).toEqual({ serving: false, reason: '503', ...read });
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

  it('gives the second zone what is left, not its share, when the first failed at once', async () => {
    const first = { payload: { errorMessage: 'boom' }, failed: true };
    const { control, asked, run } = scenario({ 'control-z2': first, 'control-z1': { payload: promoted } });
    await run(control.promote(NODE_IN_Z2, VIP, 5_000));
    expect(asked[1]?.request.timeoutMs).toBe(4_600);
  });

  it.each([
    ['beside the node, by which orders go', undefined, 'control-z2'],
    ['where callers are, outside of the zone of the node', 'outside' as const, 'control-z1'],
  ])('makes a check %s', async (_what, from, asks) => {
    const payload = { serving: true, coreUuid: 'uuid-b', proof: '200 OK' };
    const { control, asked, run } = scenario(everywhere(payload));
    expect((await run(control.check(NODE_IN_Z2, VIP, 5_000, false, from))).value).toMatchObject({ serving: true });
    expect(asked.map((each) => each.functionName)).toEqual([asks]);
  });

  it.each([true, 'true', undefined])(
    'says that another process runs than the one that was chosen: %j',
    async (told) => {
      const no = { recovered: false, away: false, before: null, reason: 'fs-b runs another' };
      const { control, run } = scenario(everywhere({ ...no, notChosen: told }));
      const order = { transitionId: 'main#2', deadCoreUuids: ['uuid-a'], deadNodeIds: [], maxClockBehindMs: 1_000 };
      const { value } = await run(control.recover(NODE_IN_Z2, VIP, order, 5_000));
      expect(value).toEqual(told === true ? { ...no, notChosen: true } : no);
    },
  );
});

it.each([
  [{ calls: 2, legs: 4 }, { told: { calls: 2, legs: 4 } }],
  [false, { told: false }],
  ['yes', {}],
  [undefined, {}],
])('says what the node was told to rebuild: %j', async (told, tells) => {
  const no = { recovered: false, away: false, before: { calls: 2, legs: 4 }, reason: 'closed' };
  const { control, run } = scenario(everywhere({ ...no, told }));
  const order = { transitionId: 'main#2', deadCoreUuids: ['uuid-a'], deadNodeIds: [], maxClockBehindMs: 1_000 };
  const { value } = await run(control.recover(NODE_IN_Z2, VIP, order, 5_000));
  expect(value).toEqual({ ...no, ...tells });

  const count = { known: false, reason: 'never prepared' };
  const asked = scenario(everywhere({ ...count, told }));
  const alive = await asked.run(asked.control.countAlive(NODE_IN_Z2, VIP, order, 5_000));
  expect(alive.value).toEqual({ ...count, ...(told === false && { told }) });
});

describe('a recovery', () => {
  const ORDER = { transitionId: 'main#2', deadCoreUuids: ['uuid-a'], deadNodeIds: ['fs-a'], maxClockBehindMs: 1_000 };
  const recovered = {
    recovered: true,
    before: { calls: 2, legs: 4 },
    connectionOriented: 1,
    movedAside: 0,
    stayed: null,
    ownSessions: 6,
    notes: ['3 registrations'],
    proof: 'none waits',
  };

  it('has the whole time in the first zone', async () => {
    const { control, asked, run } = scenario({ 'control-z2': { payload: recovered } });
    expect((await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000))).value).toEqual(recovered);
    expect(asked[0]?.request).toMatchObject({ action: 'recover', order: ORDER, timeoutMs: 24_600 });
  });

  it.each([
    ['that stayed', { stayed: { calls: 10, legs: 20 } }, { calls: 10, legs: 20 }],
    ['of which the version before says nothing', { stayed: undefined }, null],
  ])('tells the calls %s', async (_what, told, stayed) => {
    const { control, run } = scenario({ 'control-z2': { payload: { ...recovered, ...told } } });
    expect((await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000))).value).toMatchObject({ stayed });
  });

  it('is never begun in a second zone after a time-out: the first may still be at work', async () => {
    const { control, asked, run } = scenario({ 'control-z1': { payload: recovered } });
    const { error, tookMs } = await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000));
    expect(error).toBeInstanceOf(OutsideTimeout);
    expect(asked).toHaveLength(1);
    expect(tookMs).toBeLessThanOrEqual(25_000);
  });

  it('is not begun elsewhere when the connection broke after it was sent', async () => {
    const broken = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const { control, asked, run } = scenario({ 'control-z2': broken, 'control-z1': { payload: recovered } });
    expect((await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000))).error).toBeInstanceOf(OutsideTimeout);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['failed', { payload: { errorMessage: 'boom' }, failed: true }],
    ['was refused', Object.assign(new Error('no'), { name: 'AccessDeniedException' })],
    ['was throttled', Object.assign(new Error('slow down'), { name: 'TooManyRequestsException' })],
    ['gave no count', { payload: { recovered: true, proof: 'trust me' } }],
  ])('is begun in another zone when the first %s', async (_what, first) => {
    const { control, asked, run } = scenario({ 'control-z2': first, 'control-z1': { payload: recovered } });
    expect((await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000))).value).toEqual(recovered);
    expect(asked.map((each) => each.functionName)).toEqual(['control-z2', 'control-z1']);
  });

  it('is begun in another zone when the first got no answer of the node', async () => {
    const no = { recovered: false, away: false, before: null, reason: 'no greeting', unreached: true };
    const { control, asked, run } = scenario({ 'control-z2': { payload: no }, 'control-z1': { payload: recovered } });
    expect((await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000))).value).toEqual(recovered);
    expect(asked.map((each) => each.functionName)).toEqual(['control-z2', 'control-z1']);
    expect(asked[1]?.request.timeoutMs).toBe(24_600);
  });

  it('that could not be done keeps its count and whether the database was away, and is not begun elsewhere', async () => {
    const no = { recovered: false, away: true, before: { calls: 1, legs: 2 }, reason: 'away' };
    const { control, asked, run } = scenario({ 'control-z2': { payload: no }, 'control-z1': { payload: recovered } });
    expect((await run(control.recover(NODE_IN_Z2, VIP, ORDER, 25_000))).value).toEqual(no);
    expect(asked).toHaveLength(1);
  });
});

const ALIVE = {
  ...{ known: true, alive: { calls: 2, legs: 4 }, sessions: null, unregisteredGateways: ['external::carrier'] },
};

describe('the other orders', () => {
  const ORDER = { transitionId: 'main#2', deadCoreUuids: ['uuid-a'], deadNodeIds: [], maxClockBehindMs: 1_000 };
  const FORECAST = {
    nodeId: 'fs-b',
    sessions: 5,
    vips: [{ vipId: 'main', calls: 2, connectionOriented: 1 }],
    unanswered: 1,
    unknown: [],
  };
  const PREVIEW = {
    known: true,
    way: 'B',
    ownCoreUuid: 'uuid-b',
    obstacle: null,
    recovered: [{ coreUuid: 'uuid-a', rows: 4, calls: 2, connectionOriented: 1 }],
    own: { coreUuid: 'uuid-b', rows: 0, calls: 0, connectionOriented: 0 },
    foreign: [{ coreUuid: null, rows: 1, calls: 1, connectionOriented: 0 }],
    rewritten: 4,
    differences: [{ variable: 'local_media_ip', from: '10.0.1.11', to: '10.0.2.22', rows: 4 }],
    examples: [{ uuid: 'leg-1', changes: [{ variable: 'local_media_ip', from: '10.0.1.11', to: '10.0.2.22' }] }],
  };
  const CHECKED = { coreUuid: 'uuid-b', unfit: null, serving: false, reason: '503' };
  type Control = ReturnType<typeof scenario>['control'];

  it.each([true, false])('check says whether it asks for the database: %s', async (asksDatabase) => {
    const { control, asked, run } = scenario(everywhere(CHECKED));

    await run(control.check(NODE_IN_Z2, VIP, 3_000, asksDatabase));

    expect(asked[0]?.request).toMatchObject({ action: 'check', asksDatabase });
  });

  it.each<[string, unknown, (control: Control) => Promise<unknown>]>([
    ['check', CHECKED, (control) => control.check(NODE_IN_Z2, VIP, 3_000)],
    ['check', { ...CHECKED, withoutDatabase: null }, (control) => control.check(NODE_IN_Z2, VIP, 3_000, true)],
    ['check', { ...CHECKED, withoutDatabase: 'silent' }, (control) => control.check(NODE_IN_Z2, VIP, 3_000, true)],
    ['demote', { demoted: true, proof: '503' }, (control) => control.demote(NODE_IN_Z2, VIP, 3_000)],
    ['lockRole', { locked: true, proof: 'NOLOGIN' }, (control) => control.lockRole(NODE_IN_Z2, 3_000)],
    ['lockRole', { locked: false, away: true, reason: 'away' }, (control) => control.lockRole(NODE_IN_Z2, 3_000)],
    ['unlockRole', { unlocked: true, proof: 'LOGIN' }, (control) => control.unlockRole(NODE_IN_Z2, 3_000)],
    [
      'countAlive',
      { ...ALIVE, planned: { calls: 3, legs: 6 } },
      (control) => control.countAlive(NODE_IN_Z2, VIP, ORDER, 3_000),
    ],
    ['countAlive', { known: false, reason: 'away' }, (control) => control.countAlive(NODE_IN_Z2, VIP, ORDER, 3_000)],
    ['previewRecovery', PREVIEW, (control) => control.previewRecovery(NODE_IN_Z2, VIP, ORDER, 3_000)],
    [
      'previewRecovery',
      { ...PREVIEW, way: 'A', obstacle: 'the node is paused' },
      (control) => control.previewRecovery(NODE_IN_Z2, VIP, ORDER, 3_000),
    ],
    [
      'previewRecovery',
      { known: false, reason: 'away' },
      (control) => control.previewRecovery(NODE_IN_Z2, VIP, ORDER, 3_000),
    ],
    ['forecast', FORECAST, (control) => control.forecast(NODE_IN_Z2, [VIP], 3_000)],
    [
      'inspect',
      { nodeId: 'fs-b', level: 1, missing: ['mod_pgsql'], conflicts: ['keepalived runs'] },
      (control) => control.inspect(NODE_IN_Z2, [VIP], 3_000),
    ],
  ])('%s is asked and answered as it is', async (action, payload, order) => {
    const { control, asked, run } = scenario(everywhere(payload));
    expect((await run(order(control))).value).toEqual(payload);
    expect(asked[0]?.request.action).toBe(action);
  });

  it('an older function does not tell of how many calls it was', async () => {
    const { control, run } = scenario(everywhere(ALIVE));
    expect((await run(control.countAlive(NODE_IN_Z2, VIP, ORDER, 3_000))).value).toEqual({ ...ALIVE, planned: null });
  });

  it('a forecast that cannot be read in part names the part', async () => {
    const odd = { ...FORECAST, vips: [{ vipId: 'main', calls: 'many' }], unanswered: -1 };
    const { control, run } = scenario({ 'control-z2': { payload: odd } });
    expect((await run(control.forecast(NODE_IN_Z2, [VIP], 3_000))).value).toMatchObject({
      vips: [],
      unanswered: null,
      unknown: ['the calls of a VIP: the answer was not understood'],
    });
  });

  it.each([
    ['a way that nobody knows', { way: 'C' }],
    ['no rows of the order', { recovered: undefined }],
    ['a row count that is none', { own: { ...PREVIEW.own, rows: -1 } }],
    ['an incarnation that is none', { foreign: [{ ...PREVIEW.own, coreUuid: 7 }] }],
    ['a number of rewritten rows that is none', { rewritten: 'all' }],
    [
      'a difference in a variable that is never rewritten',
      { differences: [{ ...PREVIEW.differences[0], variable: 'x' }] },
    ],
    ['an example without its leg', { examples: [{ changes: [] }] }],
    [
      'an example of a change to nothing',
      { examples: [{ uuid: 'l', changes: [{ variable: 'local_media_ip', from: 'x' }] }] },
    ],
  ])('a preview with %s is no answer: half of a dry run misleads', async (_what, odd) => {
    const payload = { ...PREVIEW, ...odd };
    const { control, run } = scenario(everywhere(payload));
    expect((await run(control.previewRecovery(NODE_IN_Z2, VIP, ORDER, 3_000))).error).toBeInstanceOf(OutsideTimeout);
  });

  it.each([
    ['an inspection of a level that nobody knows', { nodeId: 'fs-b', level: 7, missing: [], conflicts: [] }],
    ['an inspection that does not tell of conflicts', { nodeId: 'fs-b', level: 3, missing: [] }],
  ])('%s is no answer', async (_what, payload) => {
    const { control, run } = scenario(everywhere(payload));
    expect((await run(control.inspect(NODE_IN_Z2, [VIP], 3_000))).error).toBeInstanceOf(OutsideTimeout);
  });
});

describe('an answer that says that no zone could reach what the order is about', () => {
  const ORDER = { transitionId: 'main#2', deadCoreUuids: ['uuid-a'], deadNodeIds: [], maxClockBehindMs: 1_000 };
  const reason = 'no greeting within 3000 ms';
  type Control = ReturnType<typeof scenario>['control'];

  const ANSWERS: [string, object, (control: Control) => Promise<unknown>][] = [
    ['shutdownNow', { fenced: false, reason }, (control) => control.shutdownNow(NODE_IN_Z2, 3_000)],
    ['promote', { promoted: false, reason }, (control) => control.promote(NODE_IN_Z2, VIP, 3_000)],
    ['check', { coreUuid: null, serving: false, reason }, (control) => control.check(NODE_IN_Z2, VIP, 3_000)],
    ['demote', { demoted: false, reason }, (control) => control.demote(NODE_IN_Z2, VIP, 3_000)],
    ['lockRole', { locked: false, away: true, reason }, (control) => control.lockRole(NODE_IN_Z2, 3_000)],
    ['unlockRole', { unlocked: false, reason }, (control) => control.unlockRole(NODE_IN_Z2, 3_000)],
    [
      'recover',
      { recovered: false, away: false, before: null, reason },
      (control) => control.recover(NODE_IN_Z2, VIP, ORDER, 3_000),
    ],
    ['countAlive', { known: false, reason }, (control) => control.countAlive(NODE_IN_Z2, VIP, ORDER, 3_000)],
    ['previewRecovery', { known: false, reason }, (control) => control.previewRecovery(NODE_IN_Z2, VIP, ORDER, 3_000)],
    [
      'forecast',
      { nodeId: 'fs-b', sessions: null, vips: [], unanswered: null, unknown: [reason] },
      (control) => control.forecast(NODE_IN_Z2, [VIP], 3_000),
    ],
    [
      'inspect',
      { nodeId: 'fs-b', level: null, missing: [reason], conflicts: [] },
      (control) => control.inspect(NODE_IN_Z2, [VIP], 3_000),
    ],
  ];

  it.each(ANSWERS)('%s keeps that, and was asked for in two zones', async (_action, no, order) => {
    const payload = { ...no, unreached: true };
    const { control, asked, run } = scenario(everywhere(payload));

    expect((await run(order(control))).value).toEqual(payload);

    expect(asked).toHaveLength(2);
  });

  it.each(ANSWERS.flatMap(([action, no, order]) => [false, 'true', 1].map((odd) => [action, odd, no, order] as const)))(
    '%s does not say it with %j, and is asked for in one zone',
    async (_action, odd, no, order) => {
      const payload = { ...no, unreached: odd };
      const { control, asked, run } = scenario(everywhere(payload));

      expect((await run(order(control))).value).toEqual(no);

      expect(asked).toHaveLength(1);
    },
  );
});
