/** Quiet time may be skipped only where that is exact: the yardstick is the same run, lived through second by second. */
import type { Draft } from '../../lib/config/draft';
import { effectivePolicy } from '../../lib/config/effective-policy';
import type { WrittenPolicy } from '../../lib/config/schema';
import type { Fault, ScheduledFault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import type { RunResult } from '../../lib/simulation/results';
import { runCluster } from '../../lib/simulation/run';
import { PAIR, type Loss } from '../../lib/simulation/scenario';
import { World } from '../../lib/simulation/world/world';
import { POLICY_OF_SHAPE, SHAPES, type ShapeName } from '../../local/simulate/shapes';
import { MINUTE_MS, pair } from './scenarios';

const SECOND_MS = 1_000;

interface Told {
  atMs: number;
  what: string;
}

/** What lines of the trace say, in the order of time. */
function toldIn({ trace }: RunResult, pattern: RegExp): Told[] {
  return trace.flatMap((line) => {
    const [, days, hours, minutes, seconds, words] = /^(\d+)d (\d+):(\d+):([\d.]+) (.*)$/s.exec(line) ?? [];
    const what = pattern.exec(words ?? '')?.[1];
    if (what === undefined) return [];
    const wholeMinutes = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
    return [{ atMs: wholeMinutes * MINUTE_MS + Math.round(Number(seconds) * 1_000), what }];
  });
}

/** `decided vip-1#2 failover conclusive-death: fs-1 -> fs-2 by …`, without who happened to be the first to say so. */
const decisionsOf = (result: RunResult): Told[] => toldIn(result, /^decided (.*) by /);
/** `page sim failover vip-1: fs-1 -> fs-2, served: YES` */
const pagesOf = (result: RunResult): Told[] => toldIn(result, /^page (.*)$/);

/** By their words: what is told of two VIPs within an instant comes in either order. */
function expectSameWords(found: readonly Told[], expected: readonly Told[], apartMs: number): void {
  const [one, other] = [found, expected].map((told) => [...told].sort((a, b) => compare(a.what, b.what)));
  expect(one!.map(({ what }) => what)).toEqual(other!.map(({ what }) => what));
  expect(Math.max(0, ...one!.map(({ atMs }, index) => Math.abs(atMs - other![index]!.atMs)))).toBeLessThan(apartMs);
}

const compare = (one: string, other: string): number => Number(one > other) - Number(one < other);

beforeAll(useLightAbort);

it.each([
  ['2 % of loss is skipped where it is quiet', 0.02, false],
  ['10 % of loss is lived through: what is short adds up to what is told', 0.1, true],
])('a run with %s', async (_words, share, livesAll) => {
  const lossy = pair({ durationMs: 30 * MINUTE_MS, loss: { share, meanBurstMs: 500 } });

  const { livedMs, ranForMs } = await runCluster(lossy, { faults: [] });

  expect(livedMs === ranForMs).toBe(livesAll);
});

describe('a run that skips what is quiet comes to the same as the one that lives every second', () => {
  interface Plan {
    shape: ShapeName;
    seeds: readonly number[];
    faults: readonly ScheduledFault[];
    policy?: Draft<WrittenPolicy>;
    loss?: Loss;
  }
  /** Not on a whole second: who came by the schedule looks just then, and would see it in its first instant. */
  const at = (minutes: number, fault: Fault): ScheduledFault => ({ atMs: minutes * MINUTE_MS + 7_450, fault });
  const OF_A_PAIR = [
    at(12, { kind: 'crash', nodeId: 'fs-1' }),
    at(27, { kind: 'freeze', nodeId: 'fs-2', forMs: MINUTE_MS }),
    at(42, { kind: 'fall-into-standby', nodeId: 'fs-1' }),
  ];
  const PLANS: Record<string, Plan> = {
    // As the published figures are made: balanced, with bursts that are 1 % of the time, of half a second.
    'a pair': {
      ...{ shape: 'pair', seeds: [1, 2] },
      faults: OF_A_PAIR,
    },
    'a pair that fails again before its block is over': {
      ...{ shape: 'pair', seeds: [1] },
      faults: [
        at(12, { kind: 'crash', nodeId: 'fs-1' }),
        at(21.5, { kind: 'freeze', nodeId: 'fs-2', forMs: 5 * MINUTE_MS }),
      ],
    },
    'two VIPs with one spare': {
      ...{ shape: 'n+1', seeds: [1] },
      faults: [
        at(12, { kind: 'crash', nodeId: 'fs-1' }),
        at(27, { kind: 'freeze', nodeId: 'fs-2', forMs: MINUTE_MS }),
        at(42, { kind: 'sip-stuck', nodeId: 'fs-3', forMs: 2 * MINUTE_MS }),
      ],
    },
    'three VIPs over four nodes': {
      ...{ shape: 'active', seeds: [1] },
      faults: [
        at(12, { kind: 'zone', zone: 'us-east-1b', forMs: 4 * MINUTE_MS }),
        at(27, { kind: 'sip-stuck', nodeId: 'fs-3', forMs: 2 * MINUTE_MS }),
        at(42, { kind: 'crash', nodeId: 'fs-1' }),
      ],
    },
    'two VIPs over two nodes': {
      ...{ shape: 'shared', seeds: [1] },
      faults: [
        at(12, { kind: 'crash', nodeId: 'fs-1' }),
        at(27, { kind: 'sip-stuck', nodeId: 'fs-2', forMs: 2 * MINUTE_MS }),
        at(42, { kind: 'fall-into-standby', nodeId: 'fs-1' }),
      ],
    },
    'VIPs that move together': {
      ...{ shape: 'grouped', seeds: [1] },
      faults: [
        at(12, { kind: 'crash', nodeId: 'fs-1' }),
        at(27, { kind: 'sip-stuck', nodeId: 'fs-2', vipId: 'vip-1', forMs: 2 * MINUTE_MS }),
        at(42, { kind: 'freeze', nodeId: 'fs-3', forMs: MINUTE_MS }),
      ],
    },
    'a VIP without an Elastic IP': {
      ...{ shape: 'private', seeds: [1] },
      faults: [
        at(12, { kind: 'freeze', nodeId: 'fs-1', forMs: 2 * MINUTE_MS }),
        at(27, { kind: 'crash', nodeId: 'fs-2' }),
        at(42, { kind: 'busy', nodeId: 'fs-1', forMs: 2 * MINUTE_MS }),
      ],
    },
    // The less is needed for a verdict, the more bursts are lived through.
    'an aggressive pair, with twice the loss': {
      ...{ shape: 'pair', seeds: [1, 2], policy: { preset: 'aggressive' }, loss: { share: 0.02, meanBurstMs: 500 } },
      faults: OF_A_PAIR,
    },
  };
  const BALANCED: Draft<WrittenPolicy> = { preset: 'balanced' };
  const ONE_PERCENT: Loss = { share: 0.01, meanBurstMs: 500 };

  const live = ({ shape, faults, policy, loss }: Plan, seed: number, everySecond: boolean): Promise<RunResult> => {
    const scenario = pair({
      ...{ seed, everySecond, durationMs: 52 * MINUTE_MS, shape: SHAPES[shape], loss: loss ?? ONE_PERCENT },
      policy: effectivePolicy({ ...(policy ?? BALANCED), ...POLICY_OF_SHAPE[shape] }),
    });
    return runCluster(scenario, { faults });
  };
  /** What is published of each change of holder but its times, which are those of the decisions. */
  const changesOf = ({ changes }: RunResult): string[] =>
    changes
      .map(({ vipId, epoch, kind, cause, struckBy, callsBefore, callsLost }) =>
        [vipId, epoch, kind, cause, struckBy, callsBefore, callsLost].join(' '),
      )
      .sort(compare);

  const EACH = Object.entries(PLANS).flatMap(([name, { seeds }]) =>
    seeds.map((seed): [string, number] => [name, seed]),
  );
  it.each(EACH)(
    '%s, seed %i',
    async (name, seed) => {
      const plan = PLANS[name]!;
      const lived = await live(plan, seed, true);
      const skipped = await live(plan, seed, false);

      // Looks of the one fall between looks of the other: by an interval at most, and a deadline.
      expectSameWords(decisionsOf(skipped), decisionsOf(lived), 2 * SECOND_MS);
      expect(changesOf(skipped)).toEqual(changesOf(lived));
      // After several answers of AWS, whose times each run draws.
      expectSameWords(pagesOf(skipped), pagesOf(lived), 4 * SECOND_MS);
      // Each time as long, but for when it was seen, and for those answers.
      const apartMs = plan.faults.length * 3 * SECOND_MS;
      expect(Math.abs(skipped.withoutStandbyMs - lived.withoutStandbyMs)).toBeLessThan(apartMs);
      expect(Math.abs(skipped.unservedMs - lived.unservedMs)).toBeLessThan(apartMs);
      // That something was to be compared, and something skipped.
      expect(decisionsOf(lived).length).toBeGreaterThan(2);
      expect(lived.pages).toBeGreaterThan(1);
      expect(lived.livedMs).toBe(lived.ranForMs);
      expect(skipped.livedMs).toBeLessThan(0.5 * skipped.ranForMs);
      expect([lived.violations, skipped.violations]).toEqual([[], []]);
    },
    180_000,
  );
});

describe('a failback', () => {
  const policy = effectivePolicy({ preset: 'aggressive', failback: 'automatic', failbackAfter: '15m' });
  const FAULTS: readonly ScheduledFault[] = [{ atMs: 20 * MINUTE_MS, fault: { kind: 'crash', nodeId: 'fs-1' } }];
  const live = (everySecond: boolean, ...more: readonly ScheduledFault[]): Promise<RunResult> =>
    runCluster(pair({ seed: 1, durationMs: 120 * MINUTE_MS, policy, everySecond }), { faults: [...FAULTS, ...more] });

  it('is waited for, and what comes after it is skipped', async () => {
    const [lived, skipped] = [await live(true), await live(false)];

    expect(decisionsOf(skipped).map(({ what }) => what.split(' ')[1])).toEqual(['assignment', 'failover', 'failback']);
    // What it waits for begins when the home node is up again: a boot that each run draws alike, seen by other looks.
    expectSameWords(decisionsOf(skipped), decisionsOf(lived), 5 * SECOND_MS);
    expect(skipped.livedMs).toBeLessThan(0.7 * skipped.ranForMs);
    expect([lived.violations, skipped.violations]).toEqual([[], []]);
  }, 120_000);

  it('waits for the database, loses no call, and comes as soon where quiet time is skipped', async () => {
    const away: ScheduledFault = {
      atMs: 30 * MINUTE_MS,
      fault: { kind: 'database-away', forMs: 30 * MINUTE_MS },
    };

    for (const result of [await live(true, away), await live(false, away)]) {
      const [failback, ...others] = decisionsOf(result).filter(({ what }) => what.includes('failback'));
      expect(others).toEqual([]);
      expect(failback?.atMs).toBeGreaterThan(60 * MINUTE_MS);
      expect(failback?.atMs).toBeLessThan(64 * MINUTE_MS);
      expect(result.changes.find(({ kind }) => kind === 'failback')).toMatchObject({ callsBefore: 10, callsLost: 0 });
      expect(result.violations).toEqual([]);
    }
  }, 120_000);
});

describe('a run that lives every second', () => {
  it('rests as one that skips does, for longer than any patience', async () => {
    const result = await runCluster(pair({ everySecond: true, durationMs: 45 * MINUTE_MS }), { faults: [] });

    expect(result.livedMs).toBe(result.ranForMs);
    expect([result.violations, result.atRest]).toEqual([[], true]);
  }, 60_000);
});

describe.each([
  ['while nobody has to wait for those who disagree', 0, { share: 0.08, meanBurstMs: 1_500 }, [1, 2]],
  ['that outlast the hold of a majority', 1_500, { share: 0.15, meanBurstMs: 4_000 }, [1, 2]],
])('bursts alone, %s', (_, dissentHoldMs, loss, seeds) => {
  /** Two misses of a majority are a death: bursts suffice, again and again, where no role has to be unlocked between. */
  const shape = { ...PAIR, database: false };
  const policy = {
    ...effectivePolicy({ preset: 'aggressive' }),
    ...{ suspectAfterMisses: 2, dissentHoldMs, blockPeriodMs: MINUTE_MS, maxFailoversPerWindow: 1_000 },
    ...{ stopFailedNode: false, restoreFailedNode: false },
  };

  interface Stretch {
    fromMs: number;
    toMs: number;
  }

  /** As `runCluster` does, without the watcher: what was skipped, and when bursts made somebody act. */
  async function live(seed: number, everySecond: boolean): Promise<{ failoversMs: number[]; skipped: Stretch[] }> {
    const durationMs = 40 * MINUTE_MS;
    const world = new World(pair({ seed, durationMs, shape, policy, loss, everySecond }));
    const { kernel } = world;
    const skipped: Stretch[] = [];
    kernel.onSkip((byMs) => skipped.push({ fromMs: kernel.elapsedMs - byMs, toMs: kernel.elapsedMs }));
    const failoversMs: number[] = [];
    const known = new Set<string>();
    world.listener.tableChanged = () => {
      for (const { id, kind } of world.table.transitions.values()) {
        if (kind === 'failover' && !known.has(id)) failoversMs.push(kernel.elapsedMs);
        known.add(id);
      }
    };
    const eachSecond = (): void => {
      if (!everySecond && world.skipper.isAtRest()) world.skipper.skip(durationMs);
      kernel.after(SECOND_MS, eachSecond);
    };
    world.controlPlane.deploy();
    world.callersCome();
    kernel.after(SECOND_MS, eachSecond);
    await kernel.run(
      Number.POSITIVE_INFINITY,
      () => undefined,
      () => kernel.elapsedMs >= durationMs,
    );
    world.end();
    return { failoversMs, skipped };
  }

  it('make a majority act only in time that is lived through', async () => {
    let [failovers, skippedMs] = [0, 0];
    for (const seed of seeds) {
      const lived = await live(seed, true);
      const { skipped, failoversMs } = await live(seed, false);
      const overlooked = lived.failoversMs.filter((atMs) =>
        skipped.some(({ fromMs, toMs }) => atMs > fromMs && atMs <= toMs),
      );
      expect({ seed, overlooked }).toEqual({ seed, overlooked: [] });
      // The bursts are the same, the looks that fall into them are not: an observer's beat begins with its invocation,
      // and a burst that is about as long as the hold is seen by one run and missed by the other.
      expect(Math.abs(failoversMs.length - lived.failoversMs.length)).toBeLessThanOrEqual(2);
      failovers += lived.failoversMs.length;
      skippedMs += skipped.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    }

    expect(failovers).toBeGreaterThan(2);
    expect(skippedMs).toBeGreaterThan(5 * MINUTE_MS);
  }, 300_000);
});
