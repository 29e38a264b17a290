import net, { createServer, type AddressInfo } from 'node:net';
import { MalformedEvent } from '../../../lib/domain/errors';
import { vipsNeedingAttention } from '../../../lib/operations/observe/attention';
import { isBlind } from '../../../lib/operations/observe/blindness';
import { checkClock, jumpLimits } from '../../../lib/operations/observe/clock-jump';
import { anyTargetAnswers, parseControlTargets, tryTcp } from '../../../lib/operations/observe/control-target';
import { LatestOnly } from '../../../lib/operations/observe/latest-only';
import {
  coveragePercent,
  hasQuorum,
  openWindow,
  sample,
  speaksForAll,
} from '../../../lib/operations/observe/quorum-coverage';
import { lifetimeMs, parseStartDelayMs } from '../../../lib/operations/observe/observer-event';
import { nextOnGrid } from '../../../lib/operations/observe/tick';
import { esl, healthy, look, NOW, policy, sip, vipState, ZONES } from '../../support/cluster';

describe('blindness', () => {
  const silent = { esl: esl('silent'), sip: { main: sip('silent') } };
  const nobody = (): Promise<boolean> => Promise.resolve(false);

  it.each(['ok', 'refused', 'malformed', 'stopping', 'paused'] as const)('ESL %s is an answer', async (verdict) => {
    expect(await isBlind([silent, { ...silent, esl: esl(verdict) }], nobody)).toBe(false);
  });

  it.each(['ok', 'busy', 'standby', 'refused', 'malformed'] as const)('SIP %s is an answer', async (verdict) => {
    expect(await isBlind([silent, { ...silent, sip: { main: sip(verdict) } }], nobody)).toBe(false);
  });

  it('a rejection is an answer when something was heard, not when the probe could not even ask', async () => {
    const heard = { ...esl('rejected'), latencyMs: 3 };

    expect(await isBlind([{ ...silent, esl: heard }], nobody)).toBe(false);
    expect(await isBlind([{ ...silent, esl: esl('rejected') }], nobody)).toBe(true);
  });

  it('control targets are asked only when no node answers, and an answer of theirs is sight', async () => {
    const target = jest.fn(() => Promise.resolve(true));

    await isBlind([{ ...silent, esl: esl('ok') }], target);
    expect(target).not.toHaveBeenCalled();
    expect(await isBlind([silent], target)).toBe(false);
    expect(await isBlind([silent], nobody)).toBe(true);
  });
});

describe('control targets', () => {
  const at = (port: number) => ({ zone: 'us-east-1b', host: '127.0.0.1', port });

  it('one that accepts answers, and so does one that resets', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    expect(await tryTcp(at(port), 1_000)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await tryTcp(at(port), 1_000)).toBe(true);
  });

  it('one that says nothing has not answered by its deadline', async () => {
    const neverConnects = jest.spyOn(net, 'connect').mockReturnValue(new net.Socket());

    expect(await tryTcp(at(443), 10)).toBe(false);

    neverConnects.mockRestore();
  });

  it('an unknown name is no answer', async () => {
    expect(await tryTcp({ zone: 'us-east-1b', host: 'nowhere.invalid', port: 443 }, 1_000)).toBe(false);
  });

  it('one of many is enough; none is none', async () => {
    const only = (host: string) => (target: { host: string }) => Promise.resolve(target.host === host);
    const targets = ['x', 'y'].map((host) => ({ zone: 'us-east-1b', host, port: 443 }));

    expect(await anyTargetAnswers(targets, only('y'), 100)).toBe(true);
    expect(await anyTargetAnswers(targets, only('z'), 100)).toBe(false);
    expect(await anyTargetAnswers([], only('y'), 100)).toBe(false);
  });

  it('are read from JSON, and refused with a remedy when they are none', () => {
    expect(parseControlTargets('[{"zone":"us-east-1b","host":"h","port":443}]')).toHaveLength(1);
    expect(parseControlTargets(undefined)).toEqual([]);
    for (const wrong of ['{', '{}', '[1]', '[{"zone":"b","host":"h","port":"443"}]', 'null']) {
      expect(() => parseControlTargets(wrong)).toThrow(MalformedEvent);
    }
  });
});

