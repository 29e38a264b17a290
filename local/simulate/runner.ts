/** Somebody who runs scenarios, one at a time. */
import type { RunResult } from '../../lib/simulation/results';
import type { Scenario } from '../../lib/simulation/scenario';

export type Run = (scenario: Scenario) => Promise<RunResult>;

export interface Order {
  scenario: Scenario;
  /** Whether the trace is wanted of runs without a violation, too: it is most of a result. */
  keepTrace: boolean;
}

export interface Runner {
  /** Rejects where the run came to no result: then nothing is known about it. */
  run(order: Order): Promise<RunResult>;
  stop(): void;
}

/** In this process, on one core. */
export function inProcess(run: Run): Runner {
  return { run: (order) => obey(order, run), stop: () => undefined };
}

export async function obey({ scenario, keepTrace }: Order, run: Run): Promise<RunResult> {
  const result = await run(scenario);
  return keepTrace || result.violations.length > 0 ? result : { ...result, trace: [] };
}
