/** Results as figures and as a table. Pure. */
import Table from 'cli-table3';
import type { ScenarioResult } from './result';

export interface Summary {
  name: string;
  runs: number;
  passed: number;
  /** Medians over the runs. */
  figures: Record<string, number>;
  failed: string[];
}

/** One line for each scenario, however often it was run. */
export function medians(results: readonly ScenarioResult[]): Summary[] {
  const names = [...new Set(results.map(({ name }) => name))];
  return names.map((name) => {
    const runs = results.filter((result) => result.name === name);
    const figureNames = [...new Set(runs.flatMap(({ figures }) => Object.keys(figures)))];
    const figures = figureNames.map((figure) => [figure, median(runs.flatMap((run) => run.figures[figure] ?? []))]);
    const failed = runs.flatMap(({ checks, error }) => [
      ...checks.filter(({ holds }) => !holds).map(({ what, saw }) => `${what}: ${saw}`),
      ...(error === null ? [] : [error]),
    ]);
    return {
      name,
      runs: runs.length,
      passed: runs.filter(({ passed }) => passed).length,
      figures: Object.fromEntries(figures) as Record<string, number>,
      failed,
    };
  });
}

export function tableOf(summaries: readonly Summary[]): string {
  const table = new Table({ head: ['scenario', 'passed', 'figures (ms)', 'failed'], style: { head: [], border: [] } });
  for (const { name, runs, passed, figures, failed } of summaries) {
    const lines = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
    table.push([name, `${passed} of ${runs}`, lines.join('\n'), failed.join('\n')]);
  }
  return table.toString();
}

/** The lower one of two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