describe('jumps of the clock', () => {
  const limits = jumpLimits({ probeIntervalMs: 1_000 });
  const start = { wallMs: NOW, monotonicMs: 0 };
  const after = (ms: number, wallOffByMs = 0) => ({ wallMs: NOW + ms + wallOffByMs, monotonicMs: ms });

  it('a little late is life', () => {
    expect(checkClock(start, after(2_900), 1_000, limits)).toBeNull();
  });

  it('late by more than two intervals is a process that stood still', () => {
    expect(checkClock(start, after(3_100), 1_000, limits)).toBe('this process stood still for 2100 ms');
  });

  it.each([
    [200, 2_000],
    [5_000, 10_000],
  ])('with a look each %d ms, %d ms late is no such process yet', (probeIntervalMs, lateMs) => {
    expect(jumpLimits({ probeIntervalMs })).toMatchObject({ lateMs });
  });

  it.each([-5_000, 5_000])('a wall clock set by %d ms is no clock to judge by', (byMs) => {
    expect(checkClock(start, after(1_000, byMs), 1_000, limits)).toBe(`the wall clock moved by ${byMs} ms`);
  });
});

describe('attention', () => {
  const seen = (eslVerdict: Parameters<typeof look>[2], sipVerdict: Parameters<typeof look>[3], changes = {}) =>
    new Map([['fs-a', look('fs-a', ZONES[0], eslVerdict, sipVerdict, changes)]]);

  it.each([
    ['ok', 'ok', []],
    ['ok', 'busy', []],
    ['paused', 'ok', []],
    ['ok', 'standby', ['main']],
    ['ok', 'silent', ['main']],
    ['refused', 'ok', ['main']],
    ['rejected', 'ok', ['main']],
    ['stopping', 'ok', ['main']],
  ] as const)('holder with ESL %s and SIP %s: %j', (eslVerdict, sipVerdict, expected) => {
    expect(vipsNeedingAttention([vipState()], seen(eslVerdict, sipVerdict), [])).toEqual(expected);
  });

  it('a new incarnation, an unknown one, and a VIP without a holder', () => {
    const well = seen('ok', 'ok');

    expect(vipsNeedingAttention([vipState({ holder: { nodeId: 'fs-a', coreUuid: 'old' } })], well, [])).toEqual([
      'main',
    ]);
    expect(vipsNeedingAttention([vipState({ holder: { nodeId: 'fs-a', coreUuid: null } })], well, [])).toEqual([
      'main',
    ]);
    expect(vipsNeedingAttention([vipState({ holder: null, status: 'unassigned' })], well, [])).toEqual(['main']);
  });

  it.each([
    ['stopping', 59_000, ['main']],
    ['stopping', 61_000, []],
    ['running', 1_000, []],
  ])('a holder of which EC2 said "%s" %i ms ago: %j', (state, agoMs, expected) => {
    const told = [{ nodeId: 'fs-a', state, atMs: NOW - agoMs }];
    expect(vipsNeedingAttention([vipState()], seen('ok', 'ok'), told)).toEqual(expected);
  });

  it('an incarnation that a look did not tell is no other one', () => {
    expect(vipsNeedingAttention([vipState()], seen('ok', 'ok', { esl: esl('ok') }), [])).toEqual([]);
  });

  it('a paused node that was to take the VIP: it never does by itself', () => {
    const moving = vipState({ status: 'moving' });

    expect(vipsNeedingAttention([moving], seen('paused', 'busy'), [])).toEqual(['main']);
    expect(vipsNeedingAttention([moving], seen('ok', 'busy'), [])).toEqual([]);
  });

  it('nothing to tell of a holder that was not looked at', () => {
    expect(vipsNeedingAttention([vipState()], new Map(), [])).toEqual([]);
  });
});

