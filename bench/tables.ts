/** The results as Markdown tables for docs/performance.md. Pure. */
import { PHASE_NAMES } from '../local/demo/phases';
import type { Report } from '../local/demo/report';
import type { FunctionStart } from './functions';
import { distributionOf } from './statistics';

/** One world that was measured. */
export interface Measured {
  /** `emulator` or `aws`: whether latencies like AWS's were injected. */
  latency: string;
  reports: Report[];
  /** Seconds of each part until the cluster was ready. */
  partsMs: Record<string, number>;
}

export interface BenchResult {
  node: string;
  cpu: string;
  cores: number;
  startedAt: string;
  worlds: Measured[];
  functions: FunctionStart[];
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [row(head), row(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(row)].join('\n');
}

/** Milliseconds from the fault: min, median, p90, p99, max of each phase and of the caller's outage. */
export function failoverTable(reports: readonly Report[]): string {
  const lines: [string, number[]][] = [
    ...PHASE_NAMES.map((name): [string, number[]] => [name, numbers(reports.map((report) => report.phasesMs[name]))]),
    ['caller unserved', numbers(reports.map((report) => report.callerOutageMs))],
  ];
  const rows = lines.flatMap(([name, values]) => {
    const found = distributionOf(values);
    return found === null ? [] : [[name, found.count, found.min, found.median, found.p90, found.p99, found.max]];
  });
  return table(['ms from the fault', 'runs', 'min', 'median', 'p90', 'p99', 'max'], rows);
}

const numbers = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/** The whole page's figures. */
export function markdown(result: BenchResult): string {
  const sections = result.worlds.flatMap(({ latency, reports, partsMs }) => {
    const faults = [...new Set(reports.map((report) => report.fault))];
    const title = latency === 'aws' ? "with latencies like AWS's" : 'the emulator as it is';
    return [
      ...faults.flatMap((fault) => {
        const ofFault = reports.filter((report) => report.fault === fault);
        const right = ofFault.filter((report) => report.asExpected).length;
        return [`### ${fault}, ${title}`, `${right} of ${ofFault.length} as expected.`, failoverTable(ofFault)];
      }),
      `### Parts of the start, ${title}`,
      table(
        ['part', 's'],
        Object.entries(partsMs).map(([name, ms]) => [name, (ms / 1000).toFixed(1)]),
      ),
    ];
  });
  const functions = table(
    ['function', 'bundle, KB', 'load, ms'],
    result.functions.map(({ name, bundleBytes, initMs }) => [name, Math.round(bundleBytes / 1000), initMs]),
  );
  const machine = `${result.startedAt}, ${result.cpu}, ${result.cores} cores, Node ${result.node}.`;
  return [machine, ...sections, '### Functions', functions].join('\n\n');
}
