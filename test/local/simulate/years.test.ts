import { YEAR_MS } from '../../../lib/simulation/scenario';
import { parseOptions, scenarioOf } from '../../../local/simulate/options';
import { seedOfYear, yearsOf } from '../../../local/simulate/years';

const what = scenarioOf(parseOptions([]));

describe('the years of a seed', () => {
  test('are counted from the first one wanted, each with a seed of its own', () => {
    const years = yearsOf({ seed: 1, years: 3, fromYear: 10 }, what);

    expect(years.map(({ year }) => year)).toEqual([10, 11, 12]);
    expect(years.map(({ scenario }) => scenario.seed)).toEqual([10, 11, 12].map((year) => seedOfYear(1, year)));
  });

  test('are the same, whichever are run beside them', () => {
    const [alone] = yearsOf({ seed: 1, years: 1, fromYear: 2 }, what);

    expect(yearsOf({ seed: 1, years: 5, fromYear: 0 }, what)[2]).toEqual(alone);
  });

  test('a fraction makes the last one shorter', () => {
    const durations = yearsOf({ seed: 1, years: 2.25, fromYear: 0 }, what).map(({ scenario }) => scenario.durationMs);

    expect(durations).toEqual([YEAR_MS, YEAR_MS, YEAR_MS / 4]);
  });

  test('hardly ever share a seed, nor do those of other seeds', () => {
    const seeds = [0, 1, 2].flatMap((seed) => Array.from({ length: 1_000 }, (_, year) => seedOfYear(seed, year)));

    expect(new Set(seeds).size).toBe(3_000);
  });
});
