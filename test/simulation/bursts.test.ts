import { Dice } from '../../lib/simulation/kernel/random';
import type { Loss } from '../../lib/simulation/scenario';
import { BurstLoss, BurstStream, type Consequence } from '../../lib/simulation/world/bursts';

const HOUR_MS = 3_600_000;
const ZONES = ['a', 'b', 'c'];
const NODE = 'fs-1';

const timelineOf = (seed: number, loss: Loss): BurstLoss => new BurstLoss(new Dice(seed, 'bursts'), loss);

describe('loss in bursts', () => {
  const TENTH: Loss = { share: 0.1, meanBurstMs: 500 };

  it('takes its share of a long time, half of it from paths and half from whole zones', () => {
    const timeline = timelineOf(1, TENTH);
    const counts = { lost: 0, datagrams: 0, deaf: 0, all: 0 };

    for (let atMs = 0; atMs < 30 * HOUR_MS; atMs += 250) {
      counts.all += 1;
      const lost = timeline.lostAt('a', NODE, atMs);
      if (lost !== null) counts.lost += 1;
      if (lost === 'datagrams') counts.datagrams += 1;
      if (timeline.zoneIsDeaf('a', atMs)) counts.deaf += 1;
    }

    // Both at once are lost once: 0.05 + 0.05 - 0.05². Some 20,000 bursts know it to a few percent.
    expect(Math.abs(counts.lost / counts.all - 0.0975)).toBeLessThan(0.005);
    expect(Math.abs(counts.deaf / counts.all - 0.05)).toBeLessThan(0.003);
    expect(Math.abs(counts.datagrams / counts.all - 0.3 * 0.05)).toBeLessThan(0.003);
  });

  it('comes in bursts of the length that was asked for', () => {
    const timeline = timelineOf(2, TENTH);
    const lengthsMs: number[] = [];
    let fromMs: number | null = null;

    for (let atMs = 0; atMs < 3 * HOUR_MS; atMs += 10) {
      const deaf = timeline.zoneIsDeaf('a', atMs);
      if (deaf) fromMs ??= atMs;
      else if (fromMs !== null) {
        lengthsMs.push(atMs - fromMs);
        fromMs = null;
      }
    }

    const meanMs = lengthsMs.reduce((sum, each) => sum + each, 0) / lengthsMs.length;
    expect(Math.abs(meanMs - TENTH.meanBurstMs)).toBeLessThan(60);
  });

  it('is of each path by itself', () => {
    const timeline = timelineOf(4, { share: 0.4, meanBurstMs: 500 });
    const lostIn = (zone: string): boolean[] =>
      Array.from({ length: 200 }, (_, index) => timeline.lostAt(zone, NODE, 100 * index) !== null);

    expect(lostIn('a')).not.toEqual(lostIn('b'));
  });

  it('is nowhere where none is asked for', () => {
    const timeline = timelineOf(1, { share: 0, meanBurstMs: 500 });
    const needs: Consequence = { meetings: [{ zones: 1, leastMs: 0 }], joinedWithinMs: 0, togetherWithinMs: 0 };

    expect(timeline.lostAt('a', NODE, HOUR_MS)).toBeNull();
    expect(timeline.nextConsequence(ZONES, NODE, 0, HOUR_MS, needs)).toBe(HOUR_MS);
  });

  it('does not depend on who looks at it, how often, or where it looks ahead', () => {
    const harsh: Loss = { share: 0.3, meanBurstMs: 700 };
    const [often, seldom] = [timelineOf(3, harsh), timelineOf(3, harsh)];
    const needs: Consequence = { meetings: [{ zones: 2, leastMs: 300 }], joinedWithinMs: 100, togetherWithinMs: 500 };
    const differences: number[] = [];

    for (let atMs = 0; atMs < HOUR_MS / 4; atMs += 10) {
      const lost = often.lostAt('a', NODE, atMs);
      often.lostAt('b', NODE, atMs);
      if (atMs % 5_000 !== 0) continue;
      if (atMs % 60_000 === 0) often.nextConsequence(ZONES, NODE, atMs, atMs + 600_000, needs);
      if (seldom.lostAt('a', NODE, atMs) !== lost) differences.push(atMs);
    }

    expect(differences).toEqual([]);
  });
});

