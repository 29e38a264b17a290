import fc from 'fast-check';

import { distributionOf, quantile } from '../../bench/statistics';
import { failoverTable } from '../../bench/tables';
import { judge } from '../../local/demo/judge';
import { reportOf } from '../../local/demo/report';
import { recoveredFacts } from '../local/demo/facts-fixture';

describe('a distribution', () => {
  test('of one to a hundred', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);

    expect(distributionOf(values)).toEqual({ count: 100, min: 1, median: 51, p90: 90, p99: 99, max: 100 });
  });

  test('of nothing is none', () => {
    expect(distributionOf([])).toBeNull();
  });

  test('is in order and inside of what was measured, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (values) => {
        const found = distributionOf(values)!;

        const ordered = [found.min, found.median, found.p90, found.p99, found.max];
        expect(ordered).toEqual(ordered.toSorted((a, b) => a - b));
        expect(found.min).toBe(Math.min(...values));
        expect(found.max).toBe(Math.max(...values));
      }),
    );
  });

  test('interpolates between two ranks', () => {
    expect(quantile([10, 20], 0.5)).toBe(15);
  });
});

test('the table has a row for each phase and one for the caller', () => {
  const facts = recoveredFacts();
  const report = reportOf(facts, judge(facts));

  const lines = failoverTable([report, report]).split('\n');

  expect(lines).toHaveLength(2 + 10);
  expect(lines.at(-1)).toBe('| caller unserved | 2 | 650 | 650 | 650 | 650 | 650 |');
});
