/** What is told of runs: their bounds and differences, and the shortest one that breaks the same. */
import { mutantsOf, type Mutant } from '../mutant';

const SIMULATION = 'test/simulation';

const STATISTICS = mutantsOf(
  'lib/simulation/statistics.ts',
  [`${SIMULATION}/statistics`],
  [
    {
      id: 'statistics-of-one-in-twenty',
      rule: 'a bound is exceeded in one of twenty cases',
      find: 'const TAIL = 0.05;',
      replace: 'const TAIL = 0.025;',
    },
    {
      id: 'statistics-above-what-was-seen',
      rule: 'the bound lies within where it is looked for',
      find: 'events + 10 * Math.sqrt(events + 1)',
      replace: 'events + 2 * Math.sqrt(events + 1)',
    },
    {
      id: 'statistics-or-fewer',
      rule: 'fewer events count, too',
      find: '    sum += term;\n',
      replace: '',
    },
    {
      id: 'statistics-of-each-factor',
      rule: 'many events do not overflow',
      find: 'sum += Math.log(factor);',
      replace: 'sum = Math.log(Math.exp(sum) * factor);',
    },
    {
      id: 'statistics-by-the-time-of-each',
      rule: 'as many events in ten times the time are fewer',
      find: 'const share = one.over / (one.over + other.over);',
      replace: 'const share = 0.5;',
    },
    {
      id: 'statistics-on-either-side',
      rule: 'both too few and too many are a difference',
      find: 'Math.min(between(0, one.events), between(one.events, all))',
      replace: 'between(0, one.events)',
    },
    {
      id: 'statistics-on-both-sides',
      rule: 'by chance in one of twenty cases, and not on each side',
      find: '<= TAIL / 2;',
      replace: '<= TAIL;',
    },
    {
      id: 'statistics-of-no-runs',
      rule: 'no runs have no ratio',
      find: 'return per === 0 ? null : sum(',
      replace: 'return sum(',
    },
    {
      id: 'statistics-by-length',
      rule: 'a run weighs by its length',
      find: 'sum(runs.map(({ amount }) => amount)) / per;',
      replace: 'sum(runs.map((run) => run.amount / run.per)) / runs.length;',
    },
    {
      id: 'statistics-of-ten-runs',
      rule: 'fewer than ten runs have no bound',
      find: 'ratio === 0 || runs.length < LEAST_RUNS) return null;',
      replace: 'ratio === 0) return null;',
    },
    {
      id: 'statistics-of-ten-runs-at-least',
      rule: 'and ten have one',
      find: 'ratio === 0 || runs.length < LEAST_RUNS) return null;',
      replace: 'ratio === 0 || runs.length <= LEAST_RUNS) return null;',
    },
    {
      id: 'statistics-of-what-happened',
      rule: 'what never happened has no bound of zero',
      find: 'ratio === null || ratio === 0 || runs',
      replace: 'ratio === null || runs',
    },
    {
      id: 'statistics-of-a-sample',
      rule: 'the spread is that of a sample',
      find: '(squares * runs.length) / (runs.length - 1)',
      replace: 'squares',
    },
    {
      id: 'statistics-one-sided',
      rule: 'an upper bound is one-sided',
      find: 'studentT(ONE_SIDED_95, runs.length - 1)',
      replace: 'studentT(TWO_SIDED_95, runs.length - 1)',
    },
    {
      id: 'statistics-of-few-runs',
      rule: 'the bound of few runs is wider',
      find: 'studentT(ONE_SIDED_95, runs.length - 1)',
      replace: 'ONE_SIDED_95',
    },
    {
      id: 'statistics-of-pairs',
      rule: 'runs that are no pairs have no difference',
      find: 'if (runs.length !== others.length || runs',
      replace: 'if (runs',
    },
    {
      id: 'statistics-of-ten-pairs',
      rule: 'fewer than ten pairs have none',
      find: 'others.length || runs.length < LEAST_RUNS) return null;',
      replace: 'others.length) return null;',
    },
    {
      id: 'statistics-run-for-run',
      rule: 'each run is compared with its own pair',
      find: 'others.slice(index, index + 1)',
      replace: 'others',
    },
    {
      id: 'statistics-of-the-mean',
      rule: 'a mean is known better than a single run',
      find: 'Math.sqrt(variance / differences.length)',
      replace: 'Math.sqrt(variance)',
    },
    {
      id: 'statistics-two-sided',
      rule: 'a difference is known to both sides',
      find: 'studentT(TWO_SIDED_95, differences.length - 1)',
      replace: 'studentT(ONE_SIDED_95, differences.length - 1)',
    },
    {
      id: 'statistics-spread-of-pairs',
      rule: 'what the pairs differ by is their spread',
      find: '(difference - mean) ** 2',
      replace: '(difference - mean) * 0',
    },
    {
      id: 'statistics-rank-not-below',
      rule: 'a percentile is not exceeded by more than that',
      find: 'Math.ceil(sorted.length * share) - 1',
      replace: 'Math.floor(sorted.length * share) - 1',
    },
    {
      id: 'statistics-rank-not-above',
      rule: 'and is the smallest such',
      find: 'Math.ceil(sorted.length * share) - 1',
      replace: 'Math.ceil(sorted.length * share)',
    },
    {
      id: 'statistics-rank-of-the-least',
      rule: 'the lowest percentile is the smallest value',
      find: 'Math.max(0, Math.ceil(sorted.length * share) - 1)',
      replace: 'Math.ceil(sorted.length * share) - 1',
    },
  ],
);