describe('the bursts of one path', () => {
  const streamOf = (): BurstStream => new BurstStream(new Dice(5, 'stream'), 0.2, 500, 0.3);

  it('are those that touch the time that is asked about, also where more are known', () => {
    const stream = streamOf();
    const all = stream.within(0, HOUR_MS);
    const [first, second] = [all[10]!, all[11]!];
    const [withinFirst, withinSecond] = [first, second].map(({ fromMs, toMs }) => (fromMs + toMs) / 2) as [
      number,
      number,
    ];

    expect(stream.within(withinFirst, withinSecond)).toEqual([first, second]);
    expect(stream.within(first.toMs, second.fromMs)).toEqual([]);
  });

  it('are the same when thousands before them are forgotten', () => {
    const stream = streamOf();
    const all = streamOf().within(0, 4 * HOUR_MS);

    const takes = all.map(({ fromMs, toMs }) => stream.lostAt((fromMs + toMs) / 2));

    expect(all.length).toBeGreaterThan(4_000);
    expect(takes).toEqual(all.map((burst) => burst.takes));
  });
});

/** A stretch in which one zone hears nothing of the node. */
interface Run {
  fromMs: number;
  toMs: number;
}

const LOOK_EVERY_MS = 10;

/** As single looks find them: never longer than the bursts that they are made of, and never nearer to each other. */
function runsOf(timeline: BurstLoss, zone: string, untilMs: number, joinedWithinMs: number): Run[] {
  const runs: Run[] = [];
  for (let atMs = 0; atMs < untilMs; atMs += LOOK_EVERY_MS) {
    if (timeline.lostAt(zone, NODE, atMs) === null) continue;
    const last = runs.at(-1);
    if (last !== undefined && atMs - last.toMs < Math.max(joinedWithinMs, 2 * LOOK_EVERY_MS)) last.toMs = atMs;
    else runs.push({ fromMs: atMs, toMs: atMs });
  }
  return runs;
}

/** Where each meeting begins: so many zones have had a long enough run that is not too long ago. */
function beginningsOf(runs: readonly Run[][], { meetings, togetherWithinMs }: Consequence): number[] {
  return meetings.flatMap(({ zones, leastMs }) => {
    const long = runs.map((each) => each.filter(({ fromMs, toMs }) => toMs - fromMs >= leastMs));
    return long.flat().flatMap((last) => {
      // Together in the moment in which the last of them has lasted long enough.
      const atMs = last.fromMs + leastMs;
      const present = long.flatMap((each) => {
        const counted = each.filter((run) => run.fromMs + leastMs <= atMs && run.toMs + togetherWithinMs >= atMs);
        return counted.length === 0 ? [] : [Math.min(...counted.map(({ fromMs }) => fromMs))];
      });
      return present.length >= zones ? [Math.min(...present)] : [];
    });
  });
}

