/**
 * Goes through every state that a VIP can be in, every single fault in it, and an end of the failover function at
 * everything that it writes down of the transition that is under way: before it is written, and after. Exhaustive and
 * small: each case is a run of minutes that must come to rest with its callers served.
 */
import type { Fault, NextFault } from '../faults/fault';
import { costsNoCall } from '../invariants/struck';
import type { RunResult } from '../results';
import type { RunOptions } from '../run';
import type { Scenario } from '../scenario';
import { writtenBeside, type End, type Written } from '../world/ends';
import { FAULTS } from './faults';
import { at, PRELUDES, type Prelude, type Strikes } from './preludes';

export interface Case {
  prelude: Prelude;
  /** null: nothing more befalls it. */
  fault: Fault | null;
  /** So long after the moment of the prelude, or before it, does the fault strike. */
  laterMs?: number;
  /** And then this one. */
  second?: NextFault;
  /** The failover function ends here; null: it does not. */
  crash: End | null;
}

export interface Finding {
  what: string;
  violations: string[];
  trace: string[];
}

type Run = (scenario: Scenario, options: RunOptions) => Promise<RunResult>;

/**
 * Every state with every fault, and with an end at everything that is written. What was done and not written down is the
 * dangerous end: at the steps of a pair that fails over as it comes, and at what is beside them where the prelude says
 * so, it meets every fault, too. What was written down is the beginning of the next step.
 * @param isThorough every end, before and after, meets every fault, in every state: an hour in place of minutes
 * @param words only of states whose name has these
 */
export function allCases(isThorough = false, words = ''): Case[] {
  return PRELUDES.filter(({ state }) => state.includes(words)).flatMap((prelude) => {
    const { steps, withoutCalls = false } = prelude;
    const everything = [...steps, ...writtenBeside(steps).filter((each) => !withoutCalls || each !== 'calls')];
    const ends = (moment: End['moment'], at: readonly Written[]): End[] => at.map((written) => ({ written, moment }));
    const all = [...ends('before', everything), ...ends('after', everything)];
    const isPlain = prelude.shape === undefined && 'atMs' in prelude.strikes;
    const dangerous = ends('before', prelude.crossesAll === true ? everything : isPlain ? steps : []);
    const beside = (fault: Fault | null, among: readonly End[]): Case[] =>
      [null, ...among].map((crash) => ({ prelude, fault, crash }));
    return [
      ...beside(null, all),
      ...FAULTS.flatMap((fault) => beside(fault, isThorough ? all : dangerous)),
      ...(prelude.faultsBeside ?? []).flatMap((fault) => beside(fault, isThorough ? all : [])),
    ];
  });
}

export function wordsOf({ prelude, fault, laterMs, second, crash }: Case): string {
  const when = laterMs === undefined ? '' : ` (${laterMs} ms later)`;
  const then = second === undefined ? '' : `, and ${second.afterMs} ms later ${JSON.stringify(second.fault)}`;
  const what = fault === null ? 'nothing more' : `${JSON.stringify(fault)}${when}${then}`;
  const end = crash === null ? '' : `, the failover function ends ${crash.moment} "${crash.written}" is written`;
  return `${prelude.state}; ${what}${end}`;
}

/** A stop that is waited for says no more after minutes than after half of one. */
const STOP_MS = [20_000, 40_000] as const;

/** Its transition is decided, and its first steps are done, a moment before the fault strikes. */
const STATE_BEGINS_MS = 2_000;

/** How long a case may take for each of its faults: two failovers, their stops and starts, and on-call's ten minutes. */
const CASE_MS = 45 * 60_000;

/**
 * What no invariant forbids and nothing here excuses: a holder left that was well, calls lost though nothing kept them
 * from being taken up. Those of a planned move are asked for in every run, whatever befalls it: `PLANNED_MOVE_INVARIANT`.
 */
