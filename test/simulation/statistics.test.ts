import fc from 'fast-check';

import {
  nearestRank,
  pairedDifference,
  poissonUpper95,
  ratioOf,
  ratesDiffer,
  ratioUpper95,
  studentT,
} from '../../lib/simulation/statistics';

describe('the upper bound of a rate by the events that were seen', () => {
  // Half of the 95 % quantile of chi-square with 2 (events + 1) degrees of freedom, from printed tables.
  test.each([
    [0, 2.9957],
    [1, 4.7439],
    [2, 6.2958],
    [5, 10.513],
    [10, 16.9622],
    [100, 118.0793],
  ])('%i events: %d', (events, bound) => {
    expect(poissonUpper95(events)).toBeCloseTo(bound, 4);
  });

  test('comes near to the normal one where events are many', () => {
    expect(poissonUpper95(100_000) / (100_000 + 1.645 * Math.sqrt(100_000))).toBeCloseTo(1, 4);
  });
});

describe("Student's t", () => {
  test.each([
    [1.6448536, 9, 1.833],
    [1.6448536, 30, 1.697],
    [1.959964, 9, 2.262],
    [1.959964, 99, 1.984],
  ])('normal quantile %d with %i degrees of freedom: %d', (normal, degrees, t) => {
    expect(studentT(normal, degrees)).toBeCloseTo(t, 3);
  });
});

describe('a ratio over several runs', () => {
  const runs = (amounts: readonly number[]) => amounts.map((amount) => ({ amount, per: 100 }));

  test('weighs each run by its length', () => {
    expect(
      ratioOf([
        { amount: 10, per: 100 },
        { amount: 0, per: 900 },
      ]),
    ).toBe(0.01);
  });

  test('has as its bound the mean and t standard errors, when all are of one length', () => {
    const amounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    // Mean 5.5, standard deviation 3.02765, standard error 0.95743, t 1.83311.
    expect(ratioUpper95(runs(amounts))).toBeCloseTo((5.5 + 1.83311 * 0.95743) / 100, 5);
  });

  test('has no bound by fewer than ten runs', () => {
    expect(ratioUpper95(runs([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBeNull();
  });

  test('has no bound where nothing ever happened: the next run may be the first', () => {
    expect(ratioUpper95(runs(Array<number>(20).fill(0)))).toBeNull();
  });

  test('of no runs is none', () => {
    expect(ratioOf([])).toBeNull();
  });
});

describe('the difference of two series of runs', () => {
  const years = Array.from({ length: 12 }, (_, year) => ({ amount: 10 * year, per: 100 }));

  test('is sure where one lost the same more in each year, however much the years differ', () => {
    const worse = years.map(({ amount, per }) => ({ amount: amount + 5, per }));

    const found = pairedDifference(worse, years);

    expect(found?.mean).toBeCloseTo(0.05);
    expect(found?.within95).toBeCloseTo(0);
  });

  test('is as sure as its mean: t standard errors to both sides', () => {
    const worse = years.slice(0, 10).map(({ amount, per }, year) => ({ amount: amount + year + 1, per }));

    const found = pairedDifference(worse, years.slice(0, 10));

    // Mean 5.5, standard error 0.95743, t 2.26216.
    expect(found?.mean).toBeCloseTo(0.055);
    expect(found?.within95).toBeCloseTo((2.26216 * 0.95743) / 100, 5);
  });

  test('is not known where the runs are no pairs, or too few', () => {
    expect(pairedDifference(years, years.slice(1))).toBeNull();
    expect(pairedDifference(years.slice(0, 9), years.slice(0, 9))).toBeNull();
  });
});

describe('a percentile by nearest rank', () => {
  test('is the value that so many do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

    expect(nearestRank(hundred, 0.5)).toBe(50);
    expect(nearestRank(hundred, 0.99)).toBe(99);
    expect(nearestRank(hundred, 0)).toBe(1);
  });

  test('was measured, and at least so many values do not exceed it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const found = nearestRank(
            values.toSorted((a, b) => a - b),
            share,
          )!;

          expect(values).toContain(found);
          expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * values.length);
        },
      ),
    );
  });

  test('of nothing is none', () => {
    expect(nearestRank([], 0.5)).toBeNull();
  });
});

describe('two counts of rare events', () => {
  // By the binomial distribution: of 6 all on one side in 1 of 32 cases, of 12 two or fewer in 158 of 4,096.
  test.each([
    [0, 10, 6, 10, true],
    [6, 10, 0, 10, true],
    [0, 10, 5, 10, false],
    [2, 10, 10, 10, true],
    [3, 10, 10, 10, false],
    // As many as so much more time would bring.
    [0, 1, 6, 10, false],
    [10, 100, 10, 10, true],
    [0, 10, 0, 10, false],
    [3, 0, 0, 10, false],
  ])('%i in %i years and %i in %i are told apart: %s', (one, years, other, otherYears, told) => {
    expect(ratesDiffer({ events: one, over: years }, { events: other, over: otherYears })).toBe(told);
  });
});
