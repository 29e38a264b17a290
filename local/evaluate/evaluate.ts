/** Strategies over the same years: run, told as they go, ranked. */
import { effectivePolicy } from '../../lib/config/effective-policy';
import { Tally } from '../../lib/simulation/figures';
import { weatherOf, yearArguments, type SharedOptions } from '../simulate/options';
import { Progress } from '../simulate/progress';
import { runInOrder, type Outcome } from '../simulate/run-in-order';
import type { Surroundings } from '../simulate/surroundings';
import { violationText } from '../simulate/violation-text';
import { yearsOf, type Year } from '../simulate/years';
import type { EvaluateOptions } from './options';
import type { Evaluated, Ranked } from './ranking';
import { SETS } from './sets';

export interface Evaluation {
  rows: Ranked[];
  violations: number;
  /** Years that came to no result, of whichever strategy: they are in no figure. */
  lostYears: number;
}

interface Task extends Year {
  evaluated: Evaluated;
}

export async function evaluate(options: EvaluateOptions, { runners, say, nowMs }: Surroundings): Promise<Evaluation> {
  const evaluated = options.strategies.map((strategy) => ({ strategy, tally: new Tally() }));
  const tasks = evaluated.flatMap((each) => tasksOf(each, options));
  const progress = new Progress(tasks.length, nowMs, say);
  const standing = { failovers: 0, violations: 0, lost: 0 };

  const take = (task: Task, outcome: Outcome): void => {
    const { strategy, tally } = task.evaluated;
    const replay = `npm run evaluate -- --set ${options.set} --only ${strategy.id} ${yearArguments(options, task)}`;
    if (outcome.kind === 'lost') {
      standing.lost += 1;
      say(`${strategy.id}, seed ${options.seed}, year ${task.year} came to no result: ${outcome.reason}\n  ${replay}`);
      return;
    }
    const { result } = outcome;
    tally.add(result);
    standing.violations += result.violations.length;
    standing.failovers += result.changes.filter(({ kind }) => kind === 'failover').length;
    if (result.violations.length > 0) say(`${strategy.id}: ${violationText(options.seed, task, result, replay)}`);
  };
  await runInOrder(tasks, runners, false, (task, outcome) => {
    take(task, outcome);
    progress.step(standing);
  });
  return {
    rows: SETS[options.set].arrange(evaluated, options.seed),
    violations: standing.violations,
    lostYears: standing.lost,
  };
}

function tasksOf(evaluated: Evaluated, options: SharedOptions): Task[] {
  const { shape, policy } = evaluated.strategy;
  const scenario = { shape, policy: effectivePolicy(policy), ...weatherOf(options), everySecond: false };
  return yearsOf(options, scenario).map((year) => ({ ...year, evaluated }));
}