describe('quorum coverage', () => {
  const without = (zones: readonly string[], change: object) => {
    const snapshot = healthy();
    const observations = snapshot.observations.map((each) =>
      zones.includes(each.zone) ? { ...each, ...change } : each,
    );
    return { ...snapshot, observations };
  };
  const [A, B, C] = ZONES;

  it.each([
    { blind: true },
    { muted: true },
    { observedAtMs: NOW - policy.freshForMs - 1 },
    { observedAtMs: NOW + 2_001 },
  ])('%o takes a voice away', (change) => {
    expect(hasQuorum(without([A], change), NOW)).toBe(true);
    expect(hasQuorum(without([A, C], change), NOW)).toBe(false);
  });

  it('who sees only some of the nodes does not watch', () => {
    const snapshot = healthy();
    const observations = snapshot.observations.filter((each) => each.zone === C || each.nodeId === 'fs-a');

    expect(hasQuorum({ ...snapshot, observations }, NOW)).toBe(false);
  });

  it('the first zone that watches speaks for all; when none does, each speaks', () => {
    expect(ZONES.map((zone) => speaksForAll(zone, healthy(), NOW))).toEqual([true, false, false]);
    expect(ZONES.map((zone) => speaksForAll(zone, without([A], { blind: true }), NOW))).toEqual([false, true, false]);
    expect(ZONES.map((zone) => speaksForAll(zone, without([A, B, C], { blind: true }), NOW))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('is the share of the window, judged by the later of two samples', () => {
    const window = sample(sample(sample(openWindow(0), true, 30_000), false, 45_000), true, 60_000);

    expect(coveragePercent(window)).toBe(75);
    expect(coveragePercent(openWindow(7))).toBe(100);
  });
});

describe('the latest only', () => {
  it('never overlaps itself, and keeps only the newest of what waits', async () => {
    const done: number[] = [];
    let finish = (): void => undefined;
    const work = new LatestOnly<number>(async (item) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      done.push(item);
    });

    for (const item of [1, 2, 3, 4]) work.offer(item);
    finish();
    await new Promise(setImmediate);
    finish();
    await work.idle();
    work.offer(5);
    finish();
    await work.idle();

    expect(done).toEqual([1, 4, 5]);
  });
});

it.each([
  [0, 0, 1_000],
  [0, 999, 1_000],
  [0, 1_000, 2_000],
  [3_000, 2_400, 3_000],
  [0, 63_500, 64_000],
])('the grid: last %d, now %d, next %d', (lastMs, nowMs, expected) => {
  expect(nextOnGrid(lastMs, 1_000, nowMs)).toBe(expected);
});

describe('an invocation', () => {
  it('without a delay starts at once, with a sensible one later, with nonsense not at all', () => {
    expect([null, {}, { source: 'aws.events' }].map(parseStartDelayMs)).toEqual([0, 0, 0]);
    expect(parseStartDelayMs({ startDelayMs: 10_000 })).toBe(10_000);
    for (const wrong of [-1, 60_000, '5', null, Number.NaN]) {
      expect(() => parseStartDelayMs({ startDelayMs: wrong })).toThrow(MalformedEvent);
    }
  });

  it('lives as configured, and never beyond its function', () => {
    expect(lifetimeMs(undefined, 900_000)).toBe(880_000);
    expect(lifetimeMs('90000', 900_000)).toBe(90_000);
    expect(lifetimeMs('9000000', 900_000)).toBe(880_000);
    expect(lifetimeMs(undefined, 3_000)).toBe(0);
    for (const wrong of ['0', '-1', '1.5', 'long']) expect(() => lifetimeMs(wrong, 900_000)).toThrow(MalformedEvent);
  });
});
