/** What a handful of events in a stretch of years allows to be said. Exact where events are rare. Pure. */

const TAIL = 0.05;
/** Halving an interval so often leaves nothing that a double could tell apart. */
const HALVINGS = 100;

/**
 * The largest mean of a Poisson distribution that would still give so few events in one of twenty cases: the exact
 * one-sided upper 95 % bound (Garwood). No event at all leaves 2.9957.
 *
 * @param events whole, 0 or more
 */
export function poissonUpper95(events: number): number {
  let low = events;
  let high = events + 10 * Math.sqrt(events + 1);
  const lnFactorial = lnFactorialOf(events);
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const mean = (low + high) / 2;
    if (atMost(events, mean, lnFactorial) > TAIL) low = mean;
    else high = mean;
  }
  return high;
}

/** The probability of `events` or fewer at a mean not below `events`: summed from the last term, the largest. */
function atMost(events: number, mean: number, lnFactorial: number): number {
  let term = Math.exp(events * Math.log(mean) - mean - lnFactorial);
  let sum = term;
  for (let fewer = events; fewer > 0; fewer -= 1) {
    term *= fewer / mean;
    sum += term;
  }
  return sum;
}

function lnFactorialOf(whole: number): number {
  let sum = 0;
  for (let factor = 2; factor <= whole; factor += 1) sum += Math.log(factor);
  return sum;
}

/** What a run came to, and over how much of what: minutes lost and minutes lived, for example. */
export interface Measured {
  amount: number;
  per: number;
}

/** With fewer runs, or where there was never anything, their spread says nothing about the next one. */
export const LEAST_RUNS = 10;

/** The sum of the amounts over the sum of what they are per. null for no runs. */
export function ratioOf(runs: readonly Measured[]): number | null {
  const per = sum(runs.map((run) => run.per));
  return per === 0 ? null : sum(runs.map(({ amount }) => amount)) / per;
}

/**
 * The one-sided upper 95 % bound of `ratioOf`, by the spread between runs: its standard error times Student's t. Runs
 * are independent, what happens within one is not. null where the spread says nothing.
 */
export function ratioUpper95(runs: readonly Measured[]): number | null {
  const ratio = ratioOf(runs);
  if (ratio === null || ratio === 0 || runs.length < LEAST_RUNS) return null;
  const squares = sum(runs.map(({ amount, per }) => (amount - ratio * per) ** 2));
  const variance = (squares * runs.length) / (runs.length - 1);
  const standardError = Math.sqrt(variance) / sum(runs.map(({ per }) => per));
  return ratio + studentT(ONE_SIDED_95, runs.length - 1) * standardError;
}

export interface Difference {
  mean: number;
  /** The true mean lies within mean ± this in 95 of 100 cases (two-sided). */
  within95: number;
}

/**
 * By how much the ratios of `runs` exceed those of `others`, run for run: what befell both alike cancels out. null for
 * too few runs, or runs that are not pairs.
 */
export function pairedDifference(runs: readonly Measured[], others: readonly Measured[]): Difference | null {
  if (runs.length !== others.length || runs.length < LEAST_RUNS) return null;
  const differences = runs.map((run, index) => (ratioOf([run]) ?? 0) - (ratioOf(others.slice(index, index + 1)) ?? 0));
  const mean = sum(differences) / differences.length;
  const variance = sum(differences.map((difference) => (difference - mean) ** 2)) / (differences.length - 1);
  const standardError = Math.sqrt(variance / differences.length);
  return { mean, within95: studentT(TWO_SIDED_95, differences.length - 1) * standardError };
}

export interface Counted {
  events: number;
  /** Years, of whatever had as much occasion for them. */
  over: number;
}

/**
 * Whether two Poisson processes that gave so many events have different rates: by chance alone one of them would have so
 * large a share of all in fewer than one of twenty cases (the exact conditional test, two-sided).
 */
export function ratesDiffer(one: Counted, other: Counted): boolean {
  const all = one.events + other.events;
  const share = one.over / (one.over + other.over);
  if (all === 0 || !(share > 0 && share < 1)) return false;
  const lnAll = lnFactorialOf(all);
  const chanceOf = (events: number): number =>
    Math.exp(
      lnAll -
        lnFactorialOf(events) -
        lnFactorialOf(all - events) +
        events * Math.log(share) +
        (all - events) * Math.log(1 - share),
    );
  const between = (from: number, to: number): number =>
    sum(Array.from({ length: to - from + 1 }, (_, index) => chanceOf(from + index)));
  return Math.min(between(0, one.events), between(one.events, all)) <= TAIL / 2;
}

/** Quantiles of the standard normal distribution. */
const ONE_SIDED_95 = 1.6448536269514722;
const TWO_SIDED_95 = 1.959963984540054;

/**
 * The quantile of Student's t distribution that belongs to one of the normal distribution, by its expansion about that
 * (Abramowitz and Stegun, 26.7.5): right to 0.001 from 9 degrees of freedom on.
 */
export function studentT(normal: number, degreesOfFreedom: number): number {
  const z = normal;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((total, term, index) => total + term / degreesOfFreedom ** (index + 1), z);
}

/** The smallest of the values that at least this share of them does not exceed (nearest rank). null for none. */
export function nearestRank(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
