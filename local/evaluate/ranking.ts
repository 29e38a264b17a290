/** Strategies in the order in which a team would prefer them. Pure. */
import type { Figures, Tally } from '../../lib/simulation/figures';
import { YEAR_MS } from '../../lib/simulation/scenario';
import {
  LEAST_RUNS,
  pairedDifference,
  ratesDiffer,
  type Difference,
  type Measured,
} from '../../lib/simulation/statistics';
import { costOf, type Strategy } from './strategies';

const YEAR_MINUTES = YEAR_MS / 60_000;

export interface Ranked {
  /** null where strategies stand as they were listed. */
  rank: number | null;
  /** With others: none of them can be told from the best of them. */
  sharesRank: boolean;
  strategy: Strategy;
  figures: Figures;
  /**
   * Minutes lost a VIP and year more than by the yardstick, year by year under the same seeds. null for itself, for too
   * few years, and where one of the two has lost a year.
   */
  moreMinutesLost: Difference | null;
  /** A month and VIP. */
  usd: number;
}

export interface Evaluated {
  strategy: Strategy;
  tally: Tally;
}

/** To so many decimals a figure is told: what looks the same in the table is the same to the ranking. */
export const DECIMALS = { minutesLost: 1, callsLost: 0, falseFailovers: 1, usd: 2 };

/**
 * By availability; those that it does not tell apart by calls lost, then by false failovers, then by cost: a difference
 * that is noise would otherwise keep all that follows from ever being asked. Those that nothing tells from the best of
 * them share its rank.
 *
 * @param evaluated the first is the yardstick
 */
export function rank(evaluated: readonly Evaluated[], seed: number): Ranked[] {
  const groups = groupsOf(unranked(evaluated, seed), CRITERIA);
  return groups.flatMap((group, index) => {
    const before = groups.slice(0, index).flat().length;
    return group.map(({ tally: _, ...row }) => ({ rank: before + 1, sharesRank: group.length > 1, ...row }));
  });
}

/** Best first; each begins with the best of its own, from which the rest cannot be told. */
function groupsOf(rows: readonly Unranked[], [criterion, ...others]: readonly Criterion[]): Unranked[][] {
  if (criterion === undefined) return [[...rows].sort(inOrderOfPreference)];
  const sorted = [...rows].sort((one, other) => apart(one, other, criterion) || inOrderOfPreference(one, other));
  return groupsBy(criterion, sorted).flatMap((group) => (group.length > 1 ? groupsOf(group, others) : [group]));
}

/** One whose years differ much may be as good as the best, behind one that is surely worse. */
function groupsBy(criterion: Criterion, sorted: readonly Unranked[]): Unranked[][] {
  const [best] = sorted;
  if (best === undefined) return [];
  const isApart = (row: Unranked): boolean => isTold(best, row, criterion);
  return [sorted.filter((row) => !isApart(row)), ...groupsBy(criterion, sorted.filter(isApart))];
}

/** What was never run is told from what was; fewer than ten years tell nothing apart, nor does what they cost. */
function isTold(one: Unranked, other: Unranked, { isTold: differ }: Criterion): boolean {
  const years = one.tally.unserved.length;
  return years !== other.tally.unserved.length || (years >= LEAST_RUNS && differ(one, other));
}

function exceeds(runs: readonly Measured[], others: readonly Measured[]): boolean {
  const difference = pairedDifference(runs, others);
  return difference !== null && Math.abs(difference.mean) > difference.within95;
}

/** `3`, or `3 =` where others share it; null where strategies stand as they were listed. */
export function rankText({ rank: own, sharesRank }: Ranked): string | null {
  if (own === null) return null;
  return sharesRank ? `${own} =` : String(own);
}

/** As they were listed: each is one step from its neighbour, and none is the best. */
export function asListed(evaluated: readonly Evaluated[], seed: number): Ranked[] {
  return unranked(evaluated, seed).map(({ tally: _, ...row }) => ({ rank: null, sharesRank: false, ...row }));
}

type Unranked = Omit<Ranked, 'rank' | 'sharesRank'> & { tally: Tally };

function unranked(evaluated: readonly Evaluated[], seed: number): Unranked[] {
  const yardstick = evaluated[0]?.tally;
  return evaluated.map(({ strategy, tally }) => ({
    strategy,
    tally,
    figures: tally.figures(seed),
    moreMinutesLost: yardstick === undefined || tally === yardstick ? null : minutesMore(tally, yardstick),
    usd: costOf(strategy),
  }));
}

function minutesMore(tally: Tally, yardstick: Tally): Difference | null {
  const difference = pairedDifference(tally.unserved, yardstick.unserved);
  if (difference === null) return null;
  return { mean: difference.mean * YEAR_MINUTES, within95: difference.within95 * YEAR_MINUTES };
}

interface Criterion {
  /** Less is better. What is not known comes last. */
  of: (row: Unranked) => number | null;
  isTold: (one: Unranked, other: Unranked) => boolean;
}

const USD: Criterion['of'] = ({ usd }) => asTold(usd, DECIMALS.usd);

const CRITERIA: readonly Criterion[] = [
  {
    of: ({ figures }) => asTold(figures.minutesLostPerVipYear, DECIMALS.minutesLost),
    isTold: ({ tally: one }, { tally: other }) => exceeds(one.unserved, other.unserved),
  },
  {
    of: ({ figures }) => asTold(figures.callsLostPerVipYear, DECIMALS.callsLost),
    isTold: ({ tally: one }, { tally: other }) => exceeds(one.lostCalls, other.lostCalls),
  },
  {
    of: ({ figures }) => asTold(figures.falseFailoversPer1000YearsUpper95, DECIMALS.falseFailovers),
    isTold: (one, other) => ratesDiffer(falseOnes(one), falseOnes(other)),
  },
  { of: USD, isTold: (one, other) => USD(one) !== USD(other) },
];

function falseOnes({ figures: { falseFailovers, clusterYears } }: Unranked): { events: number; over: number } {
  return { events: falseFailovers, over: clusterYears };
}

function asTold(value: number | null, decimals: number): number | null {
  return value === null ? null : Math.round(value * 10 ** decimals);
}

function inOrderOfPreference(one: Unranked, other: Unranked): number {
  return CRITERIA.reduce((order, criterion) => order || apart(one, other, criterion), 0);
}

function apart(one: Unranked, other: Unranked, { of }: Criterion): number {
  return (of(one) ?? Number.MAX_VALUE) - (of(other) ?? Number.MAX_VALUE);
}
