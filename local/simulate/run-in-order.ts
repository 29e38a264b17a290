/** Many scenarios on several runners, told in the order they were given, whoever was done first. */
import { describeError } from '../../lib/domain/errors';
import type { RunResult } from '../../lib/simulation/results';
import type { Scenario } from '../../lib/simulation/scenario';
import type { Runner } from './runner';

/** `lost`: it came to no result, and why. */
export type Outcome = { kind: 'ran'; result: RunResult } | { kind: 'lost'; reason: string };

/**
 * Each runner takes the next scenario when it is free, so that a long one holds nobody up. Outcomes that are early wait
 * for those before them. Stops the runners at the end, and where `deliver` throws. After `stop` no further one is taken,
 * and those under way are told.
 */
export async function runInOrder<T extends { scenario: Scenario }>(
  tasks: readonly T[],
  runners: readonly Runner[],
  keepTrace: boolean,
  deliver: (task: T, outcome: Outcome) => void,
  stop?: AbortSignal,
): Promise<void> {
  const early = new Map<T, Outcome>();
  const untaken = [...tasks];
  const undelivered = [...tasks];

  const deliverWhatIsDue = (): void => {
    for (let next = undelivered[0]; next !== undefined; next = undelivered[0]) {
      const outcome = early.get(next);
      if (outcome === undefined) return;
      early.delete(next);
      undelivered.shift();
      deliver(next, outcome);
    }
  };
  const work = async (runner: Runner): Promise<void> => {
    for (let task = untaken.shift(); task !== undefined && stop?.aborted !== true; task = untaken.shift()) {
      early.set(task, await outcomeOf(task.scenario, runner, keepTrace));
      deliverWhatIsDue();
    }
  };
  try {
    await Promise.all(runners.map(work));
  } finally {
    // Where `deliver` threw, the runs that end because of the stop are nobody's business any more.
    untaken.length = 0;
    undelivered.length = 0;
    for (const runner of runners) runner.stop();
  }
}

async function outcomeOf(scenario: Scenario, runner: Runner, keepTrace: boolean): Promise<Outcome> {
  try {
    return { kind: 'ran', result: await runner.run({ scenario, keepTrace }) };
  } catch (error) {
    return { kind: 'lost', reason: describeError(error) };
  }
}