function wrongChanges({ changes, faults: struck }: RunResult, faults: readonly Fault[]): string[] {
  const isPair = faults.length > 1;
  // What was rebuilt before a drain ends by itself in it; most are refused.
  const [costly, ...moreCostly] = faults.filter(
    (fault) => !costsNoCall(fault) || (fault.kind === 'drain' && struck.drain !== undefined),
  );
  return changes.flatMap(({ vipId, epoch, kind, cause, struckBy, recoveredAgoMs, callsBefore, callsLost }) => {
    const name = `${vipId}#${epoch} (${kind}, ${cause})`;
    // Of two faults one may be over just when the other lets a majority speak: late, and not wrong.
    const isLate = isPair && recoveredAgoMs !== null;
    const isFalse = kind === 'failover' && struckBy === 'nothing' && !isLate;
    const isCutOff = costly?.kind === 'isolation' && struckBy === 'isolation' && cause === 'suspected-death';
    const isKept = costly === undefined || (isCutOff && moreCostly.length === 0);
    return [
      ...(isFalse ? [`${name}: nothing ailed the old holder`] : []),
      ...(isKept && callsLost > 0 ? [`${name}: ${callsLost} of ${callsBefore} calls lost`] : []),
    ];
  });
}

const moved = (strikes: Strikes, byMs: number): Strikes =>
  'atMs' in strikes
    ? { atMs: Math.max(0, strikes.atMs + byMs) }
    : { ...strikes, afterMs: Math.max(0, strikes.afterMs + byMs) };

export interface Explored {
  /** null when everything held, and the run came to rest. */
  finding: Finding | null;
  /** The failover function ended where the case says; under a fault it may never have come there. null: it was not to. */
  ended: boolean | null;
  /** Edges of the state machines that were taken, by id. */
  edges: string[];
}

export async function explore(
  base: Omit<Scenario, 'seed' | 'durationMs'>,
  each: Case,
  seed: number,
  run: Run,
): Promise<Explored> {
  const { prelude, fault, second, crash } = each;
  const strikes = moved(prelude.strikes, each.laterMs ?? 0);
  const befalls = [...(fault === null ? [] : [fault]), ...(second === undefined ? [] : [second.fault])];
  const atMs = (index: number): number => (index === 0 ? 0 : (second?.afterMs ?? 0));
  const struckAt = 'atMs' in strikes ? befalls.map((one, index) => at(strikes.atMs + atMs(index), one)) : [];
  const scenario: Scenario = {
    ...base,
    shape: prelude.shape ?? base.shape,
    policy: { ...base.policy, ...prelude.policy },
    seed,
    durationMs: CASE_MS * Math.max(1, befalls.length),
    stopMs: STOP_MS,
  };
  const result = await run(scenario, {
    faults: [...prelude.faults, ...struckAt],
    ...('edge' in strikes ? { cue: { ...strikes, fault, ...(second && { second }) } } : {}),
    ...(crash === null ? {} : { crash }),
    untilRest: true,
  });
  const violations = result.violations.map(({ invariant, detail }) => `${invariant}: ${detail}`);
  if (!result.atRest) violations.push(`not at rest after ${Math.round(result.ranForMs / 60_000)} minutes`);
  if ('edge' in strikes && !result.edges.includes(strikes.edge))
    violations.push(`${strikes.edge} was never taken: this case tested nothing`);
  violations.push(...wrongChanges(result, befalls));
  const { crashedAtMs } = result;
  if (crash !== null && fault === null) {
    const where = `"${crash.written}"`;
    if (crashedAtMs === null)
      violations.push(`the failover function never came to write ${where}: this case tested nothing`);
    else if ('atMs' in strikes && crashedAtMs < strikes.atMs - STATE_BEGINS_MS)
      violations.push(`the failover function ended at ${where} before the state began: this case tested another one`);
  }
  const finding = violations.length === 0 ? null : { what: wordsOf(each), violations, trace: result.trace };
  return { finding, ended: crash === null ? null : crashedAtMs !== null, edges: result.edges };
}
