/** The cases of one exploration: the same in each of its processes. Pure. */
import { allCases, type Case } from '../../lib/simulation/explorer/explore';
import { drawPairs, pairOf } from '../../lib/simulation/explorer/pairs';
import { Dice } from '../../lib/simulation/kernel/random';
import type { ExploreOptions } from './explore-options';

export type Wanted = Omit<ExploreOptions, 'jobs'>;

export interface NumberedCase {
  each: Case;
  /** Of a pair, or among the thorough cases; null: of the others, which their words name. */
  number: number | null;
}

/** Some minutes of two cores. */
const SOME_PAIRS = 1_000;

export function casesOf(wanted: Wanted): NumberedCase[] {
  const { seed, state, thorough, pairs, cases, case: only } = wanted;
  if (thorough) return thoroughCases(wanted);
  if (!pairs) return allCases(false, state).map((each) => ({ each, number: null }));
  const numbers = only === undefined ? drawPairs(seed, cases ?? SOME_PAIRS, state) : [only];
  return numbers.flatMap((number) => {
    const each = pairOf(seed, number);
    return each === null ? [] : [{ each, number }];
  });
}

/** They are numbered whatever state is asked for. */
function thoroughCases({ seed, state, cases, case: only, shifted }: Wanted): NumberedCase[] {
  const numbered = allCases(true).map((each, number): NumberedCase => ({ each, number }));
  const all = shifted ? numbered.filter(({ each }) => each.fault !== null).map((each) => shift(seed, each)) : numbered;
  if (only !== undefined) return all.filter(({ number }) => number === only);
  const among = all.filter(({ each }) => each.prelude.state.includes(state));
  if (cases === undefined) return among;
  return new Dice(seed, 'thorough').someBelow(cases, among.length).flatMap((index) => among[index] ?? []);
}

/** From before most of what the state does is begun to after most of it is done. */
const SHIFTED_MS = { least: -600, most: 6_000 };

function shift(seed: number, { each, number }: NumberedCase): NumberedCase {
  const { least, most } = SHIFTED_MS;
  return { each: { ...each, laterMs: Math.round(new Dice(seed, `shift of ${number}`).between(least, most)) }, number };
}
