/** Strategies with years that somebody made up. */
import { Tally } from '../../../lib/simulation/figures';
import type { RunResult } from '../../../lib/simulation/results';
import type { Evaluated } from '../../../local/evaluate/ranking';
import { STRATEGIES } from '../../../local/evaluate/strategies';

export function evaluated(id: string, ...years: readonly RunResult[]): Evaluated {
  const strategy = STRATEGIES.find((each) => each.id === id);
  if (strategy === undefined) throw new Error(`no strategy '${id}'`);
  const tally = new Tally();
  for (const year of years) tally.add(year);
  return { strategy, tally };
}