describe('the next consequence of bursts', () => {
  const UNTIL_MS = HOUR_MS / 3;
  const LOSS: Loss = { share: 0.2, meanBurstMs: 700 };
  const NEEDS: Record<string, Consequence> = {
    'all for a moment, or a majority for long': {
      meetings: [
        { zones: 3, leastMs: 400 },
        { zones: 2, leastMs: 2_500 },
      ],
      joinedWithinMs: 420,
      togetherWithinMs: 1_500,
    },
    'a majority, with an answer between misses overlooked': {
      meetings: [{ zones: 2, leastMs: 1_800 }],
      joinedWithinMs: 1_400,
      togetherWithinMs: 600,
    },
  };
  const cases = Object.entries(NEEDS).flatMap(([words, needs]) =>
    [1, 2, 3, 4].map((seed): [string, number, Consequence] => [words, seed, needs]),
  );

  it.each(cases)('is never later than what single looks find: %s, seed %i', (_words, seed, needs) => {
    const looked = timelineOf(seed, LOSS);
    const beginnings = beginningsOf(
      ZONES.map((zone) => runsOf(looked, zone, UNTIL_MS, needs.joinedWithinMs)),
      needs,
    ).sort((one, other) => one - other);
    const asked = timelineOf(seed, LOSS);
    const missed: number[] = [];
    let quietMs = 0;

    for (let fromMs = 0; fromMs < UNTIL_MS;) {
      const nextMs = asked.nextConsequence(ZONES, NODE, fromMs, UNTIL_MS, needs);
      expect(nextMs).toBeGreaterThanOrEqual(fromMs);
      missed.push(...beginnings.filter((atMs) => atMs >= fromMs && atMs < nextMs - LOOK_EVERY_MS));
      quietMs += nextMs - fromMs;
      fromMs = nextMs + 5_000;
    }

    expect(missed).toEqual([]);
    // Both sides have something to say, and there is something left to skip.
    expect(beginnings.length).toBeGreaterThan(3);
    expect(quietMs).toBeGreaterThan(UNTIL_MS / 10);
  });

  it('is found anew for other needs, and from earlier on', () => {
    const loss: Loss = { share: 0.1, meanBurstMs: 700 };
    const hard: Consequence = { meetings: [{ zones: 3, leastMs: 1_000 }], joinedWithinMs: 0, togetherWithinMs: 0 };
    const easy: Consequence = { ...hard, meetings: [{ zones: 1, leastMs: 0 }] };
    const asked = timelineOf(9, loss);
    const fresh = (needs: Consequence): number => timelineOf(9, loss).nextConsequence(ZONES, NODE, 0, HOUR_MS, needs);

    const late = asked.nextConsequence(ZONES, NODE, HOUR_MS / 2, HOUR_MS, easy);
    const early = asked.nextConsequence(ZONES, NODE, 0, HOUR_MS, easy);
    const other = asked.nextConsequence(ZONES, NODE, 0, HOUR_MS, hard);

    expect([early, other]).toEqual([fresh(easy), fresh(hard)]);
    expect(late).toBeGreaterThan(early);
    expect(other).toBeGreaterThan(early);
  });

  it('is looked for beyond where none was found, and told up to the horizon that was asked for', () => {
    const needs: Consequence = { meetings: [{ zones: 3, leastMs: 300 }], joinedWithinMs: 0, togetherWithinMs: 500 };
    const asked = timelineOf(9, { share: 0.1, meanBurstMs: 700 });
    const ask = (horizonMs: number): number => asked.nextConsequence(ZONES, NODE, 0, horizonMs, needs);
    const nextMs = timelineOf(9, { share: 0.1, meanBurstMs: 700 }).nextConsequence(ZONES, NODE, 0, HOUR_MS, needs);

    expect([nextMs / 2, HOUR_MS, nextMs / 2].map(ask)).toEqual([nextMs / 2, nextMs, nextMs / 2]);
    expect(nextMs).toBeLessThan(HOUR_MS);
  });

  it('is found days ahead, wherever the hours end that are looked at at once', () => {
    const rare: Consequence = { meetings: [{ zones: 3, leastMs: 1_500 }], joinedWithinMs: 0, togetherWithinMs: 500 };
    const ask = (fromMs: number): number =>
      timelineOf(3, { share: 0.01, meanBurstMs: 700 }).nextConsequence(ZONES, NODE, fromMs, 100 * HOUR_MS, rare);

    const nextMs = ask(0);
    const asked = [-90, -1, -0.5, 0, 0.5, 1, 90].map((seconds) => ask(nextMs - HOUR_MS + 1_000 * seconds));

    expect(nextMs).toBeGreaterThan(48 * HOUR_MS);
    expect(nextMs).toBeLessThan(100 * HOUR_MS);
    expect(new Set(asked)).toEqual(new Set([nextMs]));
  });

  it.each<[string, Consequence['meetings'][number]]>([
    ['two bursts of one zone', { zones: 2, leastMs: 100 }],
    ['bursts that are too short', { zones: 1, leastMs: HOUR_MS }],
  ])('is no meeting of %s', (_words, meeting) => {
    const needs: Consequence = {
      meetings: [meeting, { zones: 9, leastMs: 0 }],
      joinedWithinMs: 0,
      togetherWithinMs: 500,
    };

    expect(timelineOf(9, LOSS).nextConsequence(['a'], NODE, 0, HOUR_MS, needs)).toBe(HOUR_MS);
  });

  it('says the same again from anywhere before it', () => {
    const needs = NEEDS['all for a moment, or a majority for long'] as Consequence;
    const asked = timelineOf(9, { share: 0.02, meanBurstMs: 700 });
    const nextMs = asked.nextConsequence(ZONES, NODE, 0, 100 * HOUR_MS, needs);

    const again = [0.1, 0.5, 0.9].map((share) =>
      asked.nextConsequence(ZONES, NODE, share * nextMs, 100 * HOUR_MS, needs),
    );

    expect(nextMs).toBeLessThan(100 * HOUR_MS);
    expect(again).toEqual([nextMs, nextMs, nextMs]);
  });
});
