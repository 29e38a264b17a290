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
  /** Of each strategy: fewer than were asked for when it was stopped. */
  years: number;
  violations: number;
  /** Years that came to no result, of whichever strategy: they are in no figure. */
  lostYears: number;
}

interface Task extends Year {
  evaluated: Evaluated;
}

/** Year by year, each for all strategies, so that a run that is stopped has compared the same years of all. */
export async function evaluate(
  options: EvaluateOptions,
  { runners, say, nowMs, stop }: Surroundings,
): Promise<Evaluation> {
  const evaluated = options.strategies.map((strategy) => ({ strategy, tally: new Tally() }));
  const tasks = evaluated.flatMap((each) => tasksOf(each, options)).sort((one, other) => one.year - other.year);
  let round: (() => void)[] = [];
  let rounds = 0;
  const progress = new Progress(tasks.length, nowMs, say);
  const standing = { failovers: 0, violations: 0, lost: 0 };

  const take = (task: Task, outcome: Outcome): void => {
    const { strategy, tally } = task.evaluated;
    round.push(() => outcome.kind === 'ran' && tally.add(outcome.result));
    if (round.length === evaluated.length) {
      for (const count of round) count();
      round = [];
      rounds += 1;
    }
    const replay = `npm run evaluate -- --set ${options.set} --only ${strategy.id} ${yearArguments(options, task)}`;
    if (outcome.kind === 'lost') {
      standing.lost += 1;
      say(`${strategy.id}, seed ${options.seed}, year ${task.year} came to no result: ${outcome.reason}\n  ${replay}`);
      return;
    }
    const { result } = outcome;
    standing.violations += result.violations.length;
    standing.failovers += result.changes.filter(({ kind }) => kind === 'failover').length;
    if (result.violations.length > 0) say(`${strategy.id}: ${violationText(options.seed, task, result, replay)}`);
  };
  const deliver = (task: Task, outcome: Outcome): void => {
    take(task, outcome);
    progress.step(standing);
  };
  await runInOrder(tasks, runners, false, deliver, stop);
  if (round.length > 0) say(`${round.length} runs of a year that not all strategies have lived are in no figure`);
  return {
    rows: SETS[options.set].arrange(evaluated, options.seed),
    years: Math.min(rounds, options.years),
    violations: standing.violations,
    lostYears: standing.lost,
  };
}

function tasksOf(evaluated: Evaluated, options: SharedOptions): Task[] {
  const { shape, policy } = evaluated.strategy;
  const scenario = { shape, policy: effectivePolicy(policy), ...weatherOf(options), everySecond: false };
  return yearsOf(options, scenario).map((year) => ({ ...year, evaluated }));
}
