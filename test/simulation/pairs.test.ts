import { explore, wordsOf, type Case } from '../../lib/simulation/explorer/explore';
import { FAULTS, FOR_MS } from '../../lib/simulation/explorer/faults';
import { drawPairs, pairOf } from '../../lib/simulation/explorer/pairs';
import { PRELUDES } from '../../lib/simulation/explorer/preludes';
import type { Fault } from '../../lib/simulation/faults/fault';
import { runCluster, type RunOptions } from '../../lib/simulation/run';
import { failover, quietYear } from './made-up-run';
import { pair } from './scenarios';

const ALL = Number.MAX_SAFE_INTEGER;
const OF_A_DRAIN = 'held, and being drained';
const OF_A_DRAINED_MOVE = 'moving: switchover of what was drained';

const pairsOf = (state: string, seed = 1, most = ALL): Case[] =>
  drawPairs(seed, most, state).map((number) => pairOf(seed, number)!);

const FREEZE: Fault = { kind: 'freeze', nodeId: 'fs-1', forMs: 1 };
const ISOLATION: Fault = { kind: 'isolation', zone: 'us-east-1a', forMs: 1 };
const DEPLOY: Fault = { kind: 'deploy' };

const caseOf = (state: string, fault: Fault, second: Fault): Case => ({
  prelude: PRELUDES.find((each) => each.state === state)!,
  fault,
  second: { fault: second, afterMs: 700 },
  crash: null,
});

describe('the pairs of faults in a state', () => {
  it('are each of its faults, and each a moment later', () => {
    const pairs = pairsOf(OF_A_DRAIN);

    expect(pairs).toHaveLength(FAULTS.length ** 2);
    const firsts = new Set(pairs.map(({ fault }) => fault?.kind));
    const seconds = new Set(pairs.map(({ second }) => second?.fault.kind));
    expect([...firsts].sort()).toEqual([...new Set(FAULTS.map(({ kind }) => kind))].sort());
    expect([...seconds].sort()).toEqual([...firsts].sort());
    expect([...new Set(pairs.map(({ prelude }) => prelude.state))]).toEqual([OF_A_DRAIN]);
  });

  it('come at once, within one look of each other, or after a convergence, and anywhere between', () => {
    const afters = pairsOf(OF_A_DRAIN).map(({ second }) => second!.afterMs);

    expect(Math.max(...afters)).toBeLessThan(60_000);
    expect(afters.filter((ms) => ms === 0).length).toBeGreaterThan(afters.length / 20);
    expect(afters.filter((ms) => ms > 0 && ms < 1_000).length).toBeGreaterThan(afters.length / 5);
    expect(afters.filter((ms) => ms > 20_000).length).toBeGreaterThan(afters.length / 10);
  });

  it('last for as long as alone, or for minutes', () => {
    const lasting = (ms: number): number =>
      pairsOf(OF_A_DRAIN).filter(({ fault }) => fault?.kind === 'freeze' && fault.forMs === ms).length;

    expect(lasting(6 * 60_000)).toBeGreaterThan(20);
    expect(lasting(FOR_MS)).toBeGreaterThan(20);
  });

  it('have what a larger shape has besides the pair', () => {
    const words = pairsOf('moving: failover of a failover group', 1, 2_000).map(wordsOf);

    expect(words.some((each) => /fs-3.*fs-3/.test(each))).toBe(true);
  });

  it('are drawn by the seed, no two alike', () => {
    const drawn = drawPairs(3, 500);

    expect(drawn).toEqual(drawPairs(3, 500));
    expect(drawn).not.toEqual(drawPairs(4, 500));
    expect(new Set(drawn).size).toBe(500);
    expect(new Set(drawn.map((number) => pairOf(3, number)?.prelude.state)).size).toBe(PRELUDES.length);
  });
});

describe('exploring a pair', () => {
  it.each([
    ['at a fixed time', OF_A_DRAIN],
    ['after an edge that has none', OF_A_DRAINED_MOVE],
  ])('strikes twice: %s', async (_, state) => {
    const each = caseOf(state, DEPLOY, FREEZE);
    const asked: RunOptions[] = [];

    await explore(pair(), each, 1, (_scenario, options) => {
      asked.push(options);
      return Promise.resolve(quietYear({ edges: ['vip/held/switchover'] }));
    });

    const [{ faults = [], cue } = {}] = asked;
    const { strikes } = each.prelude;
    const isLater = 'edge' in strikes;
    expect(cue).toEqual(isLater ? { ...strikes, fault: DEPLOY, second: each.second } : undefined);
    const atMs = isLater ? 0 : strikes.atMs;
    const struck = [
      { atMs, fault: DEPLOY },
      { atMs: atMs + 700, fault: FREEZE },
    ];
    expect(faults).toEqual([...each.prelude.faults, ...(isLater ? [] : struck)]);
  });

  it('lets both befall the run, also after an edge', async () => {
    const each = caseOf(OF_A_DRAINED_MOVE, DEPLOY, FREEZE);

    const result = await runCluster(
      { ...pair(), stopMs: [20_000, 40_000] },
      { faults: each.prelude.faults, cue: { edge: 'vip/held/switchover', afterMs: 5, ...each }, untilRest: true },
    );

    expect(result.faults).toEqual({ drain: 1, deploy: 1, freeze: 1 });
  }, 30_000);

  it.each<[string, Fault, Fault, boolean]>([
    ['where neither costs any', DEPLOY, { kind: 'clock-stepped', zone: 'us-east-1a', byMs: 1 }, true],
    ['where the second may', DEPLOY, FREEZE, false],
    ['of a holder that is cut off, where the other costs none', DEPLOY, ISOLATION, true],
    ['of a holder that is cut off, where the other may', ISOLATION, FREEZE, false],
  ])('finds calls lost %s: %s', async (_, first, second, isFound) => {
    const change = failover({ callsLost: 1, struckBy: 'isolation', cause: 'suspected-death' });

    const { finding } = await explore(pair(), caseOf('held', first, second), 1, () =>
      Promise.resolve(quietYear({ changes: [change] })),
    );

    expect(finding === null).toBe(!isFound);
  });

  it.each([
    ['hides calls that end by themselves', { drain: 1 }, false],
    ['that was refused hides none', {}, true],
  ])('a drain %s', async (_, faults, isFound) => {
    const each = caseOf('held', DEPLOY, { kind: 'drain', vipId: 'vip-1', forMs: 1 });
    const changes = [failover({ callsLost: 1 })];

    const { finding } = await explore(pair(), each, 1, () => Promise.resolve(quietYear({ changes, faults })));

    expect(finding === null).toBe(!isFound);
  });

  const TWO = caseOf('held', FREEZE, FREEZE);
  const ONE: Case = { prelude: TWO.prelude, fault: FREEZE, crash: null };
  it.each<[string, Case, number | null, boolean]>([
    ['of a holder that nothing ailed', TWO, null, true],
    ['a moment after one of two faults was over', TWO, 300, false],
    ['a moment after the only fault was over', ONE, 300, true],
  ])('finds a failover %s', async (_, each, recoveredAgoMs, isFound) => {
    const change = failover({ callsLost: 0, struckBy: 'nothing', recoveredAgoMs });

    const { finding } = await explore(pair(), each, 1, () => Promise.resolve(quietYear({ changes: [change] })));

    expect(finding === null).toBe(!isFound);
  });

  it('tells both in words', () => {
    expect(wordsOf(caseOf('held', DEPLOY, FREEZE))).toBe(
      'held; {"kind":"deploy"}, and 700 ms later {"kind":"freeze","nodeId":"fs-1","forMs":1}',
    );
  });
});
