/** Quiet time may be skipped only where that is exact: the yardstick is the same run, lived through second by second. */
import { effectivePolicy } from '../../lib/config/effective-policy';
import type { ScheduledFault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import type { RunResult } from '../../lib/simulation/results';
import { runCluster } from '../../lib/simulation/run';
import { PAIR, type Scenario } from '../../lib/simulation/scenario';
import { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from './scenarios';

const SECOND_MS = 1_000;

interface Decided {
  atMs: number;
  what: string;
}

/** `decided vip-1#2 failover conclusive-death: fs-1 -> fs-2 by …`, without who happened to be the first to say so. */
function decisionsOf({ trace }: RunResult): Decided[] {
  return trace.flatMap((line) => {
    const [, days, hours, minutes, seconds, what] = /^(\d+)d (\d+):(\d+):([\d.]+) decided (.*) by /.exec(line) ?? [];
    if (what === undefined) return [];
    const wholeMinutes = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
    return [{ atMs: wholeMinutes * MINUTE_MS + Math.round(Number(seconds) * 1_000), what }];
  });
}

beforeAll(useLightAbort);

describe('no quiet time', () => {
  /** Between two ticks of the schedule. */
  const atRest = async (): Promise<World> => {
    const world = await worldAfter(5.5 * MINUTE_MS);
    expect(world.skipper.isAtRest()).toBe(true);
    return world;
  };

  it('is with a clock that was set: whoever relieves its observer has the right one', async () => {
    const world = await atRest();

    const [observer] = world.functions.running;
    if (observer !== undefined) observer.process.wallOffsetMs = 4_400;

    expect(world.skipper.isAtRest()).toBe(false);
  });

  it.each([
    ['fs-1', 0b1_0001_0001_0000, false],
    ['fs-1', 0b1_0000, true],
    // Of the standby nobody tells.
    ['fs-2', 0b1_0001_0001_0000, true],
  ])('is while loss of a holder is remembered: %s, looks %i', async (nodeId, history, isAtRest) => {
    const world = await atRest();

    for (const seen of world.table.observations.values()) if (seen.nodeId === nodeId) seen.eslHistory = history;

    expect(world.skipper.isAtRest()).toBe(isAtRest);
  });
});

it.each([
  ['2 % of loss is skipped where it is quiet', 0.02, false],
  ['10 % of loss is lived through: what is short adds up to what is told', 0.1, true],
])('a run with %s', async (_words, share, livesAll) => {
  const lossy = pair({ durationMs: 30 * MINUTE_MS, loss: { share, meanBurstMs: 500 } });

  const { livedMs, ranForMs } = await runCluster(lossy, { faults: [] });

  expect(livedMs === ranForMs).toBe(livesAll);
});

describe('a run that skips what is quiet', () => {
  const FAULTS: readonly ScheduledFault[] = [
    { atMs: 20 * MINUTE_MS, fault: { kind: 'crash', nodeId: 'fs-1' } },
    { atMs: 40 * MINUTE_MS, fault: { kind: 'freeze', nodeId: 'fs-2', forMs: MINUTE_MS } },
    { atMs: 55 * MINUTE_MS, fault: { kind: 'fall-into-standby', nodeId: 'fs-1' } },
  ];
  const scenario = (seed: number, everySecond: boolean): Scenario =>
    pair({
      ...{ seed, everySecond, durationMs: 70 * MINUTE_MS },
      policy: effectivePolicy({ preset: 'aggressive' }),
      loss: { share: 0.02, meanBurstMs: 500 },
    });

  it.each([1, 2])(
    'decides the same at the same time as the one that lives every second, seed %i',
    async (seed) => {
      const lived = await runCluster(scenario(seed, true), { faults: FAULTS });
      const skipped = await runCluster(scenario(seed, false), { faults: FAULTS });

      const [expected, found] = [decisionsOf(lived), decisionsOf(skipped)];
      expect(found.map(({ what }) => what)).toEqual(expected.map(({ what }) => what));
      expect(expected.length).toBeGreaterThanOrEqual(4);
      const apartMs = found.map(({ atMs }, index) => Math.abs(atMs - (expected[index] as Decided).atMs));
      // Looks of the one fall between looks of the other: by an interval at most, and a deadline.
      expect(Math.max(...apartMs)).toBeLessThan(2 * SECOND_MS);
      expect(lived.violations).toEqual([]);
      expect(skipped.violations).toEqual([]);
      expect(lived.livedMs).toBe(lived.ranForMs);
      expect(skipped.livedMs).toBeLessThan(0.8 * skipped.ranForMs);
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

    const [expected, found] = [decisionsOf(lived), decisionsOf(skipped)];
    expect(found.map(({ what }) => what.split(' ')[1])).toEqual(['assignment', 'failover', 'failback']);
    expect(found.map(({ what }) => what)).toEqual(expected.map(({ what }) => what));
    const apartMs = found.map(({ atMs }, index) => Math.abs(atMs - (expected[index] as Decided).atMs));
    // What it waits for begins when the home node is up again: a boot that each run draws alike, seen by other looks.
    expect(Math.max(...apartMs)).toBeLessThan(5 * SECOND_MS);
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
