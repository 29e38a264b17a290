import { EDGE_IDS } from '../../lib/domain/state-machine';
import { Tally, type Figures } from '../../lib/simulation/figures';
import type { RunResult } from '../../lib/simulation/results';
import { YEAR_MS } from '../../lib/simulation/scenario';
import { failover, quietYear, VIOLATION } from './made-up-run';

function figuresOf(...runs: RunResult[]): Figures {
  const tally = new Tally();
  for (const run of runs) tally.add(run);
  return tally.figures(7);
}

const MINUTE_MS = 60_000;
const yearWith = (...changes: RunResult['changes']): RunResult => quietYear({ changes });

test('everything that issue 5 asks for is there, under its name', () => {
  expect(figuresOf(yearWith(failover()))).toMatchObject({
    clusterYears: 1,
    violations: 0,
    failovers: 1,
    falseFailovers: 0,
    falseFailoversPer1000YearsUpper95: expect.closeTo(2995.73, 2),
    availability: 1,
    detectMs: { p50: 1_000, p99: 1_000 },
    recoverMs: { p50: 2_000, p99: 2_000 },
    withoutStandbyHours: 0,
    cpuSecondsPerYear: 0,
    seed: 7,
  });
});

describe('false failovers', () => {
  test('are failovers of a holder that nothing had struck', () => {
    const figures = figuresOf(yearWith(failover(), failover({ struckBy: 'nothing', detectMs: null, recoverMs: null })));

    expect(figures).toMatchObject({ failovers: 2, falseFailovers: 1, falseFailoversPer1000Years: 1_000 });
    expect(Object.keys(figures.byKind)).toEqual(['crash']);
  });

  test('tell apart a holder that was well again before anybody could know', () => {
    const falsely = { struckBy: 'nothing', detectMs: null, recoverMs: null } as const;
    const figures = figuresOf(yearWith(failover(falsely), failover({ ...falsely, recoveredAgoMs: 200 })));

    expect(figures).toMatchObject({ falseFailovers: 2, falseFailoversJustRecovered: 1 });
  });

  test('are not the moves that somebody planned', () => {
    const planned = yearWith(
      failover({ kind: 'switchover', struckBy: 'nothing' }),
      failover({ kind: 'failback', struckBy: 'nothing' }),
      failover({ kind: 'assignment', struckBy: 'nothing' }),
    );

    expect(figuresOf(planned)).toMatchObject({ failovers: 0, falseFailovers: 0 });
  });

  test('none in 1,000 years means no more than three in 1,000 years', () => {
    const figures = figuresOf(...Array<RunResult>(1_000).fill(quietYear()));

    expect(figures.falseFailoversPer1000YearsUpper95).toBeCloseTo(2.9957, 4);
  });
});

describe('availability', () => {
  test('is the share of the time of all VIPs', () => {
    const figures = figuresOf(quietYear({ vipMs: 2 * YEAR_MS, unservedMs: YEAR_MS / 100 }));

    expect(figures.availability).toBeCloseTo(0.995);
    expect(figures.minutesLostPerVipYear).toBeCloseTo(525_960 * 0.005);
  });

  test('counts a full holder as served, and tells its time apart', () => {
    const figures = figuresOf(quietYear({ vipMs: 2 * YEAR_MS, fullMs: YEAR_MS / 100 }), quietYear());

    expect(figures.availability).toBe(1);
    expect(figures.fullMinutesPerVipYear).toBeCloseTo(525_960 / 300);
  });

  test('leaves callers of the private name to a figure of their own, over the VIPs that have one', () => {
    const named = quietYear({ vipMs: 2 * YEAR_MS, namedVipMs: YEAR_MS, nameUnservedMs: YEAR_MS / 100 });
    const unnamed = quietYear({ namedVipMs: 0 });

    const figures = figuresOf(named, unnamed);

    expect([figures.availability, figures.nameMinutesLostPerVipYear]).toEqual([1, expect.closeTo(5_259.6)]);
    expect(figuresOf(unnamed).nameMinutesLostPerVipYear).toBeNull();
  });

  test('has a lower bound by the spread between years', () => {
    const years = Array.from({ length: 20 }, (_, year) => quietYear({ unservedMs: year * 1_000 }));

    const { availability, availabilityLower95 } = figuresOf(...years);

    expect(availabilityLower95).toBeLessThan(availability!);
    // Mean 9.5 s, standard error 1.3229 s, t 1.7291.
    expect((1 - availabilityLower95!) * YEAR_MS).toBeCloseTo(9_500 + 1.7291 * 1_322.9, -1);
  });

  test.each([
    ['of a full holder', 'fullMs', 'fullMinutesPerVipYear'],
    ['of callers of the private name', 'nameUnservedMs', 'nameMinutesLostPerVipYear'],
  ] as const)('%s has an upper bound, too', (_words, measured, figure) => {
    const years = Array.from({ length: 20 }, (_, year) => quietYear({ [measured]: year * MINUTE_MS }));

    const figures = figuresOf(...years);

    expect(figures[figure]).toBeCloseTo(9.5);
    // As above.
    expect(figures[`${figure}Upper95`]).toBeCloseTo(9.5 + 1.7291 * 1.3229, 2);
  });

  test('has none where a few years are all there is', () => {
    expect(figuresOf(quietYear({ unservedMs: 5 })).availabilityLower95).toBeNull();
  });
});

