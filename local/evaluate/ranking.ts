/** Strategies in the order in which a team would prefer them. Pure. */
import type { Figures, Tally } from '../../lib/simulation/figures';
import { YEAR_MS } from '../../lib/simulation/scenario';
import { pairedDifference, type Difference } from '../../lib/simulation/statistics';
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
 * By availability; where that is the same by calls lost, then by the bound of false failovers, then by cost. Minutes
 * that nobody can tell apart would otherwise keep all that follows from ever being asked. Those whose minutes cannot be
 * told from the best of them share its rank: their order is noise.
 *
 * @param evaluated the first is the yardstick
 */
export function rank(evaluated: readonly Evaluated[], seed: number): Ranked[] {
  const rows = unranked(evaluated, seed).sort(inOrderOfPreference);
  const tallies = new Map(evaluated.map(({ strategy, tally }) => [strategy, tally]));
  const ranks: number[] = [];
  for (const [index, { strategy }] of rows.entries()) {
    const best = ranks.at(-1) ?? 1;
    const [own, others] = [tallies.get(strategy), tallies.get(rows[best - 1]?.strategy ?? strategy)];
    ranks.push(own === undefined || others === undefined || canBeTold(own, others) ? index + 1 : best);
  }
  return rows.map((row, index) => {
    const own = ranks[index] ?? index + 1;
    return { rank: own, sharesRank: ranks.filter((each) => each === own).length > 1, ...row };
  });
}

/** Whether so many years tell the minutes lost apart. What was never run is told from what was. */
function canBeTold(one: Tally, other: Tally): boolean {
  if (one.unserved.length !== other.unserved.length) return true;
  const difference = minutesMore(one, other);
  return difference !== null && Math.abs(difference.mean) > difference.within95;
}

/** `3`, or `3 =` where others share it; null where strategies stand as they were listed. */
export function rankText({ rank: own, sharesRank }: Ranked): string | null {
  if (own === null) return null;
  return sharesRank ? `${own} =` : String(own);
}

/** As they were listed: each is one step from its neighbour, and none is the best. */
export function asListed(evaluated: readonly Evaluated[], seed: number): Ranked[] {
  return unranked(evaluated, seed).map((row) => ({ rank: null, sharesRank: false, ...row }));
}

type Unranked = Omit<Ranked, 'rank' | 'sharesRank'>;

function unranked(evaluated: readonly Evaluated[], seed: number): Unranked[] {
  const yardstick = evaluated[0]?.tally;
  return evaluated.map(({ strategy, tally }) => ({
    strategy,
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

/** Each a number of which less is better. What is not known comes last. */
const CRITERIA: readonly ((row: Unranked) => number | null)[] = [
  ({ figures }) => asTold(figures.minutesLostPerVipYear, DECIMALS.minutesLost),
  ({ figures }) => asTold(figures.callsLostPerVipYear, DECIMALS.callsLost),
  ({ figures }) => asTold(figures.falseFailoversPer1000YearsUpper95, DECIMALS.falseFailovers),
  ({ usd }) => asTold(usd, DECIMALS.usd),
];

function asTold(value: number | null, decimals: number): number | null {
  return value === null ? null : Math.round(value * 10 ** decimals);
}

function inOrderOfPreference(one: Unranked, other: Unranked): number {
  for (const criterion of CRITERIA) {
    const [a, b] = [criterion(one) ?? Number.MAX_VALUE, criterion(other) ?? Number.MAX_VALUE];
    if (a !== b) return a - b;
  }
  return 0;
}
