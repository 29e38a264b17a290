/** What somebody needs who reads that an invariant was broken. Pure. */
import { describeFault } from '../../lib/simulation/faults/fault';
import { VIOLATION_WORD, type RunResult, type Violation } from '../../lib/simulation/results';
import type { Shrunk } from '../../lib/simulation/shrink';
import type { Year } from './years';

/** Enough to see what led to it; the rest is in the trace of the replay. */
const LAST_LINES = 40;

export function violationText(seed: number, { year }: Year, result: RunResult, replay: string): string {
  return [
    `seed ${seed}, year ${year}: ${count(result.violations)}`,
    ...result.violations.map((violation) => `  ${lineOf(violation)}`),
    ...lastLines(result.trace),
    'replay it with',
    `  ${replay}`,
  ].join('\n');
}

/** Of a shorter run that breaks the same; null where it did not break again. */
export function shrunkText(shrunk: Shrunk | null): string {
  if (shrunk === null) return 'it did not break again without what came after: the same seed did not give the same run';
  const { faults, result, runs } = shrunk;
  return [
    `the shortest found, after ${runs} runs: ${faults.length} faults`,
    ...faults.map(({ atMs, fault }) => `  ${clock(atMs)} ${describeFault(fault)}`),
    ...result.violations.map((violation) => `  ${lineOf(violation)}`),
    ...lastLines(result.trace),
  ].join('\n');
}

function count({ length }: readonly Violation[]): string {
  return length === 1 ? 'an invariant was broken' : `invariants were broken ${length} times`;
}

function lineOf({ invariant, atMs, detail }: Violation): string {
  return `${invariant}, after ${clock(atMs)} (${atMs} ms): ${detail}`;
}

/** Up to the violation: a year goes on after it. */
function lastLines(trace: readonly string[]): string[] {
  const brokenAt = trace.findIndex((line) => line.includes(VIOLATION_WORD));
  const upTo = brokenAt === -1 ? trace.length : brokenAt + 1;
  const last = trace.slice(Math.max(0, upTo - LAST_LINES), upTo);
  return [`${last.length} events up to it, of ${trace.length}:`, ...last.map((line) => `  ${line}`)];
}

/** Days and time of day since the beginning. */
function clock(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return `${days} d ${new Date(ms % 86_400_000).toISOString().slice(11, 23)}`;
}