describe('by kind of fault', () => {
  test('each has its own times, in the order of the faults and not of the years', () => {
    const figures = figuresOf(
      yearWith(failover({ struckBy: 'freeze', detectMs: 5_000, recoverMs: 6_000 })),
      yearWith(failover({ detectMs: 100, recoverMs: 300 }), failover({ detectMs: 200, recoverMs: 400 })),
    );

    expect(Object.entries(figures.byKind)).toEqual([
      ['crash', { count: 2, recovered: 2, detectMs: { p50: 100, p99: 200 }, recoverMs: { p50: 300, p99: 400 } }],
      [
        'freeze',
        { count: 1, recovered: 1, detectMs: { p50: 5_000, p99: 5_000 }, recoverMs: { p50: 6_000, p99: 6_000 } },
      ],
    ]);
    expect(figures.detectMs).toEqual({ p50: 200, p99: 5_000 });
  });

  test('a holder that came back by itself is an answer to its fault, too', () => {
    const figures = figuresOf(yearWith(failover({ kind: 'reinstatement' })));

    expect(figures).toMatchObject({ failovers: 0, reinstatements: 1, byKind: { crash: { count: 1 } } });
  });

  test('those never served again are counted, and are in no percentile', () => {
    const figures = figuresOf(yearWith(failover({ recoverMs: null }), failover()));

    expect(figures.byKind.crash).toMatchObject({ count: 2, recovered: 1, recoverMs: { p50: 2_000, p99: 2_000 } });
  });
});

test('calls, pages, faults, violations and hours without a standby add up over the years', () => {
  const hourMs = 3_600_000;

  const figures = figuresOf(
    quietYear({
      changes: [failover()],
      pages: 2,
      faults: { crash: 1 },
      withoutStandbyMs: hourMs,
      violations: [VIOLATION],
    }),
    quietYear({ changes: [failover()], pages: 1, faults: { zone: 2, crash: 3 }, withoutStandbyMs: 3 * hourMs }),
  );

  expect(figures).toMatchObject({
    callsBefore: 40,
    callsLost: 2,
    callsLostPerVipYear: 1,
    pages: 3,
    faults: { crash: 4, zone: 2 },
    violations: 1,
    livedShare: 0.1,
    withoutStandbyHours: 4,
    withoutStandbyHoursPerYear: 2,
  });
});

test('what comes in series has its bound by the spread between years, from ten of them on', () => {
  const restless = quietYear({ pages: 12, changes: [1, 2, 3].map(() => failover({ kind: 'reinstatement' })) });
  const years = [restless, ...Array.from({ length: 8 }, () => quietYear())];
  expect(figuresOf(...years)).toMatchObject({ pagesPerYearUpper95: null, reinstatementsPerYearUpper95: null });

  const figures = figuresOf(...years, quietYear());

  expect(figures).toMatchObject({ pagesPerYear: 1.2, reinstatements: 3, reinstatementsPerYear: 0.3 });
  // The standard error of the mean, 1.2 and 0.3, times Student's t of nine degrees of freedom.
  expect(figures.pagesPerYearUpper95).toBeCloseTo(1.2 + 1.2 * 1.833, 2);
  expect(figures.reinstatementsPerYearUpper95).toBeCloseTo(0.3 + 0.3 * 1.833, 2);
});

test('edges of the state machine are those that any run took', () => {
  expect(figuresOf(quietYear({ edges: ['b', 'a'] }), quietYear({ edges: ['b', 'c'] })).edges).toEqual(['a', 'b', 'c']);
});

test('edges that no run took are named', () => {
  const [first = '', ...others] = [...EDGE_IDS].sort();

  expect(figuresOf(quietYear({ edges: [first] })).edgesMissed).toEqual(others);
});

test('where no time passed there are no rates, and every figure can be written as JSON', () => {
  const figures = figuresOf();

  expect(figures).toMatchObject({
    clusterYears: 0,
    availability: null,
    failoversPerYear: null,
    cpuSecondsPerYear: null,
  });
  expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
});
