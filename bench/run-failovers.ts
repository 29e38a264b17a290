/** Many failovers on one world, one after the other. */
import type { Fault } from '../local/demo/facts';
import { judge } from '../local/demo/judge';
import { reportOf, type Report } from '../local/demo/report';
import type { World } from '../local/demo/world';

/** @param runs failovers for each kind of fault; a run that went wrong is in the result like any other */
export async function runFailovers(
  world: World,
  faults: readonly Fault[],
  runs: number,
  log: (line: string) => void,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const fault of faults) {
    for (let run = 1; run <= runs; run++) {
      await world.inject(fault);
      const facts = await world.waitForOutcome();
      const report = reportOf(facts, judge(facts));
      reports.push(report);
      log(`${fault} ${run}/${runs}: ${describe(report)}`);
      await world.reset();
    }
  }
  return reports;
}

function describe(report: Report): string {
  const served =
    report.callerOutageMs === null ? 'callers unserved' : `callers unserved for ${report.callerOutageMs} ms`;
  const verified = report.phasesMs.verified === null ? 'not verified' : `verified after ${report.phasesMs.verified} ms`;
  return report.asExpected ? `${verified}, ${served}` : `NOT as expected: ${report.unexpected.join('; ')}`;
}
