/** The cases of one exploration: the same in each of its processes. Pure. */
import { allCases, type Case } from '../../lib/simulation/explorer/explore';
import { drawPairs, pairOf } from '../../lib/simulation/explorer/pairs';
import type { ExploreOptions } from './explore-options';

export type Wanted = Omit<ExploreOptions, 'jobs'>;

export interface NumberedCase {
  each: Case;
  /** Of a pair; null: a single fault, which its words name. */
  number: number | null;
}

export function casesOf({ seed, state, thorough, pairs, cases, case: only }: Wanted): NumberedCase[] {
  if (!pairs) return allCases(thorough, state).map((each) => ({ each, number: null }));
  const numbers = only === undefined ? drawPairs(seed, cases, state) : [only];
  return numbers.flatMap((number) => {
    const each = pairOf(seed, number);
    return each === null ? [] : [{ each, number }];
  });
}
