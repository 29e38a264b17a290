/** The shortest way to a violation that was found: fewer faults, and no time after it. */
import type { ScheduledFault } from './faults/fault';
import type { RunResult, Violation } from './results';
import type { Scenario } from './scenario';

export interface Shrunk {
  faults: readonly ScheduledFault[];
  /** The run that still breaks the same invariant. */
  result: RunResult;
  /** How many runs it took. */
  runs: number;
}

type Run = (scenario: Scenario, options: { faults: readonly ScheduledFault[] }) => Promise<RunResult>;

const HOUR_MS = 3_600_000;
/** Mostly it is the last hour that matters. */
const WINDOWS_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS] as const;
/** What happened before a violation cannot be later than it. */
const AFTERWARDS_MS = 2_000;

/** @param most runs at most; the best found until then is the answer. null when the violation does not come again */
export async function shrink(
  scenario: Scenario,
  faults: readonly ScheduledFault[],
  violation: Violation,
  run: Run,
  most = 60,
): Promise<Shrunk | null> {
  const shorter: Scenario = { ...scenario, durationMs: Math.min(scenario.durationMs, violation.atMs + AFTERWARDS_MS) };
  let runs = 0;
  const tryWith = async (fewer: readonly ScheduledFault[]): Promise<Shrunk | null> => {
    runs += 1;
    const result = await run(shorter, { faults: fewer });
    const again = result.violations.some(({ invariant }) => invariant === violation.invariant);
    return again ? { faults: fewer, result, runs } : null;
  };
  const before = faults.filter(({ atMs }) => atMs <= violation.atMs);
  let best = await tryWith(before);
  if (best === null) return null;
  for (const windowMs of WINDOWS_MS) {
    const recent = before.filter(({ atMs }) => atMs >= violation.atMs - windowMs);
    if (recent.length === before.length) break;
    const found = await tryWith(recent);
    if (found === null) continue;
    best = found;
    break;
  }
  for (let index = 0; index < best.faults.length && runs < most;) {
    const found: Shrunk | null = await tryWith(best.faults.filter((_, other) => other !== index));
    if (found === null) index += 1;
    else best = found;
  }
  return { ...best, runs };
}