const SHRINK = mutantsOf(
  'lib/simulation/shrink.ts',
  [`${SIMULATION}/shrink`],
  [
    {
      id: 'shrink-no-longer-than-the-violation',
      rule: 'a shrunk run ends soon after its violation',
      find: 'Math.min(scenario.durationMs, violation.atMs + AFTERWARDS_MS)',
      replace: 'scenario.durationMs',
    },
    {
      id: 'shrink-no-longer-than-it-was',
      rule: 'nor is it longer than the one that was',
      find: 'Math.min(scenario.durationMs, violation.atMs + AFTERWARDS_MS)',
      replace: 'violation.atMs + AFTERWARDS_MS',
    },
    {
      id: 'shrink-the-same-violation',
      rule: 'another violation is not the one that was asked about',
      find: 'result.violations.some(({ invariant }) => invariant === violation.invariant)',
      replace: 'result.violations.length > 0',
    },
    {
      id: 'shrink-what-came-before',
      rule: 'a fault after the violation has no part in it',
      find: 'faults.filter(({ atMs }) => atMs <= violation.atMs)',
      replace: 'faults.filter(({ atMs }) => atMs <= Infinity)',
    },
    {
      id: 'shrink-what-came-with-it',
      rule: 'one in the same instant may have',
      find: 'faults.filter(({ atMs }) => atMs <= violation.atMs)',
      replace: 'faults.filter(({ atMs }) => atMs < violation.atMs)',
    },
    {
      id: 'shrink-comes-again',
      rule: 'what does not come again is not shrunk',
      find: '  if (best === null) return null;\n',
      replace: '  best ??= { faults: before, result: null as never, runs };\n',
    },
    {
      id: 'shrink-recent-first',
      rule: 'the last hour is tried before single faults',
      find: 'atMs >= violation.atMs - windowMs',
      replace: 'atMs >= 0 * windowMs',
    },
    {
      id: 'shrink-shortest-window',
      rule: 'the shortest stretch that breaks it is enough',
      find: '    best = found;\n    break;\n',
      replace: '    best = found;\n',
    },
    {
      id: 'shrink-window-of-all',
      rule: 'what was tried is not tried again',
      find: '    if (recent.length === before.length) break;\n',
      replace: '',
    },
    {
      id: 'shrink-longer-window',
      rule: 'where the last hour is not enough a longer one may be',
      find: '    if (found === null) continue;\n',
      replace: '    if (found === null) break;\n',
    },
    {
      id: 'shrink-needed-faults',
      rule: 'a fault that it needs is kept',
      find: '    if (found === null) index += 1;\n    else best = found;\n',
      replace: '    index += 1;\n    if (found !== null) best = found;\n',
    },
    {
      id: 'shrink-within-its-runs',
      rule: 'it ends after so many runs',
      find: 'index < best.faults.length && runs < most;',
      replace: 'index < best.faults.length;',
    },
    {
      id: 'shrink-counts-its-runs',
      rule: 'it says how many runs it took',
      find: 'return { ...best, runs };',
      replace: 'return best;',
    },
  ],
);

export const FIGURES: Mutant[] = [...STATISTICS, ...SHRINK];
