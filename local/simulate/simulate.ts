/** Years of one cluster: told as they go, written down, added up. */
import { Tally, type Figures } from '../../lib/simulation/figures';
import type { Violation } from '../../lib/simulation/results';
import type { Scenario } from '../../lib/simulation/scenario';
import type { Shrunk } from '../../lib/simulation/shrink';
import { replayCommand, scenarioOf, type SimulateOptions } from './options';
import { TraceFile, writeJson } from './output-files';
import { Progress } from './progress';
import { runInOrder, type Outcome } from './run-in-order';
import type { Surroundings } from './surroundings';
import { shrunkText, violationText } from './violation-text';
import { yearsOf, type Year } from './years';

/** Looks for the shortest run that breaks the same invariant; null where it does not break again. */
export type Shrink = (failed: Scenario, violation: Violation) => Promise<Shrunk | null>;

export interface Simulated {
  figures: Figures;
  /** Years that came to no result: they are in no figure. */
  lostYears: number[];
}

/** More than these are alike, or help nobody. */
const MAX_TOLD = 5;

/** @param shrink without it a violation is told as it was found */
export async function simulate(
  options: SimulateOptions,
  { runners, say, nowMs, stop }: Surroundings,
  shrink?: Shrink,
): Promise<Simulated> {
  const years = yearsOf(options, scenarioOf(options));
  const tally = new Tally();
  const violating: { year: Year; violation: Violation }[] = [];
  const lostYears: number[] = [];
  const progress = new Progress(years.length, nowMs, say);
  const trace = options.trace === undefined ? null : new TraceFile(options.trace);

  const take = (year: Year, outcome: Outcome): void => {
    if (outcome.kind === 'lost') {
      lostYears.push(year.year);
      say(`seed ${options.seed}, year ${year.year} came to no result: ${outcome.reason}`);
      say(`  ${replayCommand(options, year)}`);
      return;
    }
    const { result } = outcome;
    tally.add(result);
    trace?.write(year.year, result.trace);
    const [violation] = result.violations;
    if (violation === undefined) return;
    violating.push({ year, violation });
    if (violating.length <= MAX_TOLD) say(violationText(options.seed, year, result, replayCommand(options, year)));
    else say(`seed ${options.seed}, year ${year.year}: ${violation.invariant}`);
  };
  try {
    const deliver = (year: Year, outcome: Outcome): void => {
      take(year, outcome);
      progress.step({ failovers: tally.failovers, violations: tally.violations, lost: lostYears.length });
    };
    await runInOrder(years, runners, trace !== null, deliver, stop);
  } finally {
    trace?.close();
  }
  const figures = tally.figures(options.seed);
  if (options.json !== undefined) writeJson(options.json, { ...figures, lostYears, under: conditionsOf(options) });
  const [first] = violating;
  if (first !== undefined && shrink !== undefined && stop?.aborted !== true) {
    say(`looking for the shortest run that breaks the same in year ${first.year.year}`);
    say(shrunkText(await shrink(first.year.scenario, first.violation)));
  }
  return { figures, lostYears };
}

/** Under what the figures hold. */
function conditionsOf(options: SimulateOptions): object {
  const { fromYear, preset, shape, policy, loss, burst, faults, kinds, everySecond } = options;
  return { fromYear, preset, shape, policy, loss, burst, faults, kinds, everySecond };
}
