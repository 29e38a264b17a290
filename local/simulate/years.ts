/** Years of one seed: each is a run of its own, and can be run again alone. */
import { Dice } from '../../lib/simulation/kernel/random';
import { YEAR_MS, type Scenario } from '../../lib/simulation/scenario';
import { SEEDS } from './arguments';

export interface Year {
  /** From 0. */
  year: number;
  scenario: Scenario;
}

export interface Span {
  seed: number;
  /** May be a fraction: the last run is then shorter than a year. */
  years: number;
  fromYear: number;
}

/** The seed of one year, whichever years are run beside it. */
export function seedOfYear(seed: number, year: number): number {
  return new Dice(seed, `year ${year}`).below(SEEDS);
}

export function yearsOf({ seed, years, fromYear }: Span, what: Omit<Scenario, 'seed' | 'durationMs'>): Year[] {
  return Array.from({ length: Math.ceil(years) }, (_, index) => {
    const year = fromYear + index;
    const durationMs = Math.round(Math.min(1, years - index) * YEAR_MS);
    return { year, scenario: { ...what, seed: seedOfYear(seed, year), durationMs } };
  });
}
